"""
How fast the sandbox answers on one core, against moto's own server in the same run.

    python bench/sandbox.py [seconds]

Each server runs in a process of its own, held to one core where the system can; the load is signed once and sent over
kept-alive connections by plain sockets from the other core, so that the client costs little and all of it is measured
as the server's.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count, repeat
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

CONNECTIONS = 8
MANY_CLIENTS = 64
FEW_GRANTS, MANY_GRANTS = 100, 100_000
MOTOS_MANY_GRANTS = 2_000
"""moto looks through all its grants at each one; with more of them the run would take hours."""
BATCH = 20
PATIENCE = 10.0
"""Seconds after which a call counts as not answered."""
ACCOUNT = "111111111111"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
TABLE = {"Table": {"DatabaseName": "sales", "Name": "orders"}}
_AUTHORIZATION = (
    f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/ap-southeast-2/{{service}}/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
)
_OURS = """
from lakeshare.sandbox.server import serve
serve("127.0.0.1", int(sys.argv[1]), lambda url: None)
"""
_MOTOS = """
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"""
_PINNED = """
import os, sys
if sys.argv[2:]:
    os.sched_setaffinity(0, {int(sys.argv[2])})
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server to be measured: the program that serves, the path of a page that says it is up, how much it bears."""

    name: str
    program: str
    health: str
    many_grants: int


SERVERS = (
    Server("lakeshare", _OURS, "/_sandbox/health", MANY_GRANTS),
    Server("moto", _MOTOS, "/moto-api/data.json", MOTOS_MANY_GRANTS),
)


@dataclass(slots=True)
class Run:
    """
    What a load met: how long each call took in seconds, how they were answered, and how long it all took.

    ``accepted`` counts by path those that were answered with 200.
    """

    seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    accepted: Counter[bytes] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.took) / self.seconds

    @property
    def failed(self) -> int:
        """How many calls were answered with anything but 200, or not at all."""
        return self.answers.total() - self.answers[200]


def query_call(service: str, form: dict[str, str]) -> bytes:
    """One call of the query protocol as it stands on the wire."""
    return _post("/", service, "application/x-www-form-urlencoded", urlencode(form), "")


def json_call(service: str, target: str, document: dict[str, Any]) -> bytes:
    """One call of the json protocol as it stands on the wire."""
    return _post("/", service, "application/x-amz-json-1.1", json.dumps(document), f"X-Amz-Target: {target}\r\n")


def lake_call(operation: str, document: dict[str, Any]) -> bytes:
    """One call of Lake Formation as it stands on the wire."""
    return _post(f"/{operation}", "lakeformation", "application/json", json.dumps(document), "")


def _post(path: str, service: str, kind: str, body: str, more: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{more}"
        f"Content-Length: {len(body)}\r\nAuthorization: {_AUTHORIZATION.format(service=service)}\r\n\r\n"
    )
    return (head + body).encode()


def grant(resource: dict[str, Any], *permissions: str) -> dict[str, Any]:
    """A grant to the administrator itself, who always exists."""
    principal = {"DataLakePrincipalIdentifier": ADMIN}
    return {"Principal": principal, "Resource": resource, "Permissions": list(permissions)}


def place(number: int) -> dict[str, Any]:
    """A grant on a place in S3 of its own."""
    return grant({"DataLocation": {"ResourceArn": f"arn:aws:s3:::lake/{number}"}}, "DATA_LOCATION_ACCESS")


SETTINGS = {"DataLakeSettings": {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}}
COLUMNS = [{"Name": "id", "Type": "string"}]
STORAGE = {"Columns": COLUMNS, "Location": "s3://lake/orders/"}
TARGET = {"CatalogId": ACCOUNT, "DatabaseName": "sales", "Name": "orders"}
LAKE = (
    lake_call("PutDataLakeSettings", SETTINGS),
    lake_call("RegisterResource", {"ResourceArn": "arn:aws:s3:::lake", "UseServiceLinkedRole": True}),
    json_call("glue", "AWSGlue.CreateDatabase", {"DatabaseInput": {"Name": "sales"}}),
    json_call(
        "glue",
        "AWSGlue.CreateTable",
        {"DatabaseName": "sales", "TableInput": {"Name": "orders", "StorageDescriptor": STORAGE}},
    ),
    json_call(
        "glue", "AWSGlue.CreateTable", {"DatabaseName": "sales", "TableInput": {"Name": "link", "TargetTable": TARGET}}
    ),
    lake_call("GrantPermissions", grant(TABLE, "SELECT", "DESCRIBE")),
)
GRANT = lake_call("GrantPermissions", grant(TABLE, "SELECT"))
LINKED = json_call("glue", "AWSGlue.GetTable", {"DatabaseName": "sales", "Name": "link"})
PAGE = lake_call("ListPermissions", {"MaxResults": 100})
CALLS = {
    "GrantPermissions": GRANT,
    "BatchGrantPermissions, 20 entries": lake_call(
        "BatchGrantPermissions", {"Entries": [{"Id": str(number), **grant(TABLE, "SELECT")} for number in range(BATCH)]}
    ),
    "ListPermissions of a table": lake_call("ListPermissions", {"Resource": TABLE}),
    "GetDataLakeSettings": lake_call("GetDataLakeSettings", {}),
    "Glue GetTable": json_call("glue", "AWSGlue.GetTable", {"DatabaseName": "sales", "Name": "orders"}),
    "STS GetCallerIdentity": query_call("sts", {"Action": "GetCallerIdentity", "Version": "2011-06-15"}),
    "IAM ListAccountAliases": query_call("iam", {"Action": "ListAccountAliases", "Version": "2010-05-08"}),
}
MIXED = ("ListPermissions of a table", "Glue GetTable", "GetDataLakeSettings", "STS GetCallerIdentity")


@contextmanager
def serving(server: Server, *core: str) -> Iterator[tuple[int, int, float]]:
    """Run a server in a process of its own, on one *core*; its port, its process, and when it answered first."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _PINNED + server.program, str(port), *core]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not _answers(f"http://127.0.0.1:{port}{server.health}"):
            time.sleep(0.005)
        try:
            yield port, process.pid, time.perf_counter() - started
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urlopen(url) as answer:  # noqa: S310 - our own loopback URL
            answer.read()
    except (URLError, ConnectionError):
        return False
    return True


