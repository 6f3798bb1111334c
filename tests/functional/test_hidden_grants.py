"""Grants that AWS's lists do not show: looked for by name, remembered, and not made anew for ever."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare import app
from lakeshare.app import carrying_out
from lakeshare.state.ledger import open_ledger
from tests.functional.accounts import CONSUMER, READER, Accounts, apply_all, destroy_all, steps
from tests.functional.test_nothing_of_others import be_administrator

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that never show a thing are waited for only briefly."""
    monkeypatch.setattr(carrying_out, "SHOWN_DEADLINE_SECONDS", 1.0)


def lists(accounts: Accounts, position: str) -> None:
    """Have ListPermissions show grants on other accounts' things as the switch's *position* says."""
    accounts.control("switches", {"lakeformation.list-abroad": position})


def list_calls(planned: app.Applied | Any) -> int:
    return int(planned.calls.get(CONSUMER, {}).get("lakeformation:ListPermissions", 0))


def select_on(table: str) -> str:
    return f"consumer/ap-southeast-2/grant:role/{READER}/SELECT/connect:connect_datalake.{table}"


def unlisted(accounts: Accounts) -> list[str]:
    with open_ledger(None, accounts.folder, "connect-analytics", create=False) as ledger:
        return [address for address, entry in ledger.entries().items() if entry.resource.get("unlisted_since")]


def test_a_grant_that_only_its_table_s_name_shows_is_found(accounts: Accounts) -> None:
    """What the walk leaves out is asked for by name, one call a table, and no change follows; nor is it waited for."""
    lists(accounts, "by-resource")
    settings = accounts.write({"s": accounts.share("users", "contact_record")})

    apply_all(settings)
    shown = app.plan(settings).plan
    lists(accounts, "shown")
    plain = app.plan(settings).plan

    assert steps(shown) == steps(plain) == []
    assert unlisted(accounts) == []
    assert list_calls(shown) == list_calls(plain) + 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("position", ["hidden", "refused"])
def test_a_grant_that_no_list_shows_is_remembered(accounts: Accounts, position: str) -> None:
    """It is told once that lists do not show it; later plans say so, are empty, and ask nothing about it."""
    lists(accounts, position)
    settings = accounts.write({"s": accounts.share("users")})
    address = select_on("users")

    applied = apply_all(settings)
    planned = app.plan(settings).plan
    again = apply_all(settings)
    drifted, refreshed = app.drift(settings), app.refresh(settings)

    told = {outcome.address: outcome.note for outcome in applied.outcomes if outcome.note}
    assert "did not show it" in str(told[address])
    assert unlisted(accounts) == [address]
    assert steps(planned) == []
    assert {item.reason.partition(" at ")[0] for item in planned.no_ops if item.address == address} == {
        "granted by us; AWS's lists did not show it"
    }
    assert again.outcomes == ()
    assert drifted.differences == refreshed.differences == ()


@pytest.mark.usefixtures("impatient")
def test_a_grant_that_lists_show_at_last_is_a_plain_one_again(accounts: Accounts) -> None:
    """Once a list shows it the ledger no longer says otherwise; revoked by others after that, it is granted again."""
    lists(accounts, "hidden")
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    lists(accounts, "shown")

    apply_all(settings)
    remembered = unlisted(accounts)
    revoke_select(accounts)
    planned = app.plan(settings).plan

    assert remembered == []
    assert steps(planned) == [("create", select_on("users"))]
    assert "no list shows it" in planned.steps[0].reason


def revoke_select(accounts: Accounts) -> None:
    table = {"CatalogId": accounts.lake_account, "DatabaseName": "connect_datalake", "Name": "users"}
    be_administrator(accounts).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE}, Resource={"Table": table}, Permissions=["SELECT"]
    )


@pytest.mark.usefixtures("impatient")
def test_a_grant_that_went_while_lists_hide_it_is_made_once_more_and_no_more(accounts: Accounts) -> None:
    """Lists begin to hide what they showed: whether it still stands cannot be told, so it is granted once."""
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)
    revoke_select(accounts)
    lists(accounts, "hidden")

    first = apply_all(settings)
    second = app.plan(settings).plan
    lists(accounts, "shown")

    assert [(item.action, item.address) for item in first.outcomes] == [("create", select_on("users"))]
    assert steps(second) == []
    assert (ROLE, "SELECT", "connect_datalake.users") in accounts.grants(catalog=accounts.lake_account)


@pytest.mark.usefixtures("impatient")
def test_columns_of_a_hidden_grant_change_all_the_same(accounts: Accounts) -> None:
    """What the spec takes from a column rule is revoked, and what it adds is granted, although no list shows either."""

    def reading(*columns: str) -> app.Settings:
        reader = {"role": READER, "create": {"service": "lambda.amazonaws.com"}, "columns": {"users": list(columns)}}
        return accounts.write({"s": accounts.share("users", readers=[reader])})

    lists(accounts, "hidden")
    apply_all(reading("user_id", "first_name"))

    apply_all(reading("user_id", "last_name"))
    planned = app.plan(reading("user_id", "last_name")).plan
    lists(accounts, "shown")

    assert steps(planned) == []
    held = {thing for who, _, thing in accounts.grants(catalog=accounts.lake_account) if who == ROLE}
    assert held == {"connect_datalake.users(last_name,user_id)"}


@pytest.mark.usefixtures("impatient")
def test_a_hidden_grant_is_revoked_by_destroy(accounts: Accounts) -> None:
    """Not being listed keeps nothing: destroy revokes on the ledger's word, and both accounts are as they were."""
    before = accounts.everything()
    lists(accounts, "hidden")
    settings = accounts.write({"s": accounts.share("users")})
    apply_all(settings)

    destroy_all(settings)
    lists(accounts, "shown")

    assert accounts.everything() == before
    assert accounts.grants(catalog=accounts.lake_account) == set()
