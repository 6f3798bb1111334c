"""
How close an apply comes to what AWS's limits allow, and what finding them costs.

    python bench/limits.py [--tables 32] [--readers 1 5 20] [--rate 5] [--burst 5] [--charge call entry]
                           [--limit lakeformation:*] [--consumers 1] [--latency-ms 0]

Each line is one apply from nothing against a sandbox in a process of its own, with one limit set: what was charged
(calls or entries, of the account that was asked most), how many seconds passed from the first such call to the end of
the last, the bound charged / rate, their ratio, and how many calls were throttled. The goal is a ratio of 1.1 with
10 calls, or 2 %, throttled. No job ends before its own chain of steps does, so each is first run without a limit; where
that takes longer than the bound, it is what the ratio is to ("unlimited").
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import yaml
from botocore.history import get_global_history_recorder

from lakeshare import app
from lakeshare.catalogue import tables as all_tables

REGION = "ap-southeast-2"
PRODUCER, BASE = "111111111111", "999999999999"
OPERATOR, SECRET = "lakeshare-operator", "a-secret-external-id"
_SERVE = """
from lakeshare.sandbox.server import serve
serve("127.0.0.1", 0, lambda url: print(url, flush=True))
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One apply: so much to do, under one limit."""

    tables: int
    readers: int
    consumers: int
    limit: str
    rate: float
    burst: float
    charge: str
    latency_ms: float


@dataclass(slots=True)
class Stopwatch:
    """Listens to botocore: when the calls that a limit is for began, and when the last of them ended."""

    limit: str
    first: float = 0.0
    last: float = 0.0
    entries: Counter[str] = field(default_factory=Counter)
    moments: list[tuple[float, str, str, str]] = field(default_factory=list)
    is_counting: bool = False
    lock: Any = field(default_factory=threading.Lock)
    mine: Any = field(default_factory=threading.local)

    def emit(self, event_type: str, payload: Any, source: str) -> None:  # noqa: ARG002 - as botocore calls it
        """Take note of one event of botocore's history."""
        now = time.monotonic()
        with self.lock:
            if event_type == "API_CALL":
                name = f"{payload['service']}:{payload['operation']}"
                self.mine.name = name
                self.mine.counts = self.is_counting and self._is_limited(name)
                self.moments.append((now, name, "out", threading.current_thread().name))
                if self.mine.counts and not self.first:
                    self.first = now
            elif event_type == "PARSED_RESPONSE":
                name = getattr(self.mine, "name", "")
                code = payload.get("Error", {}).get("Code", "") if isinstance(payload, dict) else ""
                self.moments.append((now, name, f"in {code}", threading.current_thread().name))
                if getattr(self.mine, "counts", False):
                    self.last = now

    def _is_limited(self, name: str) -> bool:
        return self.limit in (name, f"{name.split(':', maxsplit=1)[0]}:*")


@contextmanager
def sandbox() -> Iterator[str]:
    """Yield the URL of a sandbox in a process of its own."""
    server = subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def control(url: str, method: str, what: str, value: Any = None) -> Any:
    """Ask the sandbox's control interface."""
    body = None if value is None else json.dumps(value).encode()
    with urlopen(Request(f"{url}/_sandbox/{what}", body, method=method)) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def consumer(number: int) -> str:
    """Return the account id of the consumer with this number."""
    return f"2222222222{number:02}"


def prepare(url: str, scenario: Scenario, folder: Path) -> app.Settings:
    """Make the accounts, their operators and the lake, and write the spec."""
    control(url, "POST", "reset")
    accounts = {"producer": PRODUCER, **{f"consumer{n}": consumer(n) for n in range(scenario.consumers)}}
    for number in accounts.values():
        _make_operator(url, number)
    names = [*all_tables()][: scenario.tables]
    seed = {"instance_account": PRODUCER, "region": REGION, "tables": names, "rows": 1}
    seeded = control(url, "POST", "seed", seed)
    readers = [{"role": f"reader-{n}", "create": {"service": "lambda.amazonaws.com"}} for n in range(scenario.readers)]
    document = {
        "version": 1,
        "name": "bench-limits",
        "accounts": {
            alias: {"id": number, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}
            for alias, number in accounts.items()
        },
        "shares": {
            f"share{n}": {
                "from": {"account": "producer", "connect": {"instance": seeded["instance_id"], "tables": names}},
                "to": {"account": f"consumer{n}", "database": "lake", "links": "{table}_link"},
                "readers": readers,
            }
            for n in range(scenario.consumers)
        },
    }
    path = folder / "lakeshare.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return app.Settings(path, endpoint_url=url, environ={"EXTERNAL_ID": SECRET})


