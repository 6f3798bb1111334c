"""A ledger in S3: the same story as with a file, two runs at once, and runs that are cut short."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from lakeshare import app
from lakeshare.app.ledgers import ledger_at
from lakeshare.engine.clock import SystemClock
from lakeshare.engine.events import Event, Finished
from lakeshare.engine.wait import NotYet, wait_for
from lakeshare.errors import LedgerError, LockedError
from lakeshare.state.lock import LockOwner
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    DATABASE,
    OPERATOR,
    PRODUCER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.command_line import Desk

STATE = "s3://team-ledgers/lakeshare/connect-analytics"
LINK = "consumer/ap-southeast-2/link:connect_analytics_consumer.users_link"

pytestmark = pytest.mark.endurance


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


@pytest.mark.parametrize("status", ["Suspended", "Enabled"])
def test_the_whole_story_leaves_nothing_but_the_ledger(accounts: Accounts, settings: app.Settings, status: str) -> None:
    """Apply, plan again, destroy: as with a file, in a bucket with and without versions; nothing lies here."""
    accounts.client("s3", BASE).put_bucket_versioning(Bucket="team-ledgers", VersioningConfiguration={"Status": status})
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
    accounts.control("latency", {"ms": 200})
    state = STATE if kind == "s3" else str(accounts.folder / "ledger.db")
    with running(accounts, settings, "apply", state) as first:
        wait_for_calls(accounts, first, PRODUCER, "connect:BatchAssociateAnalyticsDataSet", 1)
        second = desk("apply", "--auto-approve", "--json", "--state", state)
        accounts.control("latency", {"ms": 0})
        code = first.wait()

    assert code == 0
    assert second.code == 4
    assert second.document["error"]["code"] == "locked"
    told = " ".join(second.err.split())  # wrapped wherever the folder's name has it
    assert f"pid {first.pid}" in told
    assert "since 20" in told
    assert not app.plan(replace(settings, state=state)).plan.has_changes


@pytest.mark.parametrize("kind", ["s3", "sqlite"])
def test_a_lock_of_another_host_is_taken_away_by_a_person(desk: Desk, kind: str) -> None:
    """Whether a process elsewhere is alive cannot be seen: apply ends with 4 until somebody says `state unlock`."""
    state = STATE if kind == "s3" else str(desk.accounts.folder / "ledger.db")
    owner = replace(LockOwner.current("20260101T000000-abcd"), host="elsewhere")
    url = desk.accounts.box.endpoint_url
    with ledger_at(state, desk.accounts.folder, "", create=True, run_id="x", endpoint_url=url) as ledger:
        lock = ledger.lock(owner)
        lock.__enter__()
        held = desk("apply", "--auto-approve", "--state", state)
        unlocked = desk("state", "unlock", "--force", "--json", "--state", state)
        free = desk("apply", "--auto-approve", "--state", state)
        lock.__exit__(None, None, None)

    assert (held.code, unlocked.code, free.code) == (4, 0, 0)
    assert "on elsewhere" in " ".join(held.err.split())
    assert "lakeshare state unlock" in " ".join(held.err.split())
    assert "on elsewhere" in unlocked.document["holder"]


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


def documented_policy() -> dict[str, Any]:
    """Return the policy that docs/ledger.md tells to give."""
    text = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
    policy: dict[str, Any] = json.loads(text.split("```json\n")[1].split("```")[0])
    return policy


@pytest.fixture
def keeper(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Make a profile ``ledger``: a user of the bucket's account who has the policy that is given, and nothing else."""
    iam = accounts.client("iam", BASE)
    iam.create_user(UserName="keeper")
    key = iam.create_access_key(UserName="keeper")["AccessKey"]
    file = accounts.folder / "credentials"
    file.write_text(
        f"[ledger]\naws_access_key_id={key['AccessKeyId']}\naws_secret_access_key={key['SecretAccessKey']}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))

    def give(policy: dict[str, Any]) -> None:
        iam.put_user_policy(UserName="keeper", PolicyName="ledger", PolicyDocument=json.dumps(policy))

    return give


def test_the_documented_policy_is_enough(desk: Desk, keeper: Callable[[dict[str, Any]], None]) -> None:
    """With the policy of docs/ledger.md, as a profile of its own, the whole story runs; its readers can only plan."""
    whole = documented_policy()
    looking = {**whole, "Statement": whole["Statement"][:2]}
    state = f"{STATE}?profile=ledger&region={REGION}"

    keeper(looking)
    planned = desk("plan", "--state", state)
    refused = desk("apply", "--auto-approve", "--state", state)
    keeper(whole)
    codes = [
        desk(*words, "--state", state).code for words in (["apply", "--auto-approve"], ["destroy", "--auto-approve"])
    ]

    assert (planned.code, refused.code, codes) == (0, 1, [0, 0])
    assert "s3:PutObject" in refused.err
    assert "arn:aws:s3:::team-ledgers/lakeshare/connect-analytics/*" in " ".join(refused.err.split())


@pytest.mark.parametrize("missing", ["s3:ListBucket", "s3:GetObject", "s3:PutObject"])
def test_no_right_of_the_documented_policy_is_too_many(
    desk: Desk, keeper: Callable[[dict[str, Any]], None], missing: str
) -> None:
    """Without any one of these rights an apply ends with an error that names what is needed, and nothing is made."""
    before = desk.accounts.everything()
    whole = documented_policy()
    for statement in whole["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [action for action in actions if action != missing] or ["s3:GetBucketTagging"]
    keeper(whole)

    ran = desk("apply", "--auto-approve", "--state", f"{STATE}?profile=ledger&region={REGION}")

    assert ran.code == 1
    assert "s3:ListBucket on the bucket" in " ".join(ran.err.split())
    assert desk.accounts.everything() == before


def test_a_bucket_without_versions_is_told_once(desk: Desk) -> None:
    """The first plan says that the bucket keeps no versions, and how to change that; later ones, and others, do not."""
    first = desk("plan", "--json", "--state", STATE).document["notes"]
    assert desk("apply", "--auto-approve", "--state", STATE).code == 0
    later = desk("plan", "--json", "--state", STATE).document["notes"]
    desk.accounts.client("s3", BASE).put_bucket_versioning(
        Bucket="team-ledgers", VersioningConfiguration={"Status": "Enabled"}
    )
    versioned = desk("plan", "--json", "--state", "s3://team-ledgers/another").document["notes"]

    assert any("put-bucket-versioning" in note for note in first)
    assert not any("put-bucket-versioning" in note for note in [*later, *versioned])


def test_a_ledger_moves_to_s3_by_copying_its_file(desk: Desk) -> None:
    """The file of a ledger on disk, put there as a snapshot, is that ledger: nothing to do, and destroy works."""
    assert desk("apply", "--auto-approve").code == 0
    file = desk.accounts.folder / ".lakeshare" / "connect-analytics.db"
    name = "lakeshare/connect-analytics/snapshot-000000000001.db"
    desk.accounts.client("s3", BASE).put_object(Bucket="team-ledgers", Key=name, Body=file.read_bytes())

    planned = desk("plan", "--detailed-exitcode", "--state", STATE)
    destroyed = desk("destroy", "--auto-approve", "--state", STATE)
    history = desk("state", "history", "--json", "--state", STATE).document["runs"]

    assert (planned.code, destroyed.code) == (0, 0)
    assert desk("state", "list", "--state", STATE).out == ""
    assert [run["command"] for run in history] == ["destroy", "apply"]


def test_made_up_external_ids_go_with_the_ledger(accounts: Accounts, settings: app.Settings) -> None:
    """A run on another host, with nothing but the spec, finds the ExternalId of the roles and has nothing to change."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    principal = {"AWS": f"arn:aws:iam::{BASE}:user/administrator"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, "Principal": principal}]})
    for account in (PRODUCER, CONSUMER):
        accounts.client("iam", account).update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=document)
    lines = [line for line in settings.spec_path.read_text().splitlines() if "external_id" not in line]
    elsewhere = accounts.folder / "elsewhere"
    elsewhere.mkdir()
    for folder in (accounts.folder, elsewhere):
        (folder / "lakeshare.yaml").write_text("\n".join(lines) + "\n")

    apply_all(settings)
    again = app.plan(replace(settings, spec_path=elsewhere / "lakeshare.yaml")).plan

    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert "external-ids.json" in objects(accounts)
    assert not (accounts.folder / ".lakeshare").exists()


def test_a_run_whose_ledger_is_taken_over_stops(accounts: Accounts, settings: app.Settings) -> None:
    """
    A run whose lock is taken away in the middle sends nothing that it has not written down, and ends with 4.

    The run that took it finishes, and destroy leaves the accounts as they were: nothing was made that nobody knows of.
    """
    before, grants = accounts.everything(), accounts.grants()
    others: list[app.Applied] = []

    def listener(event: Event) -> None:
        if isinstance(event, Finished) and not others:
            with ledger_at(
                STATE, accounts.folder, "", create=False, run_id="x", endpoint_url=settings.endpoint_url
            ) as it:
                it.force_unlock()
            others.append(app.apply(settings))

    ended = app.apply(replace(settings, listener=listener, workers=2))
    again = apply_all(settings)
    destroy_all(settings)

    assert isinstance(ended.trouble, LockedError)
    assert "another run" in ended.trouble.message or "taken away" in ended.trouble.message
    assert {outcome.status for outcome in ended.outcomes} >= {"done", "failed"}
    assert {outcome.status for outcome in others[0].outcomes} <= {"done", "failed", "skipped"}
    assert again.failures == ()
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_a_ledger_that_cannot_be_written_to_any_more_ends_the_run(accounts: Accounts, settings: app.Settings) -> None:
    """When S3 refuses once in the middle, what is not written down is not done, and the next run goes on from there."""
    before, grants = accounts.everything(), accounts.grants()
    accounts.control("faults", [{"operation": "s3:PutObject", "nth": 6, "error": "AccessDenied"}])

    ended = app.apply(settings)
    made = [row["Name"] for row in accounts.client("glue").get_databases()["DatabaseList"]]
    apply_all(settings)
    again = app.plan(settings).plan
    destroy_all(settings)

    assert isinstance(ended.trouble, LedgerError)
    assert "AccessDenied" in ended.trouble.message
    assert {outcome.status for outcome in ended.outcomes} >= {"failed", "skipped"}
    assert DATABASE not in made
    assert steps(again) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants
