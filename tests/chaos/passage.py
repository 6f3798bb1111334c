"""A way to the sandbox on which calls are counted, and on which something may happen at one of them."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

Moment = Literal["before", "after", "passed"]
"""Of a call: it has not reached AWS; AWS has acted and nobody was told; the answer has just gone out."""

_READS = re.compile(r"get|list|describe|assume|head", re.IGNORECASE)


@dataclass(slots=True)
class Trap:
    """
    At the *nth* call (or writing call) that has *named* in its name *spring* is called; the call is lost at the
    moments before and after.
    """

    nth: int
    moment: Moment
    writes_only: bool
    named: str
    spring: Callable[[], None]
    sprung_at: str = ""
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def meets(self, name: str) -> bool:
        """Count a call; whether it is the one."""
        if (self.writes_only and not is_write(name)) or self.named not in name:
            return False
        with self.lock:
            self.seen += 1
            if self.seen != self.nth:
                return False
            self.sprung_at = name
        return True


def is_write(name: str) -> bool:
    """Whether a call by this name changes anything."""
    return _READS.match(name.rpartition("/")[2].rpartition(" ")[2]) is None and not name.startswith(("GET", "HEAD"))


class Passage:
    """Forwards HTTP to *endpoint_url* from a port of its own."""

    def __init__(self, endpoint_url: str) -> None:
        where = urlsplit(endpoint_url)
        self.host, self.port = where.hostname or "", where.port or 0
        handler = type("Handler", (_Handler,), {"passage": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.trap: Trap | None = None
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Passes on the calls of one connection; ``passage`` is filled in by the passage that makes the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    passage: Passage

    def setup(self) -> None:
        super().setup()
        self.beyond = http.client.HTTPConnection(self.passage.host, self.passage.port)

    def finish(self) -> None:
        self.beyond.close()
        super().finish()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # whoever called is no more

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trap = self.passage.trap
        met = trap if trap is not None and trap.meets(_name(self, body)) else None
        if met and met.moment == "before":
            self._lose(met)
            return
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"expect", "connection"}}
        self.beyond.request(self.command, self.path, body, headers)
        answer = self.beyond.getresponse()
        content = answer.read()
        if met and met.moment == "after":
            self._lose(met)
            return
        self._answer(answer, content)
        if met:
            met.spring()

    def _lose(self, trap: Trap) -> None:
        trap.spring()
        self.close_connection = True

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815 - as http.server calls them

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


def _name(request: BaseHTTPRequestHandler, body: bytes) -> str:
    """Return a short name of what is called; of S3's calls, method and path."""
    if target := request.headers.get("X-Amz-Target"):
        return target.replace(".", "/")
    if action := re.search(rb"(?:^|&)Action=(\w+)", body):
        return f"query/{action[1].decode()}"
    path = request.path.partition("?")[0]
    if re.fullmatch(r"/\w+", path) and request.command == "POST":
        return path  # Lake Formation and RAM name the operation in the path
    return f"{request.command} {re.sub('[0-9a-f-]{36}', 'ID', request.path)}"