class Client:
    """One client: a connection that is kept for as long as the server keeps it (moto's own closes after each call)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, request: bytes) -> int:
        """Send one request and read its answer to the end; the status, 0 where there was none."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                status, is_over = await self._exchange(*self._streams, request)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            status, is_over = 0, True
        if is_over:
            self.close()
        return status

    def close(self) -> None:
        """Give the connection up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    @staticmethod
    async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bool]:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        return int(head[9:12]), b"connection: close" in head


async def load(port: int, requests: Iterable[bytes], clients: int, *, wanted: Callable[[], bool] = lambda: True) -> Run:
    """Send *requests* from as many clients, while they last and are *wanted*."""
    run, waiting = Run(), iter(requests)

    async def work() -> None:
        client = Client(port)
        for request in waiting:
            if not wanted():
                break
            began = time.perf_counter()
            status = await client.call(request)
            run.took.append(time.perf_counter() - began)
            run.answers[status] += 1
            if status == 200:
                run.accepted[request.split(b" ", 2)[1]] += 1
        client.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    run.seconds = time.perf_counter() - started
    return run


def send(port: int, *requests: bytes) -> Run:
    """Send some requests one after the other."""
    return asyncio.run(load(port, requests, 1))


def keep(port: int, request: bytes, seconds: float, clients: int = CONNECTIONS) -> Run:
    """Send one request again and again; what is loaded on the first call is loaded before."""
    send(port, request)
    deadline = time.perf_counter() + seconds
    return asyncio.run(load(port, repeat(request), clients, wanted=lambda: time.perf_counter() < deadline))


def fill(port: int, numbers: range) -> None:
    """Grant on places in S3, in batches."""
    batches = (
        lake_call("BatchGrantPermissions", {"Entries": [{"Id": str(each), **place(each)} for each in some]})
        for some in (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
    )
    filled = asyncio.run(load(port, batches, 1))
    assert not filled.failed, filled.answers


def rates(port: int, process: int, seconds: float) -> dict[str, str]:
    """Calls a second, call by call, and in brackets for each second that the server had the core."""
    found = {}
    for name, request in CALLS.items():
        send(port, request)  # what is loaded on the first call is loaded before
        before = core_seconds(process)
        run = keep(port, request, seconds)
        had = core_seconds(process) - before
        per_core = f" ({run.answers.total() / had:,.0f})" if had else ""
        found[f"{name}, calls/s"] = f"{run.rate:,.0f}{per_core}"
    return found


def core_seconds(process: int) -> float:
    """How long a process has had a core, its threads together; 0 where the system does not say."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def costs(port: int, process: int, server: Server, seconds: float) -> dict[str, str]:
    """
    What grants, revokes, listings and looks through a link cost with few and with many grants stored.

    In the median of what the client waited, and in brackets what of the server's core each took on average.
    """
    found = {}
    stored = 0
    for grants in (FEW_GRANTS, server.many_grants):
        fill(port, range(stored, grants))
        stored = grants
        fresh = [place(MANY_GRANTS + grants + number) for number in range(1000)]
        told = "100" if grants == FEW_GRANTS else "100,000"
        note = "" if grants in {FEW_GRANTS, MANY_GRANTS} else f" with {grants:,}"
        loads: dict[str, Callable[[], Run]] = {
            "a grant": partial(send, port, *(lake_call("GrantPermissions", each) for each in fresh)),
            "a revoke": partial(send, port, *(lake_call("RevokePermissions", each) for each in fresh)),
            "ListPermissions of a table": partial(keep, port, CALLS["ListPermissions of a table"], seconds, 1),
            "ListPermissions, a page of 100": partial(keep, port, PAGE, seconds, 1),
            "GetTable through a link": partial(keep, port, LINKED, seconds, 1),
        }
        for what, loaded in loads.items():
            before = core_seconds(process)
            run = loaded()
            had = (core_seconds(process) - before) * 1000 / run.answers.total()
            failed = f", {run.failed:,} failed" if run.failed else ""
            found[f"{what} with {told} stored, ms"] = f"{median(run.took) * 1000:.2f} ({had:.2f}{note}){failed}"
    return found


