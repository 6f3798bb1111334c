"""A ledger in S3: the same story as with a file, two runs at once, and runs that are cut short."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest

from lakeshare import app
from lakeshare.engine.clock import SystemClock
from lakeshare.engine.wait import NotYet, wait_for
from tests.functional.accounts import BASE, PRODUCER, REGION, Accounts, apply_all, destroy_all, steps
from tests.functional.command_line import Desk

STATE = "s3://team-ledgers/lakeshare/connect-analytics"
LINK = "consumer/ap-southeast-2/link:connect_analytics_consumer.users_link"


@pytest.fixture
def accounts(accounts: Accounts) -> Accounts:
    """Two accounts and a lake as ever, and in a third account, which the spec does not name, a bucket for ledgers."""
    where = {"LocationConstraint": REGION}
    accounts.client("s3", BASE).create_bucket(Bucket="team-ledgers", CreateBucketConfiguration=where)
    return accounts


@pytest.fixture
def settings(accounts: Accounts) -> app.Settings:
    """A spec with two tables and its ledger in S3."""
    return replace(accounts.write({"s": accounts.share("users", "contact_record")}), state=STATE)


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line on a spec with one table."""
    found = Desk(accounts, monkeypatch)
    found.share("users")
    return found


def objects(accounts: Accounts) -> list[str]:
    """List the ledger's objects."""
    listed = accounts.client("s3", BASE).list_objects_v2(Bucket="team-ledgers").get("Contents", [])
    return [row["Key"].removeprefix("lakeshare/connect-analytics/") for row in listed]


def test_the_whole_story_leaves_nothing_but_the_ledger(accounts: Accounts, settings: app.Settings) -> None:
    """Apply, plan again, destroy: as with a file, and nothing of the ledger lies on this machine."""
    before, grants = accounts.everything(), accounts.grants()

    apply_all(settings)
    written = objects(accounts)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert [name.partition("-")[0] for name in written] == ["lease.json", "snapshot"]
    assert accounts.everything() == before
    assert accounts.grants() == grants
    assert not list(accounts.folder.glob("**/*.db"))


def test_state_commands_work_on_it(desk: Desk) -> None:
    """List, show, history, rm and unlock do with S3 what they do with a file; looking writes nothing."""
    assert desk("apply", "--auto-approve", "--state", STATE).code == 0
    written = objects(desk.accounts)
    listed = desk("state", "list", "--json", "--state", STATE).document
    shown = desk("state", "show", LINK, "--json", "--state", STATE).document
    told = desk("state", "history", "--json", "--state", STATE).document
    looked = objects(desk.accounts)

    removed = desk("state", "rm", LINK, "--force", "--state", STATE)
    unlocked = desk("state", "unlock", "--force", "--state", STATE)
    after = desk("state", "list", "--state", STATE)

    assert LINK in [row["address"] for row in listed["entries"]]
    assert shown["entry"]["kind"] == "resource_link"
    assert [run["command"] for run in told["runs"]] == ["apply"]
    assert looked == written
    assert (removed.code, unlocked.code) == (0, 0)
    assert LINK not in after.out


@pytest.mark.parametrize(("nth", "error"), [(1, "kill_after"), (2, "kill_after"), (3, "kill_before"), (4, "SlowDown")])
def test_faults_on_the_ledgers_own_writes_are_survived(
    accounts: Accounts, settings: app.Settings, nth: int, error: str
) -> None:
    """A connection that breaks while the lease or a segment is written is no other run, and nothing is lost by it."""
    before, grants = accounts.everything(), accounts.grants()
    accounts.control("faults", [{"operation": "s3:PutObject", "nth": nth, "error": error}])

    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert accounts.everything() == before
    assert accounts.grants() == grants


RUN = """
import sys
from pathlib import Path
from lakeshare import app
settings = app.Settings(
    Path(sys.argv[1]), state=sys.argv[3], endpoint_url=sys.argv[2], environ={"EXTERNAL_ID": "a-secret-external-id"}
)
if sys.argv[4] == "apply":
    app.apply(settings)
else:
    app.destroy(settings, confirm=lambda plan: True)
"""


