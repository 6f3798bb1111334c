"""A loopback server that answers AWS calls as a test tells it to: a function from call to answer."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as it came over the wire; ``params`` are spelled as boto3 spells them."""

    service: str
    operation: str
    params: Mapping[str, Any]
    access_key: str
    region: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS says no."""

    code: str
    message: str = "no"
    status: int = 400


@dataclass(frozen=True, slots=True)
class Break:
    """The connection breaks without an answer."""


@dataclass(frozen=True, slots=True)
class Xml:
    """The inside of a query protocol's result element."""

    text: str


Answer = Mapping[str, Any] | Refusal | Break | Xml
Play = Callable[[Asked], Answer]


def identity(account_id: str, arn: str) -> Xml:
    return Xml(f"<Account>{account_id}</Account><Arn>{arn}</Arn><UserId>AIDA</UserId>")


def credentials(access_key: str, expiration: str = "2099-01-01T00:00:00Z") -> Xml:
    return Xml(
        f"<Credentials><AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>t</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
    )


@dataclass
class FakeEndpoint:
    """Answers every call with what *play* returns for it, and remembers what was asked."""

    play: Play
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def operations(self) -> list[str]:
        return [f"{asked.service}:{asked.operation}" for asked in self.asked]


class _Server(ThreadingHTTPServer):
    endpoint: FakeEndpoint
    daemon_threads = True
    request_queue_size = 64  # by default six connections at once are one too many


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = _read(self.path, dict(self.headers), body)
        self.server.endpoint.asked.append(asked)
        answer = self.server.endpoint.play(asked)
        if isinstance(answer, Break):
            self.close_connection = True
            return
        status, kind, text = _write(asked, answer)
        payload = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("x-amzn-RequestId", "request-1")
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        pass


def _read(path: str, headers: Mapping[str, str], body: bytes) -> Asked:
    signed = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", headers["Authorization"])
    assert signed is not None
    access_key, region, service = signed.groups()
    if "X-Amz-Target" in headers:
        operation, params = headers["X-Amz-Target"].rsplit(".", 1)[1], json.loads(body)
    elif headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        params = dict(parse_qsl(body.decode()))
        operation = params.pop("Action")
    else:
        operation, params = urlsplit(path).path.strip("/"), json.loads(body or b"{}")
    return Asked(service, operation, params, access_key, region, headers.get("User-Agent", ""))


def _write(asked: Asked, answer: Mapping[str, Any] | Refusal | Xml) -> tuple[int, str, str]:
    if isinstance(answer, Xml):
        name = asked.operation
        xml = f"<{name}Response><{name}Result>{answer.text}</{name}Result></{name}Response>"
        return 200, "text/xml", xml
    if isinstance(answer, Refusal):
        if asked.service in {"sts", "iam"}:
            error = f"<Error><Code>{answer.code}</Code><Message>{answer.message}</Message></Error>"
            return answer.status, "text/xml", f"<ErrorResponse>{error}<RequestId>request-1</RequestId></ErrorResponse>"
        return answer.status, "application/json", json.dumps({"__type": answer.code, "message": answer.message})
    return 200, "application/json", json.dumps(answer)