def _make_operator(url: str, account: str) -> None:
    iam = boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="x",  # noqa: S106 - nobody checks it
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": SECRET}},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName=OPERATOR, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def unlimited(url: str, scenario: Scenario) -> float:
    """Return the seconds that the calls in question span when nothing limits them."""
    watch = Stopwatch(scenario.limit)
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(url, scenario, Path(folder))
        control(url, "PUT", "latency", {"ms": scenario.latency_ms})
        listen(watch, settings)
    return watch.last - watch.first


def listen(watch: Stopwatch, settings: app.Settings) -> app.Applied:
    """Apply while *watch* listens."""
    recorder = get_global_history_recorder()
    recorder.add_handler(watch)
    recorder.enable()
    watch.is_counting = True
    try:
        applied = app.apply(settings)
    finally:
        recorder.disable()
        recorder._handlers.clear()  # noqa: SLF001 - it has no other way to let a handler go
    assert not applied.failures, [str(item.error) for item in applied.failures][:3]
    return applied


def measure(url: str, scenario: Scenario, floor: float, *, is_traced: bool) -> str:
    """Apply once and return the line that tells how it went; *floor* is how long it takes without a limit."""
    watch = Stopwatch(scenario.limit)
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(url, scenario, Path(folder))
        limit = {"rate": scenario.rate, "burst": scenario.burst, "charge": scenario.charge}
        control(url, "PUT", "limits", {scenario.limit: limit})
        control(url, "PUT", "latency", {"ms": scenario.latency_ms})
        control(url, "DELETE", "calls")
        began = time.monotonic()
        applied = listen(watch, settings)
        whole = time.monotonic() - began
        grants = Counter(item.address.split("/", 1)[0] for item in applied.outcomes if "/grant:" in item.address)
        asked = control(url, "GET", "calls")
    if is_traced:
        for at, name, what, thread in watch.moments:
            print(f"    {at - began:8.3f} {what:28} {name:45} {thread}", file=sys.stderr)
    return _line(scenario, watch, asked, grants, whole, floor)


def _line(scenario: Scenario, watch: Stopwatch, asked: Any, grants: Counter[str], whole: float, floor: float) -> str:
    charged, throttled, sent = 0, 0, 0
    for account, calls in asked.items():
        mine = {name: count for name, count in calls.items() if watch._is_limited(name)}  # noqa: SLF001
        admitted = sum(count["accepted"] + count["failed"] for count in mine.values())
        if scenario.charge == "entry":
            batches = sum(count["accepted"] for name, count in mine.items() if ":Batch" in name)
            entries = max((n for alias, n in grants.items() if alias != "producer"), default=0)
            admitted += entries - batches if batches else 0
        if admitted > charged:
            charged = admitted
            throttled = sum(count["throttled"] for count in mine.values())
            sent = sum(sum(count.values()) for count in mine.values())
        del account
    bound = max(charged / scenario.rate, floor)
    name = "unlimited" if floor > charged / scenario.rate else "bound"
    took = watch.last - watch.first
    verdict = "" if took <= 1.1 * bound and throttled <= max(10, 0.02 * sent) else "  MISSED"
    return (
        f"{scenario.limit:26} {scenario.tables:3}x{scenario.readers:<3} c{scenario.consumers} "
        f"{scenario.rate:5.0f}/s burst {scenario.burst:3.0f} {scenario.charge:5} "
        f"charged {charged:5} in {took:7.2f} s, {name} {bound:7.2f} s, ratio {took / bound:5.2f}, "
        f"throttled {throttled:3} of {sent:4}; whole {whole:6.2f} s{verdict}"
    )


def main() -> None:
    """Measure what the command line asks for."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--tables", type=int, nargs="*", default=[32])
    ask.add_argument("--readers", type=int, nargs="*", default=[5])
    ask.add_argument("--consumers", type=int, nargs="*", default=[1])
    ask.add_argument("--limit", nargs="*", default=["lakeformation:*"])
    ask.add_argument("--rate", type=float, nargs="*", default=[5])
    ask.add_argument("--burst", type=float, nargs="*", default=[5])
    ask.add_argument("--charge", nargs="*", default=["call", "entry"])
    ask.add_argument("--latency-ms", type=float, nargs="*", default=[0])
    ask.add_argument("--trace", action="store_true", help="tell every call on stderr")
    given = ask.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": BASE, "AWS_SECRET_ACCESS_KEY": "x"}
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        os.environ.pop(name, None)
    axes = (given.tables, given.readers, given.consumers, given.limit, given.rate, given.burst, given.charge)
    with sandbox() as url:
        floors: dict[tuple[Any, ...], float] = {}
        for values in itertools.product(*axes, given.latency_ms):
            scenario = Scenario(*values)
            job = (scenario.tables, scenario.readers, scenario.consumers, scenario.limit, scenario.latency_ms)
            if job not in floors:
                unlimited(url, scenario)  # once for nothing: the first run imports and compiles
                floors[job] = unlimited(url, scenario)
            print(measure(url, scenario, floors[job], is_traced=given.trace), flush=True)


if __name__ == "__main__":
    main()
