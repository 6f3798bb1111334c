"""`admin: borrowed`: the operator administers the lake while a run changes something, and only looks between runs."""

from __future__ import annotations

from typing import Any

from lakeshare import app
from tests.functional.accounts import (
    CONSUMER,
    PRODUCER,
    REGION,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.test_nothing_of_others import in_ledger

OPERATOR = f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator"
RIGHT = f"consumer/{REGION}/settings:administrator/role/lakeshare-operator"
SIGHT = f"consumer/{REGION}/settings:read-only-administrator/role/lakeshare-operator"
ACCOUNT = {"region": REGION, "role": "lakeshare-operator", "external_id": "${EXTERNAL_ID}"}


def borrowing(accounts: Accounts, *tables: str, admin: str = "borrowed", **changes: Any) -> app.Settings:
    """Write a spec whose accounts lend the right to administer."""
    both = {"producer": {**ACCOUNT, "id": PRODUCER}, "consumer": {**ACCOUNT, "id": CONSUMER}}
    more = {name: {**account, "admin": admin} for name, account in both.items()}
    return accounts.write({"s": accounts.share(*(tables or ("users",)), **changes)}, **more)


def listed(accounts: Accounts, member: str, account: str = CONSUMER) -> list[str]:
    """List the administrators of one of the two sorts."""
    settings = accounts.client("lakeformation", account).get_data_lake_settings()["DataLakeSettings"]
    return [row["DataLakePrincipalIdentifier"] for row in settings[member]]


def puts(accounts: Accounts) -> int:
    """Count the settings documents that the consumer was sent since the calls were last forgotten."""
    counts = accounts.asked("calls").get(CONSUMER, {}).get("lakeformation:PutDataLakeSettings", {})
    return int(counts.get("accepted", 0))


def test_the_right_is_there_for_the_run_alone(accounts: Accounts) -> None:
    """An apply makes everything, leaves the operator a read-only administrator, and a plan sees all of it."""
    settings = borrowing(accounts)
    before, grants = accounts.everything(), accounts.grants()

    applied = apply_all(settings)
    between = listed(accounts, "DataLakeAdmins"), listed(accounts, "ReadOnlyAdmins")
    again = app.plan(settings).plan
    destroyed = destroy_all(settings)

    assert ("create", RIGHT) in steps(applied.plan)
    assert [(loan.address, loan.error) for loan in applied.loans] == [(RIGHT, None)]
    assert between == ([], [OPERATOR])
    assert steps(again) == []
    assert {item.reason for item in again.no_ops} == {"as it should be"}
    assert [loan.address for loan in destroyed.loans] == [RIGHT]
    assert in_ledger(accounts) == []
    assert accounts.everything() == before
    assert accounts.grants() == grants
