"""Grants, administrators and settings of others, made before, beside and while lakeshare works: all of them stay."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeshare import app
from tests.functional.accounts import (
    CONSUMER,
    DATABASE,
    OPERATOR,
    PRODUCER,
    READER,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)
from tests.functional.own_tables import DATABASE as SOURCE
from tests.functional.own_tables import share as own_share
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture
from tests.functional.test_nothing_of_others import be_administrator

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"
GROUP = f"{CONSUMER}:IAMPrincipals"
CONTACTS = {"CatalogId": PRODUCER, "DatabaseName": SOURCE, "Name": "contacts"}
LINK = {"DatabaseName": DATABASE, "Name": "contacts_link"}
MINE: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({"Table": CONTACTS}, ("SELECT",)),
    ({"Table": CONTACTS}, ("DESCRIBE", "SELECT")),
    ({"TableWithColumns": {**CONTACTS, "ColumnNames": ["contact_id"]}}, ("SELECT",)),
    ({"TableWithColumns": {**CONTACTS, "ColumnWildcard": {}}}, ("SELECT",)),
    ({"TableWithColumns": {**CONTACTS, "ColumnWildcard": {"ExcludedColumnNames": ["contact_id"]}}}, ("SELECT",)),
    ({"Table": LINK}, ("DESCRIBE", "DROP")),
    ({"Database": {"Name": DATABASE}}, ("ALL",)),
    ({"Database": {"Name": DATABASE}}, ("ALTER", "CREATE_TABLE", "DESCRIBE")),
    ({"Table": {"DatabaseName": DATABASE, "TableWildcard": {}}}, ("DESCRIBE",)),
    ({"Table": {"DatabaseName": DATABASE, "TableWildcard": {}}}, ("ALL", "SELECT")),
    ({"Catalog": {}}, ("CREATE_DATABASE",)),
)
"""What others grant in the consumer's account, in the shapes of the API."""

a_grant = st.tuples(
    st.sampled_from([ROLE, GROUP, f"arn:aws:iam::{CONSUMER}:user/administrator"]), st.sampled_from(MINE)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(a_grant, min_size=1, max_size=6))
def test_no_step_follows_from_what_others_grant(
    applied_once: Accounts, granted: list[tuple[str, tuple[dict[str, Any], tuple[str, ...]]]]
) -> None:
    """Any grants of others, on our tables, links and database, to our reader or to anybody, leave the plan empty."""
    lake = be_administrator(applied_once)
    for who, (resource, permissions) in granted:
        grant(lake, who, resource, permissions)

    planned = app.plan(applied_once.write({"own": own_share(applied_once)})).plan

    assert steps(planned) == []
    assert planned.blockers == ()


@pytest.fixture
def applied_once(own_tables: Accounts) -> Accounts:
    """Two tables of the producer's, shared, linked and read."""
    apply_all(own_tables.write({"own": own_share(own_tables)}))
    return own_tables


def grant(lake: Any, who: str, resource: dict[str, Any], permissions: tuple[str, ...]) -> None:
    """Grant, as far as Lake Formation lets these stand together."""
    principal = {"DataLakePrincipalIdentifier": who}
    try:
        lake.grant_permissions(Principal=principal, Resource=resource, Permissions=list(permissions))
    except ClientError as error:
        # Some columns beside other permissions on one table is what Lake Formation refuses.
        if "combined with other permissions" not in str(error):
            raise


def test_a_change_that_failed_half_way_leaves_nothing_behind(own_tables: Accounts) -> None:
    """The new column is granted, taking the old one back is refused: the next run finishes, and destroy finds all."""

    def reading(*columns: str) -> app.Settings:
        reader = {"role": READER, "create": {"service": "lambda.amazonaws.com"}, "columns": {"contacts": list(columns)}}
        return own_tables.write({"own": own_share(own_tables, readers=[reader])})

    before = own_tables.grants(catalog=PRODUCER)
    apply_all(reading("contact_id"))
    fault = {"operation": "lakeformation:BatchRevokePermissions", "nth": 1, "error": "AccessDeniedException"}
    own_tables.control("faults", [fault])

    failed = app.apply(reading("customer_number"))
    half = columns_of_reader(own_tables)
    apply_all(reading("customer_number"))
    whole = columns_of_reader(own_tables)
    destroy_all(reading("customer_number"))

    assert [outcome.action for outcome in failed.failures] == ["update"]
    assert (half, whole) == ({"contact_id,customer_number"}, {"customer_number"})
    assert own_tables.grants(catalog=PRODUCER) == before


def columns_of_reader(accounts: Accounts) -> set[str]:
    things = {thing for who, _, thing in accounts.grants(catalog=PRODUCER) if who == ROLE}
    return {thing.partition("(")[2].rstrip(")") for thing in things if "(" in thing}


def test_others_who_write_the_settings_all_the_while_lose_nothing(accounts: Accounts) -> None:
    """
    While lakeshare applies and destroys, somebody else adds one administrator after another, each by get, merge, put.

    What one puts between another's get and put is lost, and nobody could tell: so whoever writes looks again, as they
    do here until all of theirs are there at once. In the end they are, as are the other settings; ours stands after the
    apply and is gone after the destroy.
    """
    lake = accounts.client("lakeformation")
    first = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**first, "AuthorizedSessionTagValueList": ["theirs"]})
    names = [make_role(accounts, f"other-{number:02}") for number in range(12)]
    accounts.control("latency", {"ms": 10})
    settings_ = accounts.write({"s": accounts.share("users")})
    writer = threading.Thread(target=add_administrators, args=(lake, names))

    writer.start()
    apply_until_done(settings_)
    writer.join()
    add_administrators(lake, names)
    accounts.control("latency", {"ms": 0})
    apply_until_done(settings_)
    after_apply = lake.get_data_lake_settings()["DataLakeSettings"]
    destroy_all(settings_)
    after_destroy = lake.get_data_lake_settings()["DataLakeSettings"]

    ours = f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}"
    assert administrators(after_apply) == {*names, ours}
    assert administrators(after_destroy) == set(names)
    assert after_destroy["AuthorizedSessionTagValueList"] == ["theirs"]
    assert {**after_destroy, "DataLakeAdmins": []} == {**after_apply, "DataLakeAdmins": []}


def apply_until_done(settings_: app.Settings) -> None:
    """Apply again when somebody's stale document has taken our right away in the middle."""
    for _ in range(6):
        applied = app.apply(settings_)
        if not applied.failures and not applied.skipped:
            return
    pytest.fail(f"never done: {[str(item.error) for item in applied.failures]}")


def add_administrators(lake: Any, arns: list[str]) -> None:
    """Add one after the other, and those again that somebody else's stale document took away."""
    while missing := [arn for arn in arns if arn not in administrators(settings_of(lake))]:
        for arn in missing:
            document = settings_of(lake)
            rows = [*document["DataLakeAdmins"], {"DataLakePrincipalIdentifier": arn}]
            lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": rows})


def settings_of(lake: Any) -> dict[str, Any]:
    found: dict[str, Any] = lake.get_data_lake_settings()["DataLakeSettings"]
    return found


def administrators(document: dict[str, Any]) -> set[str]:
    return {row["DataLakePrincipalIdentifier"] for row in document["DataLakeAdmins"]}


def make_role(accounts: Accounts, name: str) -> str:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    arn: str = accounts.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return arn
