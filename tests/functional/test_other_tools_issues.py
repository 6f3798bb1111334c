"""
Situations in which other tools plan the same change for ever, or fail; each named after its report.

The numbers are issues of hashicorp/terraform-provider-aws. Of 22570 and 44074 we had the numbers alone and not the
texts: what stands under them are the two shapes of the same family that no other report here covers.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, PRODUCER, READER, Accounts, apply_all, destroy_all, steps
from tests.functional.own_tables import DATABASE as SOURCE
from tests.functional.own_tables import share as own_share
from tests.functional.test_catalog_source import own_tables as own_tables  # noqa: PLC0414 - a fixture
from tests.functional.test_nothing_of_others import be_administrator

ROLE = f"arn:aws:iam::{CONSUMER}:role/{READER}"
READS = {"DataLakePrincipalIdentifier": ROLE}
CONTACTS = {"CatalogId": PRODUCER, "DatabaseName": SOURCE, "Name": "contacts"}
FILTER = {"TableCatalogId": PRODUCER, "DatabaseName": SOURCE, "TableName": "contacts", "Name": "one"}


@pytest.fixture
def shared(own_tables: Accounts) -> Accounts:
    """Two tables of the producer's, shared with the consumer and read by one role."""
    apply_all(settings_of(own_tables))
    return own_tables


def settings_of(accounts: Accounts) -> app.Settings:
    return accounts.write({"own": own_share(accounts)})


def rows(lake: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.list_permissions(**asked)["PrincipalResourcePermissions"]
    return found


def rows_of_reader(accounts: Accounts, *, catalog: str) -> list[dict[str, Any]]:
    """Return the rows of the reader as an administrator of the consumer sees them in a catalog."""
    found = rows(be_administrator(accounts), CatalogId=catalog)
    return [row for row in found if row["Principal"] == READS]


def changes(accounts: Accounts) -> list[tuple[str, str]]:
    plan = app.plan(settings_of(accounts)).plan
    assert plan.blockers == ()
    return steps(plan)


def test_49669_a_role_reads_a_shared_table_through_a_link(shared: Accounts) -> None:
    """
    A role of another account holds SELECT on a table that RAM shares with it.

    Listed with that role as Principal the owner sees nothing, so a tool that lists so replaces the grant for ever.
    """
    lake = be_administrator(shared, PRODUCER)

    asked_by_principal = rows(lake, Principal=READS, Resource={"Table": CONTACTS})

    assert asked_by_principal == []
    assert rows_of_reader(shared, catalog=PRODUCER) != []
    assert changes(shared) == []


def test_49453_super_comes_back_as_all_it_amounts_to(shared: Accounts) -> None:
    """
    Somebody grants Super; AWS lists it as ALL beside every single permission, and SELECT in a row of its own.

    What a tool asked for as ALL it never reads back as ALL. Here neither the account's Super nor the reader's is ours.
    """
    for who, lake, resource in (
        (CONSUMER, be_administrator(shared, PRODUCER), {"Table": CONTACTS}),
        (ROLE, be_administrator(shared), {"Database": {"Name": DATABASE}}),
    ):
        lake.grant_permissions(Principal={"DataLakePrincipalIdentifier": who}, Resource=resource, Permissions=["ALL"])

    listed = [row["Permissions"] for row in rows_of_reader(shared, catalog=CONSUMER) if "Database" in row["Resource"]]
    planned = changes(shared)
    destroy_all(settings_of(shared))

    assert listed == [["ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"]]
    assert planned == []
    assert (CONSUMER, "ALL", f"{SOURCE}.contacts") in shared.grants(PRODUCER)


def test_44074_what_is_granted_to_a_group_is_nobody_in_particular(shared: Accounts) -> None:
    """The same rights held by all IAM principals of the account are other rows than the reader's, and not ours."""
    group = {"DataLakePrincipalIdentifier": f"{CONSUMER}:IAMPrincipals"}
    be_administrator(shared).grant_permissions(Principal=group, Resource={"Table": CONTACTS}, Permissions=["SELECT"])

    planned = changes(shared)
    destroy_all(settings_of(shared))

    assert planned == []
    assert not [step for step in planned if "IAMPrincipals" in step[1]]


def test_46951_tables_of_a_database_link_cannot_be_listed_on(shared: Accounts) -> None:
    """
    Somebody grants DESCRIBE on all tables of a database link, which AWS takes and then will not list by that name.

    Reading without a filter meets no such refusal; the grant is in a row that is not ours, and stays.
    """
    target = {"CatalogId": PRODUCER, "DatabaseName": SOURCE}
    lake = be_administrator(shared)
    shared.client("glue").create_database(DatabaseInput={"Name": "whole_link", "TargetDatabase": target})
    through_link = {"Table": {"DatabaseName": "whole_link", "TableWildcard": {}}}
    lake.grant_permissions(Principal=READS, Resource=through_link, Permissions=["DESCRIBE"])

    with pytest.raises(ClientError, match="Database cannot be a link for this operation"):
        rows(lake, Principal=READS, Resource=through_link)
    planned = changes(shared)
    destroy_all(settings_of(shared))

    assert planned == []
    assert (ROLE, "DESCRIBE", "whole_link.ALL_TABLES") in shared.grants()


def test_48360_a_data_cells_filter_is_no_right_on_the_table(shared: Accounts) -> None:
    """
    The owner grants the reader a data cells filter on the same table; by that principal AWS lists nothing.

    Rows on filters are not rows on tables: the reader's SELECT on the table is ours still, and the filter stays.
    """
    lake = be_administrator(shared, PRODUCER)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    parameters = {**document["Parameters"], "CROSS_ACCOUNT_VERSION": "3"}  # what a grant to a role abroad takes
    lake.put_data_lake_settings(DataLakeSettings={**document, "Parameters": parameters})
    cells = {**FILTER, "RowFilter": {"FilterExpression": "contact_id = 'c-1'"}, "ColumnWildcard": {}}
    lake.create_data_cells_filter(TableData=cells)
    lake.grant_permissions(Principal=READS, Resource={"DataCellsFilter": FILTER}, Permissions=["SELECT"])

    asked_by_principal = rows(lake, Principal=READS, Resource={"DataCellsFilter": FILTER})
    planned = changes(shared)
    destroy_all(settings_of(shared))

    assert asked_by_principal == []
    assert planned == []
    assert [row["Principal"] for row in rows(lake, Resource={"DataCellsFilter": FILTER})] == [READS]


def test_35160_implicit_rights_are_neither_compared_nor_revoked(shared: Accounts) -> None:
    """
    An administrator's list by principal shows rights that nobody granted and that nobody can revoke.

    The reader becomes an administrator: the plan stays empty, and destroy revokes what was granted and nothing else.
    """
    lake = be_administrator(shared)
    document = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**document, "DataLakeAdmins": [*document["DataLakeAdmins"], READS]})

    implicit = rows(lake, Principal=READS, Resource={"Catalog": {}})
    planned = changes(shared)
    destroyed = app.destroy(settings_of(shared), app.Options(targets=("*/grant:*",)), confirm=lambda _plan: True)

    assert "CREATE_DATABASE" in implicit[0]["Permissions"]
    assert planned == []
    assert destroyed.failures == ()


