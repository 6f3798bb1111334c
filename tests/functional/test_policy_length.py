"""A policy that is longer than IAM takes is no secret: whoever prints it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.accounts import Accounts
from tests.functional.command_line import Desk

ROLES = "arn:aws:iam::222222222222:role"


def readers(count: int, **create: str) -> list[dict[str, Any]]:
    """Return *count* readers whose roles are made, as a spec names them."""
    made = {"service": "lambda.amazonaws.com", **create}
    return [{"role": f"connect-analytics-reader-role-number-{number}", "create": made} for number in range(count)]


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line; each test writes its own spec."""
    return Desk(accounts, monkeypatch)


def test_a_policy_that_fits_nowhere_is_told(desk: Desk) -> None:
    """The length, what IAM takes, and what would make it shorter stand on stderr; the policy alone on stdout."""
    desk.share("users", readers=readers(150))

    printed, document = desk("policy", "--account", "consumer"), desk("policy", "--account", "consumer", "--json")

    told = " ".join(printed.err.split())
    assert (printed.code, document.code) == (0, 0)
    assert f"This policy has {document.document['characters']:,} characters" in told
    assert "6,144; all inline policies of a role together take 10,240, so it fits neither" in told
    assert "create: {path: /NAME/}" in told
    assert printed.document == document.document["policy"]


def test_readers_under_one_path_make_it_fit(desk: Desk) -> None:
    """The roles under a path of their own are named together, and nothing is left to tell."""
    desk.share("users", readers=readers(150, path="/analytics/"))

    printed = desk("policy", "--account", "consumer")

    assert printed.code == 0
    assert printed.err == ""
    allowed = {action: one["Resource"] for one in printed.document["Statement"] for action in one["Action"]}
    assert allowed["iam:CreateRole"] == allowed["iam:PutRolePolicy"] == [f"{ROLES}/analytics/*"]
    assert allowed["iam:GetRolePolicy"] == [f"{ROLES}/analytics/*", f"{ROLES}/connect-analytics-reader-role-number-*"]