@contextmanager
def running(
    accounts: Accounts, settings: app.Settings, command: str, state: str = STATE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* in a process of its own."""
    arguments = [sys.executable, "-c", RUN, str(settings.spec_path), accounts.box.endpoint_url, state, command]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL, env=dict(os.environ)) as process:
        try:
            yield process
        finally:
            process.kill()


def accepted(accounts: Accounts, account: str, call: str) -> int:
    """Return how many of these calls have been answered in *account* so far."""
    with urlopen(f"{accounts.box.endpoint_url}/_sandbox/calls") as answer:  # noqa: S310 - our own server on loopback
        calls: dict[str, Any] = json.load(answer)
    return int(calls.get(account, {}).get(call, {}).get("accepted", 0))


def wait_for_calls(accounts: Accounts, process: subprocess.Popen[bytes], account: str, call: str, count: int) -> None:
    """Wait until there have been *count* of these calls, or *process* is over."""

    def probe() -> bool | NotYet:
        done = accepted(accounts, account, call)
        return True if done >= count or process.poll() is not None else NotYet(f"{done} {call}")

    wait_for(call, probe, deadline_seconds=60, clock=SystemClock(), longest_poll_seconds=0.01)


@pytest.mark.parametrize(
    ("command", "after_puts"),
    [
        ("apply", 1),
        ("apply", 3),
        ("apply", 6),
        ("apply", 12),
        ("apply", 20),
        ("destroy", 1),
        ("destroy", 6),
        ("destroy", 13),
    ],
)
def test_sigkill_at_any_write_converges(
    accounts: Accounts, settings: app.Settings, command: str, after_puts: int
) -> None:
    """A run killed after some write to S3 leaves a true ledger, and the next takes its lock over and finishes."""
    before, grants = accounts.everything(), accounts.grants()
    if command == "destroy":
        apply_all(settings)
    already = accepted(accounts, BASE, "s3:PutObject")

    with running(accounts, settings, command) as process:
        wait_for_calls(accounts, process, BASE, "s3:PutObject", already + after_puts)
        process.send_signal(signal.SIGKILL)
        process.wait()
    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert steps(again) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants


@pytest.mark.parametrize("kind", ["s3", "sqlite"])
def test_two_runs_at_once(accounts: Accounts, settings: app.Settings, desk: Desk, kind: str) -> None:
    """While one run goes on, a second one fails at once with 4 and says who, where and since when."""
    accounts.control("latency", {"ms": 20})
    state = STATE if kind == "s3" else str(accounts.folder / "ledger.db")
    with running(accounts, settings, "apply", state) as first:
        wait_for_calls(accounts, first, PRODUCER, "connect:BatchAssociateAnalyticsDataSet", 1)
        second = desk("apply", "--auto-approve", "--json", "--state", state)
        code = first.wait()

    assert code == 0
    assert second.code == 4
    assert second.document["error"]["code"] == "locked"
    assert f"pid {first.pid}" in second.err
    assert "since 20" in second.err
    assert not app.plan(replace(settings, state=state)).plan.has_changes


@pytest.mark.parametrize("kind", ["s3", "sqlite"])
def test_a_second_run_may_wait_for_the_first(accounts: Accounts, settings: app.Settings, desk: Desk, kind: str) -> None:
    """With --lock-timeout the second run begins when the first has let go, and both end well."""
    accounts.control("latency", {"ms": 20})
    state = STATE if kind == "s3" else str(accounts.folder / "ledger.db")
    with running(accounts, settings, "apply", state) as first:
        wait_for_calls(accounts, first, PRODUCER, "connect:BatchAssociateAnalyticsDataSet", 1)
        second = desk("destroy", "--auto-approve", "--lock-timeout", "60", "--json", "--state", state)
        code = first.wait()

    assert (code, second.code) == (0, 0)
    assert {item["status"] for item in second.document["outcomes"]} == {"done"}
    assert desk("state", "list", "--state", state).out == ""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("s3://nowhere-at-all/key", "make the bucket nowhere-at-all first"),
        ("s3://team-ledgers", "s3://BUCKET/lakeshare/NAME"),
        ("s3://team-ledgers/key?regoin=eu-west-1", "did you mean region?"),
        ("s3://team-ledgers/key?profile=", "profile is empty"),
        ("s3://team-ledgers/key?profile=nobody", "nobody"),
        ("gs://bucket/key", "s3://BUCKET/KEY"),
    ],
)
def test_a_place_that_is_none_is_told(desk: Desk, state: str, said: str) -> None:
    """A bucket that is not there, a URL without a key, a slip after the question mark: each says what to do."""
    ran = desk("plan", "--state", state)

    assert ran.code in (1, 64)
    assert said in " ".join(ran.err.split())
    assert "should not happen" not in ran.err
