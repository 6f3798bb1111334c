"""The commands that doctor prints, run word for word in a shell with the AWS CLI and jq, mend what they are for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeshare import app
from lakeshare.access.doctor import Checked
from tests.functional.accounts import BASE, CONSUMER, PRODUCER, Accounts
from tests.functional.examined import (
    ELSEWHERE,
    READS_SOMETHING,
    bare_root,
    connect,
    dead_administrator,
    encrypt,
    key_policy,
    mend,
    own,
    policy_without_ram,
    put_catalog_policy,
)
from tests.functional.rights import allow
from tests.oracles.shell import Shell

pytestmark = pytest.mark.oracle


@pytest.fixture
def shell(aws_executable: str, accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in which ``aws`` and ``jq`` are there; lakeshare itself comes with keys of its own."""
    assert aws_executable
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", BASE)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed: no `jq` on PATH")
    return Shell(accounts.box.endpoint_url, tmp_path)


def disabled_key(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that is disabled."""
    key = encrypt(accounts, CONSUMER)
    accounts.client("kms").disable_key(KeyId=key)
    return connect(accounts)


def key_going(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key that is about to be deleted."""
    key = encrypt(accounts, CONSUMER)
    accounts.client("kms").schedule_key_deletion(KeyId=key)
    return connect(accounts)


def key_of_others(accounts: Accounts) -> app.Settings:
    """A consumer's catalog under a key whose policy lets in neither the operator nor a reader."""
    encrypt(accounts, CONSUMER, Policy=key_policy(ELSEWHERE))
    return connect(accounts)


def source_key(accounts: Accounts) -> app.Settings:
    """A producer's catalog under a key for its own account alone."""
    settings = own(accounts, "4")
    encrypt(accounts, PRODUCER)
    return settings


def source_key_not_in_iam(accounts: Accounts) -> app.Settings:
    """A producer's catalog under a key that the consumer may use, whose IAM gives its operator no such right."""
    settings = own(accounts, "4")
    both = key_policy(f"arn:aws:iam::{CONSUMER}:root", f"arn:aws:iam::{PRODUCER}:root")
    encrypt(accounts, PRODUCER, Policy=both)
    allow(accounts, CONSUMER, app.policy(settings, "consumer"), app.policy(settings, "consumer", "doctor"))
    return settings


def denying_policy(accounts: Accounts) -> app.Settings:
    """A producer whose catalog's policy denies the consumer what it reads, after a statement that is none of this."""
    settings = own(accounts, "4")
    ram = {"Service": "ram.amazonaws.com"}
    every = [f"arn:aws:glue:ap-southeast-2:{PRODUCER}:{path}" for path in ("catalog", "database/*", "table/*/*")]
    sharing = {"Effect": "Allow", "Principal": ram, "Action": "glue:ShareResource", "Resource": every}
    put_catalog_policy(accounts, sharing, READS_SOMETHING | {"Effect": "Deny"})
    return settings


STATES: dict[str, Callable[[Accounts], app.Settings]] = {
    "a dead administrator": dead_administrator,
    "a bare root": bare_root,
    "a catalog's policy without RAM": policy_without_ram,
    "a catalog's policy that denies": denying_policy,
    "a disabled key": disabled_key,
    "a key about to be deleted": key_going,
    "a key that lets nobody in": key_of_others,
    "a source's key": source_key,
    "a source's key that IAM gives nobody": source_key_not_in_iam,
}


def blockers(settings: app.Settings) -> list[Checked]:
    """Return what doctor says is in the way."""
    return [item for item in app.doctor(settings).checks if item.status == "blocker"]


@pytest.mark.parametrize("state", STATES)
def test_what_doctor_prints_mends_what_it_found(accounts: Accounts, shell: Shell, state: str) -> None:
    """Blocker by blocker, by an administrator of the account that is named, until nothing is in the way."""
    settings = STATES[state](accounts)
    found = blockers(settings)
    assert found

    for _time in range(5):
        first = next(iter(blockers(settings)), None)
        if first is None:
            break
        ended = shell.line(commands(first)[0], account=account_of(first), EXTERNAL_ID="a-secret-that-is-shown")
        assert ended.code == 0, (mend(first), ended.complained)

    assert [(item.id, item.finding.saw) for item in blockers(settings)] == []


def commands(item: Checked) -> list[str]:
    """Return what stands in backquotes and is for the AWS CLI."""
    found = [each for each in re.findall(r"`([^`]*)`", mend(item)) if each.startswith("aws ")]
    assert found, mend(item)
    return found


def account_of(item: Checked) -> str:
    """Return the account in which to run it: the one that is named, else the one that was looked at."""
    named = re.search(r"in account (\d{12})", mend(item))
    return named[1] if named else item.account_id
