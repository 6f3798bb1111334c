"""What a request means: a service, an operation, and the values that its path carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.wire.routes import match
from lakeshare.sandbox.wire.s3_host import path_style
from lakeshare.sandbox.wire.scope import Scope, read_scope

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Meant:
    """An operation, by its service model's name; ``GET /path`` where botocore knows none."""

    scope: Scope
    operation: str
    path_values: Mapping[str, str]

    @property
    def service(self) -> str:
        """The signing name."""
        return self.scope.service

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody signed."""
        return not self.scope.access_key


def meaning(request: Request) -> tuple[Meant, Request]:
    """Return what *request* means, and the request with S3's bucket in its path."""
    scope = read_scope(request)
    if scope.service == "s3":
        request = path_style(request)
    operation, values = _operation(scope.service, request)
    return Meant(scope, operation, values), request


def _operation(service: str, request: Request) -> tuple[str, Mapping[str, str]]:
    """Look in X-Amz-Target (json), Action (query), the path of Smithy's RPC, then in method and path (REST)."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], _NOTHING
    if service != "s3" and (action := request.form.get("Action")):
        return action, _NOTHING
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return request.path.rpartition("/")[2], _NOTHING
    found = match(service, request)
    return (found.operation, found.values) if found else (f"{request.method} {request.path}", _NOTHING)