def crowd(port: int, seconds: float) -> dict[str, str]:
    """What 64 clients at once meet who grant on ever new places, list, and look at tables; and what is kept of it."""
    others = [CALLS[name] for name in MIXED]
    mixed = (
        request
        for number in count(2 * MANY_GRANTS)
        for request in (lake_call("GrantPermissions", place(number)), *others, LINKED)
    )
    before, deadline = places(port), time.perf_counter() + seconds
    run = asyncio.run(load(port, mixed, MANY_CLIENTS, wanted=lambda: time.perf_counter() < deadline))
    granted = run.accepted[b"/GrantPermissions"]
    return {
        "64 clients, calls/s": f"{run.rate:,.0f}",
        "64 clients, 99th percentile, ms": f"{quantiles(run.took, n=100)[98] * 1000:.0f}",
        "64 clients, calls that failed": f"{run.failed:,} of {run.answers.total():,}",
        "64 clients, grants that were lost": f"{granted - (places(port) - before):,} of {granted:,}",
    }


def places(port: int) -> int:
    """How many grants on places are listed, on all pages together."""
    found, token = 0, dict[str, str]()
    while True:
        body = json.dumps({"ResourceType": "DATA_LOCATION", "MaxResults": 1000, **token}).encode()
        headers = {"Content-Type": "application/json", "Authorization": _AUTHORIZATION.format(service="lakeformation")}
        request = Request(f"http://127.0.0.1:{port}/ListPermissions", body, headers)
        with urlopen(request) as answer:  # noqa: S310 - our own loopback URL
            told = json.load(answer)
        found += len(told["PrincipalResourcePermissions"])
        if not told.get("NextToken"):
            return found
        token = {"NextToken": told["NextToken"]}


def measure(server: Server, seconds: float, core: list[str]) -> dict[str, str]:
    """Everything about one server, by what it is."""
    with serving(server, *core) as (port, process, ready_after):
        found = {"first answer after, s": f"{ready_after:.2f} ({core_seconds(process):.2f})"}
        send(port, *LAKE)
        found |= rates(port, process, seconds) | crowd(port, seconds)
    with serving(server, *core) as (port, process, _):
        send(port, *LAKE)
        found |= costs(port, process, server, seconds)
    return found


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3
    core = []
    if hasattr(os, "sched_setaffinity"):  # the load takes the last core, the server the first
        first, *_, last = sorted(os.sched_getaffinity(0)) * 2
        os.sched_setaffinity(0, {last})
        core = [str(first)]
    ours, motos = (measure(server, seconds, core) for server in SERVERS)
    print("| | lakeshare | moto |\n| --- | --- | --- |")
    for name in ours | motos:
        print(f"| {name} | {ours.get(name, '')} | {motos.get(name, '')} |")


if __name__ == "__main__":
    main()
