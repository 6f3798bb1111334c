"""Where AWS's sources contradict each other: each switch in its default position and in the others."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.rules import all_rules
from lakeshare.sandbox.switches import Switches, all_switches
from lakeshare.sandbox.world import World
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, READER, as_role, refused

Turn = Callable[..., dict[str, str]]
TARGET = {"CatalogId": CONSUMER, "DatabaseName": "sales", "Name": "orders"}
COLUMNS = [{"Name": "id", "Type": "string"}, {"Name": "note", "Type": "string"}]
STORAGE = {"Columns": COLUMNS, "Location": "s3://sales/orders/"}
LINK = {"Table": {"DatabaseName": "local", "Name": "link"}}
DEFAULTS = {each.name: each.default for each in all_switches()}


@pytest.fixture
def turn(box: Sandbox) -> Turn:
    """Set switches, over the control interface: positions by name -> what now holds, or the refusal."""

    def put(positions: Any) -> dict[str, str]:
        url, body = f"{box.endpoint_url}/_sandbox/switches", json.dumps(positions).encode()
        request = urllib.request.Request(url, body, method="PUT")  # noqa: S310 - our own loopback URL
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
                held: dict[str, str] = json.load(answer)
                return held
        except urllib.error.HTTPError as error:
            with error:
                told: dict[str, str] = json.load(error)
                return told

    return put


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """A catalog ruled by Lake Formation, with an administrator, a reader, a table, and links to table and database."""
    client("lakeformation", CONSUMER).put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
    )
    as_role(client, "glue", "reader")
    glue = client("glue", CONSUMER)
    for name in ("sales", "local"):
        glue.create_database(DatabaseInput={"Name": name, "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName="sales", TableInput={"Name": "orders", "StorageDescriptor": STORAGE})
    glue.create_table(DatabaseName="local", TableInput={"Name": "link", "TargetTable": TARGET})
    glue.create_database(
        DatabaseInput={"Name": "sales_link", "TargetDatabase": {"CatalogId": CONSUMER, "DatabaseName": "sales"}}
    )
    return glue


@pytest.fixture
def lake(glue: Any, client: ClientMaker) -> Any:
    """Lake Formation over that catalog."""
    assert glue.get_databases()
    return client("lakeformation", CONSUMER)


def grant(
    lake: Any, resource: dict[str, Any], *permissions: str, to: str = READER, options: tuple[str, ...] = ()
) -> None:
    """Grant."""
    lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": to},
        Resource=resource,
        Permissions=list(permissions),
        PermissionsWithGrantOption=list(options),
    )


def test_every_switch_has_positions_a_source_and_a_rule() -> None:
    """Each switch names the rule that it concerns, its service first, and two positions or more with their meaning."""
    rules = {rule.id for rule in all_rules()}

    for each in all_switches():
        assert each.concerns.id in rules
        assert each.name.partition(".")[0] == each.concerns.service
        assert len(each.positions) > 1
        assert all(each.positions.values())
        assert each.text.endswith(".")
        assert each.source


def test_switches_stand_at_their_defaults_and_return_to_them(turn: Turn, box: Sandbox) -> None:
    """A PUT replaces what was set before; what it leaves out, and a reset, bring the default back."""
    assert turn({}) == DEFAULTS
    assert turn({"glue.link-storage": "mask"}) == {**DEFAULTS, "glue.link-storage": "mask"}
    assert turn({"glue.orphan-links": "refuse"}) == {**DEFAULTS, "glue.orphan-links": "refuse"}

    box.reset()

    url = f"{box.endpoint_url}/_sandbox/switches"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback URL
        assert json.load(answer) == DEFAULTS


def test_what_a_sandbox_was_started_with_outlives_a_reset() -> None:
    """The positions a world was made with are what it returns to."""
    world = World({"glue.link-storage": "mask"})
    world.store(Switches).positions = {}

    world.reset()

    assert world.store(Switches).document() == {**DEFAULTS, "glue.link-storage": "mask"}


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ({"glue.links": "mask"}, "no switch is called 'glue.links'; there are glue.link"),
        ({"glue.link-storage": "maybe"}, "expected glue.link-storage to be one of refuse, mask, not 'maybe'"),
        ([], "expected positions by switch"),
    ],
)
def test_a_switch_that_there_is_not_is_told(turn: Turn, positions: Any, said: str) -> None:
    """An unknown name or position is refused with those that there are."""
    assert said in turn(positions)["error"]


def test_a_sandbox_is_not_started_with_a_switch_that_there_is_not() -> None:
    """A wrong switch is told before anything listens."""
    with pytest.raises(ValueError, match="no switch is called"):
        Sandbox(switches={"nothing": "on"})


def test_a_link_with_storage_is_refused_or_masked(glue: Any, turn: Turn) -> None:
    """By default a link with a schema of its own is refused; masked, it shows its target's."""
    own = {"Columns": [{"Name": "other", "Type": "int"}], "Location": "s3://elsewhere/"}
    given = {"Name": "own", "TargetTable": TARGET, "StorageDescriptor": own, "Parameters": {"a": "b"}}
    with refused("InvalidInputException", "StorageDescriptor"):
        glue.create_table(DatabaseName="local", TableInput=given)

    turn({"glue.link-storage": "mask"})
    glue.create_table(DatabaseName="local", TableInput=given)

    assert glue.get_table(DatabaseName="local", Name="own")["Table"]["StorageDescriptor"]["Columns"] == COLUMNS
    glue.delete_table(DatabaseName="sales", Name="orders")
    assert "StorageDescriptor" not in glue.get_table(DatabaseName="local", Name="own")["Table"]


