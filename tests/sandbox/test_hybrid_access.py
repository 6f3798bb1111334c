"""Hybrid access: locations where Lake Formation rules those who were opted in, and IAM everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, as_role, refused
from tests.sandbox.test_data_cells_filters import ANALYST, TABLE, Lake

CALLS = "arn:aws:s3:::calls"
PRINCIPAL = {"DataLakePrincipalIdentifier": ANALYST}


def register(lake: Lake, *, hybrid: bool) -> None:
    """Register the bucket of the table."""
    lake.formation.register_resource(ResourceArn=CALLS, UseServiceLinkedRole=True, HybridAccessEnabled=hybrid)


def opt_in(lake: Lake, **resource: Any) -> None:
    lake.formation.create_lake_formation_opt_in(Principal=PRINCIPAL, Resource=resource)


def opted_in(lake: Lake, **asked: Any) -> list[tuple[str, dict[str, Any]]]:
    rows = lake.formation.list_lake_formation_opt_ins(**asked)["LakeFormationOptInsInfoList"]
    return [(row["Principal"]["DataLakePrincipalIdentifier"], row["Resource"]) for row in rows]


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """A table that IAM_ALLOWED_PRINCIPALS holds, as before Lake Formation; the analyst's own IAM rights are ample."""
    as_role(client, "glue", "analyst")
    lake = Lake(client)
    for resource in ({"Database": {"Name": "lake"}}, {"Table": TABLE}):
        lake.grant("IAM_ALLOWED_PRINCIPALS", "ALL", **resource)
    return lake


def test_who_is_not_opted_in_is_iams_alone(lake: Lake) -> None:
    """In a hybrid location a principal without any grant reads with its own rights."""
    register(lake, hybrid=True)

    assert lake.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["3"]]


@pytest.mark.allows("lakeformation.optin.administrator", "lakeformation.optin.own-principals")
def test_who_is_opted_in_needs_grants(lake: Lake) -> None:
    """Opted in on the table, the analyst is refused until it is granted SELECT, though IAM holds the table still."""
    register(lake, hybrid=True)
    opt_in(lake, Table=TABLE)

    before = lake.ask("SELECT agent FROM calls")
    lake.grant(ANALYST, "SELECT", TableWithColumns={**TABLE, "ColumnNames": ["queue"]})
    after = lake.ask("SELECT * FROM calls ORDER BY 1 LIMIT 1")

    assert before.state == "FAILED"
    assert after.rows == [["queue"], ["billing"]]


@pytest.mark.allows("lakeformation.optin.databases-and-tables")
def test_an_opt_in_on_all_tables_counts(lake: Lake) -> None:
    """Within the account the wildcard is enough."""
    register(lake, hybrid=True)
    opt_in(lake, Table={"DatabaseName": "lake", "TableWildcard": {}})

    assert lake.ask("SELECT agent FROM calls").state == "FAILED"


def test_an_opt_in_elsewhere_changes_nothing(lake: Lake) -> None:
    """Where the location is not registered for hybrid access, the grant to IAMAllowedPrincipals decides for all."""
    opt_in(lake, Table=TABLE)

    assert lake.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["3"]]


@pytest.mark.refuses("lakeformation.optin.exists")
@pytest.mark.allows("lakeformation.optin.exists")
def test_opting_out_gives_the_table_back_to_iam(lake: Lake) -> None:
    """A removed opt-in is gone from the list and from the decision; removing it again finds nothing."""
    register(lake, hybrid=True)
    opt_in(lake, Table=TABLE)

    lake.formation.delete_lake_formation_opt_in(Principal=PRINCIPAL, Resource={"Table": TABLE})

    assert opted_in(lake) == []
    assert lake.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["3"]]
    with refused("EntityNotFoundException"):
        lake.formation.delete_lake_formation_opt_in(Principal=PRINCIPAL, Resource={"Table": TABLE})


def test_opt_ins_list_by_principal_and_by_resource(lake: Lake) -> None:
    """Made twice it is there once; the list says whose and on what."""
    table = {"Table": {"CatalogId": CONSUMER, **TABLE}}
    opt_in(lake, Table=TABLE)
    opt_in(lake, Table=TABLE)
    opt_in(lake, Database={"Name": "lake"})

    assert opted_in(lake) == [(ANALYST, table), (ANALYST, {"Database": {"CatalogId": CONSUMER, "Name": "lake"}})]
    assert opted_in(lake, Resource=table) == [(ANALYST, table)]
    assert opted_in(lake, Principal={"DataLakePrincipalIdentifier": ADMIN}) == []


@pytest.mark.refuses("lakeformation.optin.administrator")
def test_only_administrators_opt_in(lake: Lake, client: ClientMaker) -> None:
    """Anybody else is refused in the words that clients wait on."""
    analyst = as_role(client, "lakeformation", "analyst")

    with refused("AccessDeniedException", r"Insufficient Lake Formation permission\(s\) on Catalog"):
        analyst.create_lake_formation_opt_in(Principal=PRINCIPAL, Resource={"Table": TABLE})
    with refused("AccessDeniedException"):
        analyst.list_lake_formation_opt_ins()


@pytest.mark.parametrize(
    ("principal", "resource", "code"),
    [
        pytest.param(
            ANALYST,
            {"TableWithColumns": {**TABLE, "ColumnNames": ["queue"]}},
            "InvalidInputException",
            marks=pytest.mark.refuses("lakeformation.optin.databases-and-tables"),
        ),
        (ANALYST, {"DataLocation": {"ResourceArn": CALLS}}, "InvalidInputException"),
        (ANALYST, {"Table": {"DatabaseName": "lake", "Name": "nothing"}}, "EntityNotFoundException"),
        (ANALYST, {"Table": {"CatalogId": PRODUCER, **TABLE}}, "AccessDeniedException"),
        (f"arn:aws:iam::{CONSUMER}:role/nobody", {"Table": TABLE}, "InvalidInputException"),
        pytest.param(
            PRODUCER,
            {"Table": TABLE},
            "InvalidInputException",
            marks=pytest.mark.refuses("lakeformation.optin.own-principals"),
        ),
    ],
)
def test_what_cannot_be_opted_in(lake: Lake, principal: str, resource: dict[str, Any], code: str) -> None:
    """Columns, locations, things that are not there or not shared, and principals that are none of the account's."""
    with refused(code):
        lake.formation.create_lake_formation_opt_in(
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource
        )


@pytest.mark.refuses("lakeformation.path.own-account")
@pytest.mark.allows("lakeformation.path.own-account")
def test_permissions_at_a_path(lake: Lake) -> None:
    """The grants on what lies at or below the path, as the list shows them; nothing for another path."""
    lake.grant(ANALYST, "DESCRIBE", Table=TABLE)

    def held(arn: str) -> set[tuple[str, str]]:
        rows = lake.formation.get_effective_permissions_for_path(ResourceArn=arn)["Permissions"]
        return {(row["Principal"]["DataLakePrincipalIdentifier"], row["Resource"]["Table"]["Name"]) for row in rows}

    assert held(CALLS) == {(ANALYST, "calls"), ("IAM_ALLOWED_PRINCIPALS", "calls")}
    assert held(f"{CALLS}/calls") == held(CALLS)
    assert held(f"{CALLS}/other") == set()
    with refused("InvalidInputException"):
        held("arn:aws:glue:ap-southeast-2:222222222222:table/lake/calls")
