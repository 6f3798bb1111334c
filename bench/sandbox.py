"""
How fast the sandbox answers, on one core.

    python bench/sandbox.py [seconds]

The server runs in a process of its own, held to one core where the system can; the load is signed once and sent over
kept-alive connections by plain sockets, so that the client costs little and all of it is measured as the server's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import urlopen

CONNECTIONS = 8
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=111111111111/20260101/ap-southeast-2/{service}/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
)
_SERVE = """
import os, sys
if sys.argv[1:]:
    os.sched_setaffinity(0, {int(sys.argv[1])})
from lakeshare.sandbox.server import serve
serve("127.0.0.1", 0, lambda url: print(url, flush=True))
"""


def call(service: str, form: dict[str, str]) -> bytes:
    """One query-protocol call as it stands on the wire."""
    body = urlencode(form)
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: {_AUTHORIZATION.format(service=service)}\r\n\r\n"
    )
    return (head + body).encode()


CALLS = {
    "our STS GetCallerIdentity": call("sts", {"Action": "GetCallerIdentity", "Version": "2011-06-15"}),
    "moto's IAM ListAccountAliases": call("iam", {"Action": "ListAccountAliases", "Version": "2010-05-08"}),
    "moto's SNS ListTopics": call("sns", {"Action": "ListTopics", "Version": "2010-03-31"}),
}


@contextmanager
def server(*core: str) -> Iterator[tuple[str, float]]:
    """Run a sandbox in a process of its own, on one *core*; its URL, and the seconds until its health answered."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _SERVE, *core], stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        url = serving.stdout.readline().strip()
        with urlopen(f"{url}/_sandbox/health") as answer:  # noqa: S310 - our own loopback URL
            answer.read()
        yield url, time.perf_counter() - started
        serving.terminate()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send one request and read its answer to the end."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head[:16], head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


async def rate(url: str, request: bytes, seconds: float) -> float:
    """Calls a second over kept-alive connections."""
    host, port = url.removeprefix("http://").split(":")
    deadline = 0.0

    async def connection() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        done = 0
        while time.perf_counter() < deadline:
            await exchange(reader, writer, request)
            done += 1
        writer.close()
        return done

    deadline = time.perf_counter() + 1
    await connection()  # what is loaded on the first call is loaded now
    started = time.perf_counter()
    deadline = started + seconds
    done = sum(await asyncio.gather(*(connection() for _ in range(CONNECTIONS))))
    return done / (time.perf_counter() - started)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    core = []
    if hasattr(os, "sched_setaffinity"):  # the load takes the last core, the server the first
        first, *_, last = sorted(os.sched_getaffinity(0)) * 2
        os.sched_setaffinity(0, {last})
        core = [str(first)]
    with server(*core) as (url, ready_after):
        print(f"health answered after {ready_after:.2f} s")
        for name, request in CALLS.items():
            print(f"{name}: {asyncio.run(rate(url, request, seconds)):,.0f} calls/s")


if __name__ == "__main__":
    main()
