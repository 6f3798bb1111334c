"""How many calls a run makes, counted by the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any
from urllib.request import Request, urlopen

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, PRODUCER, SECOND_CONSUMER, Accounts, apply_all, destroy_all

TABLES = ("contact_record", "users", "agent_event", "routing_profiles")
BESIDES = 14
"""Lake Formation calls of an apply in one account that are no batches, whatever there is to grant."""
LOOKING = 3
"""Lake Formation calls of an empty plan in one account beside the walks: the settings, who holds what on `default`."""


def readers(count: int) -> list[dict[str, Any]]:
    """Return so many roles to be made."""
    return [{"role": f"reader-{number}", "create": {"service": "lambda.amazonaws.com"}} for number in range(count)]


def forget(accounts: Accounts) -> None:
    """Let the sandbox count anew."""
    urlopen(Request(f"{accounts.box.endpoint_url}/_sandbox/calls", method="DELETE")).close()  # noqa: S310 - loopback


def counted(accounts: Accounts) -> dict[str, dict[str, int]]:
    """Return the calls that the sandbox counted, throttled and failed ones included."""
    with urlopen(f"{accounts.box.endpoint_url}/_sandbox/calls") as answer:  # noqa: S310 - loopback
        found = json.load(answer)
    return {account: {name: sum(count.values()) for name, count in calls.items()} for account, calls in found.items()}


def lake_formation(calls: dict[str, int]) -> Counter[str]:
    """Return the calls to Lake Formation by operation."""
    return Counter({name.split(":")[1]: count for name, count in calls.items() if name.startswith("lakeformation:")})


def grants(applied: app.Applied, alias: str) -> Counter[str]:
    """Count the grants that were made in *alias* by the catalog that owns the thing (empty: its own)."""
    made = [
        item.address for item in applied.outcomes if item.address.startswith(f"{alias}/") and "/grant:" in item.address
    ]
    return Counter("foreign" if ":" in address.rsplit("/", 1)[1] else "own" for address in made)


@pytest.mark.parametrize(("tables", "count"), [(1, 1), (4, 1), (4, 6)])
def test_an_apply_grants_in_full_batches(accounts: Accounts, tables: int, count: int) -> None:
    """From nothing, grants of a catalog go twenty a call, each link takes one call, the rest is a constant."""
    settings = accounts.write({"contact-centre": accounts.share(*TABLES[:tables], readers=readers(count))})
    forget(accounts)

    applied = apply_all(settings)

    calls = counted(accounts)[CONSUMER]
    batches = sum(ceil(number / 20) for number in grants(applied, "consumer").values())
    assert calls["lakeformation:BatchGrantPermissions"] <= batches + 2
    assert calls["glue:CreateTable"] == tables
    assert lake_formation(calls).total() <= batches + BESIDES
    assert "lakeformation:GrantPermissions" not in calls


def test_column_rules_cost_no_calls_of_their_own(accounts: Accounts) -> None:
    """Readers with rules about columns are granted in the same batches."""
    ruled = [{**reader, "columns": {"users": {"except": ["agent_username"]}}} for reader in readers(5)]
    settings = accounts.write({"contact-centre": accounts.share(*TABLES, readers=ruled)})
    forget(accounts)

    applied = apply_all(settings)

    calls = counted(accounts)[CONSUMER]
    batches = sum(ceil(number / 20) for number in grants(applied, "consumer").values())
    assert calls["lakeformation:BatchGrantPermissions"] <= batches + 2


def test_an_empty_plan_walks_each_list_once(accounts: Accounts) -> None:
    """A plan without changes asks for each list of grants once and for little besides, however many readers."""
    settings = accounts.write({"contact-centre": accounts.share(*TABLES, readers=readers(6))})
    apply_all(settings)
    forget(accounts)

    planned = app.plan(settings)

    calls = lake_formation(counted(accounts)[CONSUMER])
    assert not planned.plan.has_changes
    assert calls["ListPermissions"] <= 2 + 1
    assert calls.total() <= 2 + LOOKING


def test_consumers_do_not_cost_each_other_calls(accounts: Accounts) -> None:
    """With a second consumer the first makes the calls that it made alone."""
    accounts.make_operator(SECOND_CONSUMER)
    one = accounts.share(*TABLES, readers=readers(2))
    other = {**one, "to": {**one["to"], "account": "other"}}
    settings = accounts.write({"one": one, "other": other}, other=accounts.second_consumer())
    forget(accounts)

    apply_all(settings)

    calls = counted(accounts)
    for account in (CONSUMER, SECOND_CONSUMER):
        assert calls[account]["lakeformation:BatchGrantPermissions"] <= 2 + 2
        assert lake_formation(calls[account]).total() <= 2 + BESIDES


def test_destroy_revokes_in_full_batches(accounts: Accounts) -> None:
    """Taking all away revokes twenty a call as well."""
    settings = accounts.write({"contact-centre": accounts.share(*TABLES, readers=readers(6))})
    applied = apply_all(settings)
    forget(accounts)

    destroy_all(settings)

    calls = counted(accounts)[CONSUMER]
    batches = sum(ceil(number / 20) for number in grants(applied, "consumer").values())
    assert calls["lakeformation:BatchRevokePermissions"] <= batches + 2
    assert lake_formation(calls).total() <= batches + BESIDES


def by_target(calls: Mapping[str, Mapping[str, int]]) -> tuple[dict[str, dict[str, int]], int]:
    """Return *calls* without those that assume roles, and the number of these: who made them counts them elsewhere."""
    assumed = sum(names.get("sts:AssumeRole", 0) for names in calls.values())
    rest = {
        account: {name: count for name, count in names.items() if name != "sts:AssumeRole"}
        for account, names in calls.items()
    }
    return {account: names for account, names in rest.items() if names}, assumed


def test_counts_of_the_document_are_the_sandboxs(accounts: Accounts) -> None:
    """What apply and plan say that they called is what the other side has counted, to the call, repeats included."""
    settings = accounts.write({"contact-centre": accounts.share(*TABLES, readers=readers(2))})
    accounts.control("faults", [{"operation": "glue:CreateTable", "nth": 2, "error": "ThrottlingException"}])
    forget(accounts)

    applied = apply_all(settings)
    of_apply = counted(accounts)
    forget(accounts)
    planned = app.plan(settings)

    assert of_apply[CONSUMER]["glue:CreateTable"] == len(TABLES) + 1
    assert by_target(applied.calls) == by_target(of_apply)
    assert by_target(planned.plan.calls) == by_target(counted(accounts))
    assert set(planned.plan.calls) == {PRODUCER, CONSUMER}