@pytest.mark.refuses("glue.link.orphan-alone")
@pytest.mark.allows("glue.link.orphan-alone")
def test_an_orphan_is_listed_or_breaks_the_list(glue: Any, turn: Turn) -> None:
    """By default GetTables shows an orphan by itself; with the switch one orphan refuses the listing, not GetTable."""
    glue.delete_table(DatabaseName="sales", Name="orders")
    assert [each["Name"] for each in glue.get_tables(DatabaseName="local")["TableList"]] == ["link"]

    turn({"glue.orphan-links": "refuse"})

    with refused("AccessDeniedException", "Required Describe on orders"):
        glue.get_tables(DatabaseName="local")
    assert glue.get_table(DatabaseName="local", Name="link")["Table"]["TargetTable"] == TARGET
    glue.create_table(DatabaseName="sales", TableInput={"Name": "orders", "StorageDescriptor": STORAGE})
    assert len(glue.get_tables(DatabaseName="local")["TableList"]) == 1


def test_update_database_changes_the_target_or_the_link(glue: Any, turn: Turn) -> None:
    """By default UpdateDatabase follows a link; with the switch, one without a target makes the link a database."""
    given = {"Name": "sales_link", "Description": "changed"}
    glue.update_database(Name="sales_link", DatabaseInput=given)
    assert glue.get_database(Name="sales")["Database"]["Description"] == "changed"

    turn({"glue.linked-database-update": "link"})
    glue.update_database(Name="sales_link", DatabaseInput={**given, "Description": "again"})

    assert glue.get_database(Name="sales")["Database"]["Description"] == "changed"
    link = glue.get_database(Name="sales_link")["Database"]
    assert link["Description"] == "again"
    assert "TargetDatabase" not in link


@pytest.mark.refuses("glue.link.not-repointed")
@pytest.mark.allows("glue.link.not-repointed")
def test_update_database_does_not_repoint_a_link(glue: Any) -> None:
    """UpdateDatabase with the link's own target changes the target; with another one, or for no link, it is refused."""
    target = {"CatalogId": CONSUMER, "DatabaseName": "sales"}
    given = {"Name": "sales_link", "Description": "changed", "TargetDatabase": target}
    glue.update_database(Name="sales_link", DatabaseInput=given)

    with refused("InvalidInputException", "cannot be updated"):
        glue.update_database(
            Name="sales_link", DatabaseInput={**given, "TargetDatabase": {**target, "DatabaseName": "local"}}
        )
    with refused("InvalidInputException", "cannot be updated"):
        glue.update_database(Name="local", DatabaseInput={**given, "Name": "local"})

    changed = glue.get_database(Name="sales")["Database"]
    assert changed["Description"] == "changed"
    assert "TargetDatabase" not in changed


@pytest.mark.refuses("lakeformation.grant.option-on-columns")
@pytest.mark.allows("lakeformation.grant.option-on-columns")
def test_the_grant_option_on_columns(lake: Any, turn: Turn) -> None:
    """Listed columns take the grant option by default, exclusions never do; with the switch neither does."""
    place = {"DatabaseName": "sales", "Name": "orders"}
    listed = {"TableWithColumns": {**place, "ColumnNames": ["id"]}}
    excluded = {"TableWithColumns": {**place, "ColumnWildcard": {"ExcludedColumnNames": ["id"]}}}
    grant(lake, listed, "SELECT", options=("SELECT",))
    with refused("InvalidInputException", "with the grant option"):
        grant(lake, excluded, "SELECT", options=("SELECT",))
    grant(lake, excluded, "SELECT")

    turn({"lakeformation.grant-option-on-columns": "never"})

    with refused("InvalidInputException", "with the grant option"):
        grant(lake, listed, "SELECT", options=("SELECT",))
    grant(lake, listed, "SELECT")
    grant(lake, {"TableWithColumns": {**place, "ColumnWildcard": {}}}, "SELECT", to=ADMIN, options=("SELECT",))


