"""A reader that queries throughout an apply: it never fails on what it holds before and after."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, PRODUCER, READER, SECRET, Accounts, apply_all, steps
from tests.functional.own_tables import DATABASE as SOURCE
from tests.functional.own_tables import share as own_share
from tests.functional.own_tables import table_input
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture
from tests.functional.test_nothing_of_others import be_administrator

CREATED = {"role": READER, "create": {"service": "lambda.amazonaws.com"}}
HELD_THROUGHOUT = 'SELECT contact_id FROM "contacts_link"'


@dataclass
class Querying:
    """What a reader's queries came to: how many succeeded, and the reasons of those that did not."""

    done: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def querying(accounts: Accounts, sql: str) -> Iterator[Querying]:
    """Run *sql* as the reader, in Athena, again and again on a thread of its own until the block is left."""
    keys = session_of_reader(accounts)
    athena = accounts.client("athena", **keys)
    seen, is_over = Querying(), threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            if reason := failure_of(athena, sql):
                seen.failures.append(reason)
            seen.done += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        wait_for(seen, more=1)
        yield seen
        wait_for(seen, more=1)
    finally:
        is_over.set()
        thread.join()


def wait_for(seen: Querying, *, more: int) -> None:
    """Wait until *more* queries have ended that began after now."""
    until, patience = seen.done + more + 1, time.monotonic() + 60
    while seen.done < until and time.monotonic() < patience:
        time.sleep(0.01)  # a poll of our own thread, with a deadline
    assert seen.done >= until


def session_of_reader(accounts: Accounts) -> dict[str, str]:
    """Return keys of the reader's role, assumed by the operator, whom it trusts."""
    operator = accounts.client("sts", "999999999999").assume_role(
        RoleArn=f"arn:aws:iam::{CONSUMER}:role/lakeshare-operator", RoleSessionName="test", ExternalId=SECRET
    )["Credentials"]
    reader = accounts.client("sts", **keys_in(operator)).assume_role(
        RoleArn=f"arn:aws:iam::{CONSUMER}:role/{READER}", RoleSessionName="test", ExternalId=SECRET
    )["Credentials"]
    return keys_in(reader)


def keys_in(session: Mapping[str, Any]) -> dict[str, str]:
    return {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }


def failure_of(athena: Any, sql: str) -> str | None:
    """Run one query, and return why it failed."""
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": DATABASE},
        WorkGroup="lakeshare-connect-analytics",
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            return None if status["State"] == "SUCCEEDED" else str(status.get("StateChangeReason"))


def reading(accounts: Accounts, columns: Any, **changes: Any) -> app.Settings:
    """Write a spec in which the reader's rule for ``contacts`` is *columns*; None for no rule."""
    rule = {} if columns is None else {"columns": {"contacts": columns}}
    return accounts.write({"own": own_share(accounts, readers=[{**CREATED, **rule}], **changes)})


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(["contact_id"], ["contact_id", "customer_number"], id="a column more"),
        pytest.param(["contact_id", "customer_number"], ["contact_id"], id="a column less"),
        pytest.param(None, ["contact_id"], id="from the whole table to columns"),
        pytest.param(["contact_id"], None, id="from columns to the whole table"),
        pytest.param(["contact_id", "customer_number"], {"except": ["customer_number"]}, id="from a list to except"),
        pytest.param({"except": ["customer_number"]}, None, id="from except to the whole table"),
    ],
)
def test_a_column_that_stays_is_readable_throughout(own_tables: Accounts, before: Any, after: Any) -> None:
    """While the reader's columns change, a column of both rules never fails to be read; then the plan is empty."""
    apply_all(reading(own_tables, before))
    settings = reading(own_tables, after)
    # Slow enough that a query fits between any two of its calls.
    own_tables.control("limits", {"lakeformation:*": {"rate": 3, "burst": 1, "charge": "call"}})

    with querying(own_tables, HELD_THROUGHOUT) as seen:
        applied = apply_all(settings)
    own_tables.control("limits", {})

    assert {outcome.action for outcome in applied.outcomes} == {"update"}
    assert seen.failures == []
    assert steps(app.plan(settings).plan) == []
    assert columns_held(own_tables) == expected(after)