def test_22570_the_order_and_the_parts_in_which_rows_come_do_not_matter(own_tables: Accounts) -> None:
    """Columns are a set: what the spec lists in one order, and others grant a part of, is listed in another."""
    reader = {
        "role": READER,
        "create": {"service": "lambda.amazonaws.com"},
        "columns": {"contacts": ["customer_number", "contact_id"]},
    }
    settings = own_tables.write({"own": own_share(own_tables, readers=[reader])})
    apply_all(settings)
    columns = {**CONTACTS, "ColumnNames": ["contact_id"]}
    be_administrator(own_tables).grant_permissions(
        Principal=READS, Resource={"TableWithColumns": columns}, Permissions=["SELECT"]
    )

    planned = app.plan(settings).plan

    assert steps(planned) == []
    assert planned.blockers == ()


def test_17047_one_principal_and_table_in_many_rows(shared: Accounts) -> None:
    """
    SELECT comes back as TableWithColumns beside the row of the other permissions, which is more rows than one.

    A tool that expects one row per principal and table fails on it. Here others add DESCRIBE, and columns: both are
    left when ours are revoked, and with them what the account was granted, on which they rest.
    """
    lake = be_administrator(shared)
    columns = {**CONTACTS, "ColumnNames": ["contact_id"]}
    lake.grant_permissions(Principal=READS, Resource={"TableWithColumns": columns}, Permissions=["SELECT"])
    on_queues = {"Table": {**CONTACTS, "Name": "queues"}}
    lake.grant_permissions(Principal=READS, Resource=on_queues, Permissions=["DESCRIBE"])

    listed = [row["Resource"] for row in rows_of_reader(shared, catalog=PRODUCER)]
    planned = changes(shared)
    destroyed = destroy_all(settings_of(shared))

    assert len(listed) == 4
    assert planned == []
    held = {row for row in shared.grants(catalog=PRODUCER) if row[0] == ROLE}
    assert held == {(ROLE, "DESCRIBE", f"{SOURCE}.queues"), (ROLE, "SELECT", f"{SOURCE}.contacts(contact_id)")}
    kept = {item.address: item.reason for item in destroyed.plan.no_ops if item.is_kept}
    assert "holds SELECT by others" in kept[f"producer/ap-southeast-2/grant:{CONSUMER}/SELECT/{SOURCE}.contacts"]
