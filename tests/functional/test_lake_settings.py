"""The cross-account version and the default permissions: changed when the spec says so, told, and remembered."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, PRODUCER, REGION, Accounts, apply_all, destroy_all, steps
from tests.functional.test_borrowed_administrators import ACCOUNT
from tests.functional.test_nothing_of_others import in_ledger

OPEN = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]
VERSION = f"consumer/{REGION}/settings:cross-account-version"
DEFAULTS = f"consumer/{REGION}/settings:default-permissions"


def wanting(accounts: Accounts, admin: str = "lasting", **settings: Any) -> app.Settings:
    """Write a spec that wants these settings of the consumer."""
    more = {"lake_formation": settings} if settings else {}
    consumer = {**ACCOUNT, "id": CONSUMER, "admin": admin, **more}
    producer = {**ACCOUNT, "id": PRODUCER}
    return accounts.write({"s": accounts.share("users")}, producer=producer, consumer=consumer)


def document(accounts: Accounts) -> dict[str, Any]:
    found: dict[str, Any] = accounts.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    return found


def put(accounts: Accounts, **members: Any) -> None:
    accounts.client("lakeformation").put_data_lake_settings(DataLakeSettings={**document(accounts), **members})


@pytest.mark.parametrize("admin", ["lasting", "borrowed"])
def test_a_version_is_raised_when_the_spec_says_so(accounts: Accounts, admin: str) -> None:
    """The step says from what to what and what that changes; all else in the document stays; destroy keeps it."""
    put(accounts, TrustedResourceOwners=["444444444444"])
    settings = wanting(accounts, admin, cross_account_version=4)
    before = document(accounts)

    planned = app.plan(settings).plan
    apply_all(settings)
    between = document(accounts)
    again = app.plan(settings).plan
    destroyed = destroy_all(settings)

    step = next(step for step in planned.steps if step.address == VERSION)
    assert step.action == "update"
    assert "version 1 -> 4" in step.reason
    assert "may be shared while IAM_ALLOWED_PRINCIPALS hold it" in step.reason
    assert between["Parameters"] == {**before["Parameters"], "CROSS_ACCOUNT_VERSION": "4"}
    assert between["TrustedResourceOwners"] == ["444444444444"]
    assert steps(again) == []
    kept = next(item for item in destroyed.plan.no_ops if item.address == VERSION)
    assert kept.is_kept
    assert "version 4 is not lowered again" in kept.reason
    assert document(accounts) == {**before, "Parameters": between["Parameters"]}
    assert in_ledger(accounts) == []


@pytest.mark.parametrize("live", ["4", "5"])
def test_a_higher_version_is_left(accounts: Accounts, live: str) -> None:
    """More than the spec says is never lowered, and the plan says so."""
    put(accounts, Parameters={"CROSS_ACCOUNT_VERSION": live, "SET_CONTEXT": "TRUE"})
    settings = wanting(accounts, cross_account_version=2)

    no_op = next(item for item in app.plan(settings).plan.no_ops if item.address == VERSION)
    apply_all(settings)

    assert f"the version is {live}" in no_op.reason
    assert "never lowered" in no_op.reason
    assert document(accounts)["Parameters"]["CROSS_ACCOUNT_VERSION"] == live


def test_without_a_word_nothing_is_touched(accounts: Accounts) -> None:
    """A spec that names no settings changes neither version nor defaults."""
    before = document(accounts)

    apply_all(wanting(accounts))

    assert {**document(accounts), "DataLakeAdmins": []} == before


@pytest.mark.parametrize("opened", [("Database", "Table"), ("Table",), ("Database",)], ids="+".join)
def test_default_permissions_are_emptied_and_given_back(accounts: Accounts, opened: tuple[str, ...]) -> None:
    """The step says what it means; destroy puts back exactly what was there before."""
    defaults = {f"Create{kind}DefaultPermissions": OPEN if kind in opened else [] for kind in ("Database", "Table")}
    put(accounts, **defaults)
    settings = wanting(accounts, default_permissions="none")
    before = document(accounts)

    planned = app.plan(settings).plan
    apply_all(settings)
    between = document(accounts)
    again = app.plan(settings).plan
    destroy_all(settings)

    step = next(step for step in planned.steps if step.address == DEFAULTS)
    assert step.action == "update"
    assert "nobody reads a new one without a grant" in step.reason
    assert between["CreateDatabaseDefaultPermissions"] == between["CreateTableDefaultPermissions"] == []
    assert steps(again) == []
    assert document(accounts) == before
    assert in_ledger(accounts) == []


def test_defaults_that_were_empty_stay_so(accounts: Accounts) -> None:
    """Where nothing was taken, nothing is given back."""
    put(accounts, CreateDatabaseDefaultPermissions=[], CreateTableDefaultPermissions=[])
    settings = wanting(accounts, default_permissions="none")
    before = document(accounts)

    planned = app.plan(settings).plan
    apply_all(settings)
    destroy_all(settings)

    assert DEFAULTS not in [address for _, address in steps(planned)]
    assert document(accounts) == before


def test_defaults_that_somebody_sets_again_are_theirs(accounts: Accounts) -> None:
    """What others put there since is left by destroy, and found by drift before that."""
    settings = wanting(accounts, default_permissions="none")
    apply_all(settings)
    put(accounts, CreateTableDefaultPermissions=OPEN, CreateDatabaseDefaultPermissions=OPEN)

    differences = [item.address for item in app.drift(settings).differences]
    destroy_all(settings)

    assert differences == [DEFAULTS]
    assert document(accounts)["CreateTableDefaultPermissions"] == OPEN
    assert in_ledger(accounts) == []


def test_a_spec_that_says_nothing_any_more_gives_back(accounts: Accounts) -> None:
    """Taken out of the spec, the defaults are as before us, and the version is kept."""
    before = document(accounts)
    apply_all(wanting(accounts, default_permissions="none", cross_account_version=3))
    settings = wanting(accounts)

    planned = app.plan(settings).plan
    apply_all(settings)

    assert steps(planned) == [("update", DEFAULTS)]
    assert document(accounts)["CreateTableDefaultPermissions"] == before["CreateTableDefaultPermissions"]
    assert document(accounts)["Parameters"]["CROSS_ACCOUNT_VERSION"] == "3"
    assert steps(app.plan(settings).plan) == []


@pytest.mark.parametrize("error", ["kill_before", "kill_after"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_broken_call_loses_no_memory(accounts: Accounts, error: str, nth: int) -> None:
    """Whichever Put breaks, before or after it has acted, destroy ends with the document of before."""
    settings = wanting(accounts, "borrowed", default_permissions="none")
    before = document(accounts)
    fault = {"operation": "lakeformation:PutDataLakeSettings", "nth": nth, "error": error}
    accounts.control("faults", [fault])

    app.apply(settings)
    apply_all(settings)
    destroy_all(settings)

    assert document(accounts) == before
    assert in_ledger(accounts) == []
