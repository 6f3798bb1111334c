"""The command doctor as a person and as a program meet it."""

from __future__ import annotations

import pytest

from tests.functional.accounts import CONSUMER, OPERATOR, Accounts
from tests.functional.command_line import Desk


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A spec that shares one table."""
    desk = Desk(accounts, monkeypatch)
    desk.share("users")
    return desk


def break_trust(accounts: Accounts) -> None:
    """Delete the consumer's operator: nobody can become it any more."""
    iam = accounts.client("iam", CONSUMER)
    iam.detach_role_policy(RoleName=OPERATOR, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.delete_role(RoleName=OPERATOR)


def test_a_healthy_world_is_one_calm_page(desk: Desk) -> None:
    """Each account with how many checks are ok, exit code 0; -v lists them, with what each saw."""
    calm, whole = desk("doctor"), desk("doctor", "-v")

    assert (calm.code, whole.code) == (0, 0)
    assert "consumer  account 222222222222" in calm.out
    assert "Lake Formation administrators" not in calm.out
    assert "Lake Formation administrators" in whole.out
    assert calm.out.splitlines()[-1].startswith("Doctor: 0 blockers, 0 warnings, ")
    assert calm.out.splitlines()[-1].endswith("ok (-v shows them).")


def test_what_blocks_comes_first_with_its_mend(desk: Desk) -> None:
    """Exit code 1; the account that cannot be entered is told, and so is the other."""
    break_trust(desk.accounts)

    told = desk("doctor")

    assert told.code == 1
    assert "✗ Who the operator is  blocks an apply" in told.out
    assert "to do: " in told.out
    assert f"aws iam get-role --role-name {OPERATOR}" in " ".join(told.out.split())
    assert max(len(line) for line in told.out.splitlines() if "[1]" not in line) <= 100
    assert "producer  account 111111111111" in told.out
    assert told.err == ""


def test_the_document_has_every_check(desk: Desk) -> None:
    """Each with id, status, account, what it saw and what mends it; what blocks stands first in its account."""
    break_trust(desk.accounts)

    told = desk("doctor", "--json")

    assert told.code == 1
    document = told.document
    assert (document["command"], document["status"]) == ("doctor", "blocked")
    assert document["counts"]["blocker"] == 1
    (mine,) = [item for item in document["checks"] if item["account"] == "consumer"]
    assert (mine["id"], mine["status"], mine["account_id"]) == ("identity", "blocker", CONSUMER)
    assert {"saw", "fix", "title"} <= set(mine)
    assert desk.accounts.environ["EXTERNAL_ID"] not in told.out


def test_the_documents_status_without_a_blocker_is_ok(desk: Desk) -> None:
    """A program may go by it as by the exit code."""
    told = desk("doctor", "--json")

    assert (told.code, told.document["status"]) == (0, "ok")
    assert {item["status"] for item in told.document["checks"]} == {"ok"}


def test_with_nobody_at_the_endpoint_it_is_the_endpoint_that_is_told(desk: Desk) -> None:
    """Neither a role's trust nor who is trusted is to blame for a sandbox that was stopped."""
    told = desk.alone("doctor", "--json")

    assert told.code == 1
    fixes = {check["fix"] for check in told.document["checks"] if check["status"] == "blocker"}
    assert fixes == {"is the endpoint right, and can it be reached from here?"}
