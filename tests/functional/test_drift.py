"""What somebody changes behind our back: drift names it, an apply mends it, and then there is no drift."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.accounts import BASE, CONSUMER, DATABASE, OPERATOR, SECRET, Accounts
from tests.functional.command_line import Desk


@pytest.fixture
def desk(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two tables that are shared."""
    found = Desk(accounts, monkeypatch)
    found.share("users", "contact_record")
    applied = found("apply", "--auto-approve")
    assert applied.code == 0, applied.err
    return found


def test_there_is_no_drift_after_an_apply(desk: Desk) -> None:
    """Right after an apply drift says so, exits with 0, and has counted what is ours."""
    ran, document = desk("drift"), desk("drift", "--json").document

    assert ran.code == 0
    assert ran.out.endswith("No drift: everything is as the spec and the ledger say.\n")
    assert (document["command"], document["status"], document["has_changes"]) == ("drift", "ok", False)
    assert document["differences"] == []
    assert document["in_place"] == len(desk("state", "list", "--json").document["entries"])


def test_a_link_that_somebody_dropped(desk: Desk) -> None:
    """The link is missing, and the run and the person who made it are named."""
    as_operator(desk, "glue").delete_table(DatabaseName=DATABASE, Name="users_link")
    [run] = desk("state", "history", "--json").document["runs"]

    ran, document = desk("drift"), desk("drift", "--json").document

    [link] = [item for item in document["differences"] if item["kind"] == "resource_link"]
    assert ran.code == 2
    assert (link["change"], link["is_ours"]) == ("missing", True)
    assert link["address"] == f"consumer/ap-southeast-2/link:{DATABASE}.users_link"
    assert (link["run_id"], link["by"], link["host"]) == (run["run_id"], run["user"], run["host"])
    assert f"    - link:{DATABASE}.users_link\n" in ran.out
    assert f" by {run['user']}@{run['host']}, run {run['run_id']}\n" in ran.out
    assert is_mended(desk)


def as_operator(desk: Desk, service: str, account: str = CONSUMER) -> Any:
    """Return a client of the operator role, in somebody else's hands: Lake Formation lets nobody else at our things."""
    sts = desk.accounts.client("sts", BASE)
    arn = f"arn:aws:iam::{account}:role/{OPERATOR}"
    found = sts.assume_role(RoleArn=arn, RoleSessionName="somebody", ExternalId=SECRET)["Credentials"]
    return desk.accounts.client(
        service,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def is_mended(desk: Desk) -> bool:
    applied = desk("apply", "--auto-approve")
    assert applied.code == 0, applied.err
    return desk("drift").code == 0
