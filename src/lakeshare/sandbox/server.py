"""
The sandbox as an HTTP server: ``Sandbox`` on a thread of its own, ``serve`` until a signal.

    with Sandbox() as box:
        glue = boto3.client("glue", endpoint_url=box.endpoint_url, aws_access_key_id="111111111111", ...)
"""

from __future__ import annotations

import asyncio
import errno
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web
from multidict import CIMultiDict

from lakeshare.sandbox import moto_bridge
from lakeshare.sandbox.clock import Clock
from lakeshare.sandbox.front import Front, HangUpError
from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.world import World

T = TypeVar("T")


class PortTakenError(OSError):
    """Another program listens where the sandbox was told to."""


def serve(host: str, port: int, ready: Callable[[str], None], switches: Mapping[str, str] | None = None) -> None:
    """
    Serve on *host* and *port* (0: any free one) until SIGINT or SIGTERM.

    *ready* is told the endpoint's URL once it answers; *switches* are positions of switches that no reset changes.
    Raises PortTakenError, and UnexpectedError for a switch or a position that there is not.
    """
    switched = _checked(switches)

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        async with _listening(Front(World(switched)), host, port) as url:
            ready(url)
            await stop.wait()

    asyncio.run(run())


class Sandbox:
    """
    A sandbox in this process, on a thread of its own, while the context lasts.

    One at a time: moto's state, which holds objects and roles, belongs to the whole interpreter. *switches* are the
    positions of switches that no reset changes (UnexpectedError for one that there is not).
    """

    _only = threading.Lock()

    def __init__(self, port: int = 0, host: str = "127.0.0.1", switches: Mapping[str, str] | None = None) -> None:
        self._address = (host, port)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self.world = World(_checked(switches))
        self.endpoint_url = ""

    def __enter__(self) -> Self:
        if not self._only.acquire(blocking=False):
            raise RuntimeError("another Sandbox is open in this process; close it first")
        moto_bridge.reset()
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            self._only.release()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        moto_bridge.reset()
        self._only.release()

    @property
    def clock(self) -> Clock:
        """The sandbox's clock; a reset makes a new one."""
        return self.world.clock

    def reset(self) -> None:
        """Empty the world."""
        self._await(self._front.reset())

    def seed(self, **asked: Any) -> dict[str, Any]:
        """Add a Connect instance and its lake; see ``seed.seed`` for what can be asked."""
        return self._await(self._front.seed(**asked))

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        async def run() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._front = Front(self.world)
            async with _listening(self._front, *self._address) as self.endpoint_url:
                self._started.set()
                await self._stop.wait()

        try:
            asyncio.run(run())
        except BaseException as failure:  # noqa: BLE001 - told to the thread that waits in __enter__
            self._failure = failure
            self._started.set()


def _checked(switches: Mapping[str, str] | None) -> Mapping[str, str]:
    if not switches:
        return {}  # to know them all takes importing every service
    from lakeshare.sandbox.switches import read_switches

    return read_switches(dict(switches))


@asynccontextmanager
async def _listening(front: Front, host: str, port: int) -> AsyncIterator[str]:
    """Give the URL at which *front* answers, while it does."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _respond(front, request)

    # A body with a Content-Encoding (aws-chunked, a gzipped object) is the caller's and stays as it is.
    runner = web.ServerRunner(
        web.Server(handle, access_log=None, auto_decompress=False), handle_signals=False, shutdown_timeout=1
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await _start(site, host, port)
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
        front.close()


async def _start(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"port {port} on {host} is taken by another program") from None
        raise


async def _respond(front: Front, request: web.BaseRequest) -> web.StreamResponse:
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what was sent so far is no part of the answer

    try:
        body = await request.content.read()
    except ConnectionError:
        return web.Response()  # who asked has gone in the middle of asking, which is theirs to do
    try:
        answer = await front.answer(Request(request.method, request.raw_path, request.headers, body))
    except HangUpError:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()  # nobody is there to read it
    return web.Response(status=answer.status, headers=CIMultiDict(answer.headers), body=answer.body)
