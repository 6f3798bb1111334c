"""Every sort of failure, provoked in the sandbox: what apply tells of it, and that the next run mends it."""

from __future__ import annotations

import sqlite3

import pytest

from tests.functional.accounts import CONSUMER, REGION, Accounts
from tests.functional.command_line import Desk, lakeshare_process

FOREVER = range(1, 60)


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One table to share."""
    found = Desk(accounts, monkeypatch)
    found.share("users")
    return found


@pytest.mark.parametrize(
    ("operation", "error", "address", "word"),
    [
        ("glue:CreateTable", "AccessDeniedException", "/link:", "IAM policy"),
        ("glue:CreateDatabase", "ExpiredTokenException", "/database:", "sign in again"),
        ("iam:CreateRole", "LimitExceeded", "/role:", "a quota is full"),
        ("lakeformation:BatchGrantPermissions", "EntityNotFoundException", "/grant:", "hides it"),
        ("ram:AcceptResourceShareInvitation", "ResourceShareInvitationExpiredException", "/invitation:", "12 hours"),
    ],
)
def test_a_failure_tells_where_and_what_to_do(desk: Desk, operation: str, error: str, address: str, word: str) -> None:
    """Where it was, the request id and a hint stand with each failed step; the next run ends well."""
    desk.accounts.control("faults", [{"operation": operation, "nth": nth, "error": error} for nth in FOREVER])

    failed = desk("apply", "--auto-approve", "--json")
    desk.accounts.control("faults", [])
    mended = desk("apply", "--auto-approve", "--json")

    assert (failed.code, mended.code) == (1, 0)
    told = [item["error"] for item in failed.document["outcomes"] if item["status"] == "failed"]
    assert told
    for item in told:
        assert (item["account"], item["region"]) == (CONSUMER, REGION)
        assert item["operation"] == operation
        assert address in item["address"]
        assert item["request_id"]
        assert word in item["hint"]


def test_a_failure_is_told_once(desk: Desk) -> None:
    """Without a log the failed step stands in the answer on stdout, and stderr does not say it a second time."""
    fault = {"operation": "glue:CreateTable", "error": "AccessDeniedException"}
    desk.accounts.control("faults", [{**fault, "nth": nth} for nth in FOREVER])

    ran = lakeshare_process("apply", "--auto-approve", *desk.flags)

    assert ran.code == 1
    assert "AccessDeniedException" in ran.out
    assert ran.err == ""


def test_a_spent_budget_is_told(desk: Desk) -> None:
    """When the run may repeat nothing, the first throttle is final, and the hint names the field of the spec."""
    path = desk.accounts.folder / "lakeshare.yaml"
    path.write_text(path.read_text() + "limits: {retries: {budget: 0}}\n")
    desk.accounts.control("faults", [{"operation": "glue:CreateDatabase", "nth": 1, "error": "ThrottlingException"}])

    ran = desk("apply", "--auto-approve", "--json")

    [told] = [item["error"] for item in ran.document["outcomes"] if item["status"] == "failed"]
    assert told["code"] == "throttled"
    assert "limits: {retries: {budget: ...}}" in told["hint"]


def test_a_ledger_that_fails_as_the_run_ends_hides_nothing(desk: Desk) -> None:
    """When the last word to the ledger cannot be written, the steps that were done are told, and then what failed."""
    assert desk("apply", "--auto-approve", "--target", "*/settings:*").code == 0
    ledger = sqlite3.connect(desk.accounts.folder / ".lakeshare" / "connect-analytics.db")
    ledger.execute("CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(FAIL, 'no room for it'); END")

    ran = desk("apply", "--auto-approve", "--json")
    told = desk("apply", "--auto-approve")
    ledger.execute("DROP TRIGGER full")
    ledger.close()

    assert ran.code == 1
    assert (ran.document["status"], ran.document["error"]["code"]) == ("failed", "ledger")
    assert "no room for it" in ran.document["error"]["message"]
    assert len(ran.document["outcomes"]) > 5
    assert {item["status"] for item in ran.document["outcomes"]} == {"done"}
    assert (told.code, "no room for it" in told.err) == (1, True)