def columns_held(accounts: Accounts) -> set[str]:
    rows = accounts.grants(catalog=PRODUCER)
    role = f"arn:aws:iam::{CONSUMER}:role/{READER}"
    return {thing for who, what, thing in rows if (who, what) == (role, "SELECT") and ".contacts" in thing}


def expected(rule: Any) -> set[str]:
    if rule is None:
        return {f"{SOURCE}.contacts"}
    columns = ["contact_id"] if isinstance(rule, dict) else rule
    return {f"{SOURCE}.contacts({','.join(sorted(columns))})"}


@pytest.mark.endurance
def test_tables_come_and_go_around_a_reader(own_tables: Accounts) -> None:
    """A table is added and another taken away; what the reader reads of a third never fails."""
    be_administrator(own_tables, PRODUCER).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:user/administrator"},
        Resource={"DataLocation": {"ResourceArn": "arn:aws:s3:::producer-bucket"}},
        Permissions=["DATA_LOCATION_ACCESS"],
    )
    own_tables.client("glue", PRODUCER).create_table(DatabaseName=SOURCE, TableInput=table_input("agents"))

    def sharing(*tables: str) -> app.Settings:
        source = {"account": "producer", "catalog": {"database": SOURCE, "tables": list(tables)}}
        return own_tables.write({"own": own_tables.share(**{"from": source})})

    apply_all(sharing("contacts", "queues"))
    settings = sharing("contacts", "agents")

    with querying(own_tables, HELD_THROUGHOUT) as seen:
        applied = apply_all(settings)

    assert {outcome.action for outcome in applied.outcomes} >= {"create", "delete"}
    assert seen.failures == []
    assert steps(app.plan(settings).plan) == []


@pytest.mark.endurance
def test_a_reader_moves_to_another_share(own_tables: Accounts) -> None:
    """What one share granted another grants from now on: the same rows, so nothing is revoked and no query fails."""

    def in_share(name: str) -> app.Settings:
        queues = {"account": "producer", "catalog": {"database": SOURCE, "tables": ["queues"]}}
        other = own_tables.share(**{"from": queues, "readers": [CREATED]})
        contacts = {"account": "producer", "catalog": {"database": SOURCE, "tables": ["contacts"]}}
        mine = own_tables.share(**{"from": contacts, "readers": [CREATED]})
        return own_tables.write({name: mine, "other": other})

    apply_all(in_share("first"))
    settings = in_share("second")

    with querying(own_tables, HELD_THROUGHOUT) as seen:
        applied = apply_all(settings)

    assert [item for item in applied.outcomes if item.action == "delete"] == []
    assert seen.failures == []


def test_where_revoking_the_whole_table_takes_columns_along_they_are_granted_again(own_tables: Accounts) -> None:
    """Should AWS not keep the two apart, the reader ends up with its columns all the same, in the same apply."""
    apply_all(reading(own_tables, None))
    own_tables.control("switches", {"lakeformation.revoke-whole-table": "together"})
    settings = reading(own_tables, ["contact_id"])

    apply_all(settings)

    assert columns_held(own_tables) == expected(["contact_id"])
    assert steps(app.plan(settings).plan) == []


def test_a_column_that_the_owner_adds_comes_with_the_next_plan(own_tables: Accounts) -> None:
    """A rule that leaves columns out is a list underneath, so a new column is a change, and is read after it."""
    settings = reading(own_tables, {"except": ["customer_number"]})
    apply_all(settings)
    columns = [
        *table_input("contacts")["StorageDescriptor"]["Columns"],
        {"Name": "channel", "Type": "string"},
    ]
    storage = {**table_input("contacts")["StorageDescriptor"], "Columns": columns}
    own_tables.client("glue", PRODUCER).update_table(
        DatabaseName=SOURCE, TableInput={**table_input("contacts"), "StorageDescriptor": storage}
    )

    planned = app.plan(settings).plan
    apply_all(settings)

    assert [step.reason for step in planned.steps] == ["columns missing: channel"]
    assert columns_held(own_tables) == {f"{SOURCE}.contacts(channel,contact_id)"}
    assert steps(app.plan(settings).plan) == []
