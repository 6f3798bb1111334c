"""One sandbox's view of moto, and the way for everybody else's calls to it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from lakeshare.sandbox.moto_bridge.data_catalogs import DataCatalogStore
from lakeshare.sandbox.moto_bridge.insides import LOCK, application
from lakeshare.sandbox.moto_bridge.keys import KeyStore
from lakeshare.sandbox.moto_bridge.objects import ObjectStore
from lakeshare.sandbox.moto_bridge.organisations import OrganisationStore
from lakeshare.sandbox.moto_bridge.principals import PrincipalStore, admit_aws_policy
from lakeshare.sandbox.wire.http import Answer, Request

# Connection-level headers are aiohttp's to write, and a body that has been read whole has no transfer encoding.
_HOP_BY_HOP = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})
_HANDLED_BEFORE = frozenset({"transfer-encoding", "expect"})


class Moto(DataCatalogStore, KeyStore, ObjectStore, OrganisationStore, PrincipalStore):
    """Identities, organisations, data catalogs, keys and objects, by account; and moto's own answers."""

    def wsgi(self) -> Callable[..., Iterable[bytes]]:
        """Return moto's WSGI application."""
        moto: Callable[..., Iterable[bytes]] = application()
        return moto

    def call(self, request: Request, account: str | None) -> Answer:
        """
        Let moto answer *request* as *account*; None leaves the account to moto.

        Blocks, so a worker thread is the place for it. NotImplementedError when moto does not have the operation.
        """
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            started.append((status, headers))

        with LOCK:
            environ = _environ(request, account)
            if account is not None and "PolicyArn" in request.form:
                admit_aws_policy(account, request.form["PolicyArn"])
            body = b"".join(application()(environ, start_response))
        status, headers = started[-1]
        # A HEAD's Content-Length speaks of a body that is not sent, so nobody else can write it.
        dropped = _HOP_BY_HOP - {"content-length"} if request.method == "HEAD" else _HOP_BY_HOP
        kept = tuple((name, value) for name, value in headers if name.lower() not in dropped)
        return Answer(int(status.split()[0]), kept, body)


def _environ(request: Request, account: str | None) -> dict[str, Any]:
    """Return the WSGI environment in which moto sees *request*."""
    host, _, port = request.headers.get("Host", "localhost").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path).encode().decode("latin-1"),
        "QUERY_STRING": request.target.partition("?")[2],
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **_header_variables(request),
        "CONTENT_LENGTH": str(len(request.body)),
    }
    if account is not None:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ


def _header_variables(request: Request) -> dict[str, Any]:
    """Spell headers as WSGI does; moto wants to know how the names of S3 metadata were spelt, underscores and all."""
    from moto.core.request import (
        PRESERVED_HEADER_NAMES_ENVIRON_KEY,
        environ_key_for_header,
        should_preserve_original_header_name,
    )

    named = {name: value for name, value in request.headers.items() if name.lower() not in _HANDLED_BEFORE}
    preserved = {environ_key_for_header(name): name for name in named if should_preserve_original_header_name(name)}
    return {
        **{environ_key_for_header(name): value for name, value in named.items()},
        PRESERVED_HEADER_NAMES_ENVIRON_KEY: preserved,
    }