def test_what_settings_leave_out_is_gone_or_kept(lake: Any, turn: Turn) -> None:
    """By default a Put replaces the whole document; with the switch what it leaves out stays."""
    admins = [{"DataLakePrincipalIdentifier": ADMIN}]

    def put(**members: Any) -> dict[str, Any]:
        lake.put_data_lake_settings(DataLakeSettings=members)
        held: dict[str, Any] = lake.get_data_lake_settings()["DataLakeSettings"]
        return held

    put(DataLakeAdmins=admins, Parameters={"CROSS_ACCOUNT_VERSION": "3"})
    assert put(ReadOnlyAdmins=admins)["DataLakeAdmins"] == []
    put(DataLakeAdmins=admins, Parameters={"CROSS_ACCOUNT_VERSION": "3"})

    turn({"lakeformation.settings-left-out": "kept"})
    held = put(ReadOnlyAdmins=admins, Parameters={"SET_CONTEXT": "FALSE"})

    assert held["DataLakeAdmins"] == held["ReadOnlyAdmins"] == admins
    assert held["Parameters"] == {"CROSS_ACCOUNT_VERSION": "3", "SET_CONTEXT": "FALSE"}


def test_super_on_a_link_is_refused_or_taken(lake: Any, turn: Turn, client: ClientMaker) -> None:
    """By default a link takes no Super; with the switch it is DESCRIBE and DROP."""
    reader = as_role(client, "glue", "reader")
    with refused("InvalidInputException", "resource link"):
        grant(lake, LINK, "ALL")

    turn({"lakeformation.super-on-link": "take"})
    grant(lake, LINK, "ALL")

    with refused("InvalidInputException", "resource link"):
        grant(lake, LINK, "SELECT")
    reader.delete_table(DatabaseName="local", Name="link")


def test_select_on_a_link_is_refused_or_passed_on(lake: Any, turn: Turn, client: ClientMaker) -> None:
    """By default a link takes no SELECT; with the switch it is DESCRIBE on the link and SELECT on the target."""
    reader = as_role(client, "glue", "reader")
    with refused("InvalidInputException", "resource link"):
        grant(lake, LINK, "SELECT")

    turn({"lakeformation.select-on-link": "pass-on"})
    grant(lake, LINK, "SELECT", "DESCRIBE", options=("SELECT",))

    assert reader.get_table(DatabaseName="local", Name="link")["Table"]["StorageDescriptor"]["Columns"] == COLUMNS
    rows = lake.list_permissions(Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}})
    mine = [
        row for row in rows["PrincipalResourcePermissions"] if row["Principal"]["DataLakePrincipalIdentifier"] == READER
    ]
    assert [(row["Permissions"], row["PermissionsWithGrantOption"]) for row in mine] == [(["SELECT"], ["SELECT"])]


@pytest.mark.refuses("lakeformation.list.filters-without-principal")
@pytest.mark.allows("lakeformation.list.filters-without-principal")
def test_a_filter_is_listed_by_principal_or_not(lake: Any, turn: Turn) -> None:
    """By default ListPermissions takes a Principal beside a data filter; with the switch it refuses one."""
    named = {"TableCatalogId": CONSUMER, "DatabaseName": "sales", "TableName": "orders", "Name": "few"}
    lake.create_data_cells_filter(TableData={**named, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["id"]})
    grant(lake, {"DataCellsFilter": named}, "SELECT")
    asked = {"Principal": {"DataLakePrincipalIdentifier": READER}, "Resource": {"DataCellsFilter": named}}

    (row,) = lake.list_permissions(**asked)["PrincipalResourcePermissions"]
    turn({"lakeformation.list-filter-by-principal": "refuse"})

    assert (row["Resource"], row["Permissions"]) == ({"DataCellsFilter": named}, ["SELECT"])
    with refused("InvalidInputException", "Principal is not supported"):
        lake.list_permissions(**asked)


@pytest.mark.refuses("lakeformation.grant.versions-meet")
@pytest.mark.allows("lakeformation.grant.versions-meet")
def test_version_1_shares_with_version_3_or_does_not(lake: Any, turn: Turn, client: ClientMaker) -> None:
    """By default versions do not have to meet; with the switch version 1 shares nothing with version 3."""
    orders = {"Table": {"DatabaseName": "sales", "Name": "orders"}}
    client("lakeformation", PRODUCER).put_data_lake_settings(
        DataLakeSettings={"Parameters": {"CROSS_ACCOUNT_VERSION": "3"}}
    )
    grant(lake, orders, "DESCRIBE", to=PRODUCER)

    turn({"lakeformation.share-across-versions": "refuse"})

    with refused("InvalidInputException", "Invalid cross account grant request"):
        grant(lake, orders, "SELECT", to=PRODUCER)
    grant(lake, orders, "SELECT", to="333333333333")
