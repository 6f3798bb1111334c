"""Nothing secret is written down or said: ExternalIds, keys and tokens are searched for in all that a run leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.identity import Credentials, Identities
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, REGION, SECRET, Accounts
from tests.functional.command_line import Desk, Ran

BASE_SECRET = "a-secret-key-of-the-shell"


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The producer's ExternalId comes from the environment, the consumer's is made up."""
    for name, value in accounts.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", BASE_SECRET)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    accounts.client("iam").update_assume_role_policy(RoleName=OPERATOR, PolicyDocument=trust)
    accounts.write(
        {"s": accounts.share("users", prove_denial=True)},
        consumer={"id": CONSUMER, "region": REGION, "role": OPERATOR},
    )
    return Desk(accounts, monkeypatch)


def everything_said(desk: Desk) -> Iterator[Ran]:
    """Run every command that speaks of accounts, as text and as JSON, as loud as it goes."""
    plan, log = str(desk.accounts.folder / "plan.json"), str(desk.accounts.folder / "run.log")
    loud = ("-vv", "--log-file", log)
    commands: list[tuple[str, ...]] = [
        ("bootstrap", "--account", "consumer", "--as", "awscli"),
        ("bootstrap", "--account", "producer", "--as", "terraform"),
        ("policy", "--account", "consumer"),
        ("plan", "--show-no-op", "-o", plan),
        ("plan", "--markdown"),
        ("apply", plan, "--auto-approve"),
        ("apply", "--auto-approve", "--verify"),
        ("verify",),
        ("query", "--as", "connect-analytics-lambda-execution-role", "SELECT 1 FROM users_link LIMIT 1"),
        ("drift",),
        ("state", "list"),
        ("state", "show", "consumer/global/role:connect-analytics-lambda-execution-role"),
        ("state", "history"),
        ("destroy", "--auto-approve"),
    ]
    for command in commands:
        yield desk(*command, *loud)
        yield desk(*command, *loud, "--json")
    # And what goes wrong: another ExternalId than the trust asks for.
    desk.monkeypatch.setenv("EXTERNAL_ID", "another-secret")
    yield desk("plan", *loud)
    yield desk("plan", *loud, "--json")


def secrets_of(accounts: Accounts) -> set[str]:
    """Return the ExternalIds, and the secret key of whoever runs it."""
    kept = json.loads((accounts.folder / ".lakeshare/connect-analytics.external-ids").read_text())
    return {SECRET, "another-secret", BASE_SECRET, *kept.values()}


def watch_keys(desk: Desk) -> list[str]:
    """Return a list that fills with the secret keys and tokens of all sessions that STS begins from here on."""
    issued: list[str] = []
    issue = Identities.issue

    def watched(self: Identities, caller: Caller, seconds: int) -> Credentials:
        made = issue(self, caller, seconds)
        issued.extend((made.secret_key, made.token))
        return made

    desk.monkeypatch.setattr(Identities, "issue", watched)
    return issued


def found(secrets: Iterable[str], text: str) -> list[str]:
    """Return those of *secrets* that stand in *text*."""
    return [secret for secret in secrets if secret in text]


def test_no_secret_is_said_or_written_down(desk: Desk) -> None:
    """Neither stdout, stderr, the log, the plan nor the ledger has one; the file of ExternalIds alone has."""
    issued = watch_keys(desk)
    said = list(everything_said(desk))

    secrets = secrets_of(desk.accounts) | set(issued)
    assert len(secrets) > 50
    assert [(ran.code, found(secrets, ran.out + ran.err)) for ran in said if found(secrets, ran.out + ran.err)] == []
    files = [path for path in desk.accounts.folder.rglob("*") if path.is_file()]
    leaks = {path.name: found(secrets, path.read_bytes().decode("latin-1")) for path in files}
    assert {name for name, secret in leaks.items() if secret} == {"connect-analytics.external-ids"}


def test_what_is_written_is_for_its_owner_alone(desk: Desk) -> None:
    """Ledger, plan, log and ExternalIds are readable by whoever ran it, and by nobody else."""
    for _ran in everything_said(desk):
        pass

    folder: Path = desk.accounts.folder
    written = [path for path in folder.rglob("*") if path.is_file() and path.name != "lakeshare.yaml"]
    assert {path.name for path in written} >= {"connect-analytics.db", "connect-analytics.external-ids", "plan.json"}
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in written if path.stat().st_mode & 0o077} == {}


def test_files_that_were_there_are_closed(desk: Desk) -> None:
    """A log that is written on, and reports that go to a new file, are readable by their owner alone."""
    folder: Path = desk.accounts.folder
    log = folder / "log.txt"
    log.write_text("before\n")
    log.chmod(0o644)

    desk("--log-file", str(log), "drift", "--sarif", str(folder / "drift.sarif"))

    assert log.read_text().startswith("before\n")
    assert {name: oct((folder / name).stat().st_mode & 0o777) for name in ("log.txt", "drift.sarif")} == {
        "log.txt": "0o600",
        "drift.sarif": "0o600",
    }


@pytest.mark.parametrize("written", ["SEKRET${", "${NAME}SEKRET${", "SEKRET${bad-name}SEKRET"])
def test_what_stands_around_a_broken_reference_is_not_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """It may be a secret that somebody wrote by a slip."""
    monkeypatch.setenv("NAME", "SEKRET")
    spec = desk.accounts.folder / "lakeshare.yaml"
    spec.write_text(spec.read_text().replace("${EXTERNAL_ID}", written))

    said = [desk(*flags) for flags in (("validate",), ("validate", "--json"), ("plan", "-v"))]

    assert [ran.code for ran in said] == [1, 1, 1]
    assert not [ran for ran in said if "SEKRET" in ran.out + ran.err]
