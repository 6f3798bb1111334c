"""Data cells filters: how they are made, who may grant them, how they list, and what a reader sees through them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, as_role, refused
from tests.sandbox.queries import Query, finish, start

ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"
CALLS = "queue,agent,seconds\nsales,ann,10\nsales,bob,20\nbilling,cleo,30\n"
COLUMNS = [{"Name": "queue", "Type": "string"}, {"Name": "agent", "Type": "string"}, {"Name": "seconds", "Type": "int"}]
SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": {"separatorChar": ","}}
TABLE = {"DatabaseName": "lake", "Name": "calls"}


class Lake:
    """One account with a table ``lake.calls`` of three calls, an administrator, and an analyst."""

    def __init__(self, client: ClientMaker, account: str = CONSUMER) -> None:
        self.client, self.account = client, account
        self.formation = client("lakeformation", account)
        admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
        self.formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})
        glue, s3 = client("glue", account), client("s3", account, region="us-east-1")
        glue.create_database(DatabaseInput={"Name": "lake", "CreateTableDefaultPermissions": []})
        s3.create_bucket(Bucket="calls")
        s3.put_object(Bucket="calls", Key="calls/a.csv", Body=CALLS.encode())
        storage = {"Columns": COLUMNS, "Location": "s3://calls/calls/", "SerdeInfo": SERDE}
        parameters = {"skip.header.line.count": "1"}
        glue.create_table(
            DatabaseName="lake",
            TableInput={"Name": "calls", "StorageDescriptor": storage, "Parameters": parameters},
        )

    def make(self, name: str, rows: str | None = None, **which: Any) -> None:
        """Make a filter: the rows that *rows* says, all of them for None, of the columns that *which* says."""
        self.formation.create_data_cells_filter(TableData=self.filter(name, rows, **which))

    def filter(self, name: str, rows: str | None = None, **which: Any) -> dict[str, Any]:
        """Return a filter as CreateDataCellsFilter takes it."""
        row_filter: dict[str, Any] = {"AllRowsWildcard": {}} if rows is None else {"FilterExpression": rows}
        named = {"TableCatalogId": self.account, "DatabaseName": "lake", "TableName": "calls", "Name": name}
        return named | {"RowFilter": row_filter} | (which or {"ColumnWildcard": {}})

    def grant(self, to: str, *permissions: str, **resource: Any) -> None:
        """Grant, as the administrator."""
        self.formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=resource, Permissions=list(permissions)
        )

    def on(self, name: str) -> dict[str, Any]:
        """Return the filter *name* as grants name it."""
        part = {"TableCatalogId": self.account, "DatabaseName": "lake", "TableName": "calls", "Name": name}
        return {"DataCellsFilter": part}

    def let_see(self, *names: str, to: str = ANALYST) -> None:
        """Let a role see the database, and read the table through the filters *names*."""
        self.grant(to, "DESCRIBE", Database={"Name": "lake"})
        for name in names:
            self.grant(to, "SELECT", **self.on(name))

    def ask(self, sql: str) -> Query:
        """Ask as the analyst."""
        self.client("s3", self.account, region="us-east-1").create_bucket(Bucket="results-bucket")
        athena = as_role(self.client, "athena", "analyst", self.account)
        return finish(athena, start(athena, sql, database="lake"))


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    as_role(client, "glue", "analyst")
    return Lake(client)


@pytest.mark.refuses("lakeformation.filter.exists")
@pytest.mark.allows(
    "lakeformation.filter.columns-and-rows",
    "lakeformation.filter.exists",
    "lakeformation.filter.on-tables",
    "lakeformation.filter.version",
)
def test_a_filter_comes_back_as_it_was_made(lake: Lake) -> None:
    """Get and List show rows, columns and a version; an update makes another version; a deleted one is gone."""
    lake.make("sales", "queue = 'sales'", ColumnNames=["queue", "agent"])
    named = {"TableCatalogId": CONSUMER, "DatabaseName": "lake", "TableName": "calls", "Name": "sales"}
    made = lake.formation.get_data_cells_filter(**named)["DataCellsFilter"]

    changed = lake.filter("sales", None, ColumnWildcard={"ExcludedColumnNames": ["agent"]})
    lake.formation.update_data_cells_filter(TableData=changed | {"VersionId": made["VersionId"]})
    listed = lake.formation.list_data_cells_filter(Table={"CatalogId": CONSUMER, **TABLE})["DataCellsFilters"]
    lake.formation.delete_data_cells_filter(**named)

    assert made["RowFilter"] == {"FilterExpression": "queue = 'sales'"}
    assert made["ColumnNames"] == ["queue", "agent"]
    assert [each["ColumnWildcard"] for each in listed] == [{"ExcludedColumnNames": ["agent"]}]
    assert listed[0]["RowFilter"]["AllRowsWildcard"] == {}
    assert listed[0]["VersionId"] != made["VersionId"]
    with refused("EntityNotFoundException"):
        lake.formation.get_data_cells_filter(**named)


@pytest.mark.refuses("lakeformation.filter.once", "lakeformation.filter.version")
@pytest.mark.allows("lakeformation.filter.once")
def test_a_filter_is_made_once_and_updated_at_its_version(lake: Lake) -> None:
    """A second one of that name, and an update of a version that has passed, are refused."""
    lake.make("sales", "queue = 'sales'")

    with refused("AlreadyExistsException"):
        lake.make("sales")
    with refused("ConcurrentModificationException"):
        lake.formation.update_data_cells_filter(TableData=lake.filter("sales") | {"VersionId": "of-yesterday"})
    with refused("EntityNotFoundException"):
        lake.formation.update_data_cells_filter(TableData=lake.filter("another"))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("lower(queue) = 'sales'", marks=pytest.mark.refuses("lakeformation.filter.row-expression")),
        "queue = agent",
        "nothing = 1",
        "queue IN (SELECT 1)",
        "queue =",
        "1 = 1",
        "queue = 'a' ORDER BY 1",
        f"queue = '{'x' * 2048}'",
    ],
)
def test_a_row_filter_compares_columns_with_constants(lake: Lake, rows: str) -> None:
    """Functions, other columns, subqueries, what the table does not have and what is too long are refused."""
    with refused("InvalidInputException"):
        lake.make("f", rows)


@pytest.mark.allows("lakeformation.filter.row-expression")
@pytest.mark.parametrize(
    "rows",
    [
        "queue = 'sales' AND (seconds >= 10 OR NOT agent LIKE 'a%')",
        "seconds BETWEEN -1 AND 20",
        "queue IN ('sales', 'billing') AND agent IS NOT NULL",
        "queue <> 'x'",
        "true",
    ],
)
def test_the_documented_row_filters_are_taken(lake: Lake, rows: str) -> None:
    """Comparisons, BETWEEN, IN, LIKE, IS NOT NULL and their combinations."""
    lake.make("f", rows)


@pytest.mark.refuses("lakeformation.filter.columns-and-rows")
@pytest.mark.parametrize(
    "changes",
    [
        {"ColumnNames": ["nothing"]},
        {"ColumnNames": [], "ColumnWildcard": {}},
        {"ColumnNames": ["queue"], "ColumnWildcard": {}},
        {"ColumnWildcard": {}, "RowFilter": {}},
        {"ColumnWildcard": {}, "RowFilter": {"FilterExpression": "queue = 'a'", "AllRowsWildcard": {}}},
    ],
)
def test_a_filter_says_which_columns_and_which_rows(lake: Lake, changes: dict[str, Any]) -> None:
    """Columns that are not there, and filters that say nothing or two things, are refused."""
    given = {key: value for key, value in lake.filter("f").items() if key != "ColumnWildcard"}

    with refused("InvalidInputException"):
        lake.formation.create_data_cells_filter(TableData=given | changes)


@pytest.mark.refuses("lakeformation.filter.on-tables")
def test_links_have_no_filters(lake: Lake, client: ClientMaker) -> None:
    """A filter on a resource link is refused; on a table that is not there it is not found."""
    target = {"CatalogId": CONSUMER, "DatabaseName": "lake", "Name": "calls"}
    client("glue", CONSUMER).create_table(DatabaseName="lake", TableInput={"Name": "link", "TargetTable": target})

    with refused("InvalidInputException"):
        lake.formation.create_data_cells_filter(TableData=lake.filter("f") | {"TableName": "link"})
    with refused("EntityNotFoundException"):
        lake.formation.create_data_cells_filter(TableData=lake.filter("f") | {"TableName": "nothing"})


@pytest.mark.refuses("lakeformation.filter.who-may")
@pytest.mark.allows("lakeformation.filter.who-may")
def test_who_may_make_filters(lake: Lake, client: ClientMaker) -> None:
    """It takes SELECT with the grant option on the whole table; some of its columns are not enough."""
    maker = as_role(client, "lakeformation", "maker")
    principal = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/maker"}
    select = {"Permissions": ["SELECT"], "PermissionsWithGrantOption": ["SELECT"]}

    some = {"TableWithColumns": {**TABLE, "ColumnNames": ["queue"]}}
    lake.formation.grant_permissions(Principal=principal, Resource=some, **select)
    with refused("AccessDeniedException"):
        maker.create_data_cells_filter(TableData=lake.filter("f"))
    lake.formation.grant_permissions(Principal=principal, Resource={"Table": TABLE}, **select)
    maker.create_data_cells_filter(TableData=lake.filter("f"))

    assert [each["Name"] for each in maker.list_data_cells_filter()["DataCellsFilters"]] == ["f"]
    assert as_role(client, "lakeformation", "nobody").list_data_cells_filter()["DataCellsFilters"] == []


@pytest.mark.refuses("lakeformation.grant.permission-fits-resource")
@pytest.mark.allows("lakeformation.grant.permission-fits-resource")
def test_filters_take_their_own_permissions(lake: Lake) -> None:
    """SELECT, DESCRIBE and DROP are granted on a filter, nothing else; and only on one that exists."""
    lake.make("f")

    lake.grant(ANALYST, "SELECT", "DESCRIBE", "DROP", **lake.on("f"))

    with refused("InvalidInputException"):
        lake.grant(ANALYST, "ALTER", **lake.on("f"))
    with refused("EntityNotFoundException"):
        lake.grant(ANALYST, "SELECT", **lake.on("nothing"))


@pytest.mark.refuses("lakeformation.list.filters-without-principal")
@pytest.mark.allows("lakeformation.list.filters-without-principal")
def test_how_grants_on_filters_list(lake: Lake) -> None:
    """They show in the whole list, by the filter with a Principal or without, and by the table with IncludeRelated."""
    lake.make("f", "queue = 'sales'")
    lake.grant(ANALYST, "SELECT", **lake.on("f"))

    def resources(**asked: Any) -> list[dict[str, Any]]:
        rows = lake.formation.list_permissions(**asked)["PrincipalResourcePermissions"]
        return [row["Resource"] for row in rows if row["Principal"]["DataLakePrincipalIdentifier"] == ANALYST]

    table = {"Table": {"CatalogId": CONSUMER, **TABLE}}
    assert resources() == [lake.on("f")]
    assert resources(Resource=lake.on("f")) == [lake.on("f")]
    assert resources(Resource=table) == []
    assert resources(Resource=table, IncludeRelated="TRUE") == [lake.on("f")]
    analyst = {"DataLakePrincipalIdentifier": ANALYST}
    assert resources(Resource=lake.on("f"), Principal=analyst) == [lake.on("f")]
    with refused("InvalidInputException"):
        lake.formation.list_permissions(Principal=analyst, Resource=table, IncludeRelated="TRUE")


def test_a_deleted_table_takes_its_filters_along(lake: Lake, client: ClientMaker) -> None:
    """Neither the filters nor the grants on them are left."""
    lake.make("f")
    lake.grant(ANALYST, "SELECT", **lake.on("f"))

    client("glue", CONSUMER).delete_table(DatabaseName="lake", Name="calls")

    assert lake.formation.list_data_cells_filter()["DataCellsFilters"] == []
    rows = lake.formation.list_permissions()["PrincipalResourcePermissions"]
    assert not [row for row in rows if "DataCellsFilter" in row["Resource"]]


def test_a_reader_sees_the_rows_of_its_filter(lake: Lake) -> None:
    """The rows that meet the expression come, also where the query does not name its column; the others do not."""
    lake.make("sales", "queue = 'sales'")
    lake.let_see("sales")

    assert lake.ask("SELECT agent FROM calls ORDER BY 1").rows == [["agent"], ["ann"], ["bob"]]
    assert lake.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["2"]]


def test_a_reader_sees_the_columns_of_its_filter(lake: Lake, client: ClientMaker) -> None:
    """A column that the filter leaves out is not there for the query, and GetTable does not show it."""
    lake.make("no_agent", "queue = 'sales'", ColumnWildcard={"ExcludedColumnNames": ["agent"]})
    lake.let_see("no_agent")

    shown = as_role(client, "glue", "analyst").get_table(DatabaseName="lake", Name="calls")["Table"]

    assert lake.ask("SELECT * FROM calls ORDER BY seconds").rows == [
        ["queue", "seconds"],
        ["sales", "10"],
        ["sales", "20"],
    ]
    assert "COLUMN_NOT_FOUND" in lake.ask("SELECT agent FROM calls").reason
    assert [column["Name"] for column in shown["StorageDescriptor"]["Columns"]] == ["queue", "seconds"]


def test_filters_add_up_cell_by_cell(lake: Lake) -> None:
    """Of two filters each shows its own columns in its own rows; what neither shows in a row is null there."""
    lake.make("sales", "queue = 'sales'", ColumnNames=["queue", "agent"])
    lake.make("long", "seconds > 15", ColumnNames=["queue", "seconds"])
    lake.let_see("sales", "long")

    assert lake.ask("SELECT queue, agent, seconds FROM calls ORDER BY queue, agent").rows == [
        ["queue", "agent", "seconds"],
        ["billing", None, "30"],
        ["sales", "ann", None],
        ["sales", "bob", "20"],
    ]


def test_a_whole_select_makes_filters_mean_nothing(lake: Lake) -> None:
    """Who holds SELECT on the table as well sees every row."""
    lake.make("sales", "queue = 'sales'")
    lake.let_see("sales")
    lake.grant(ANALYST, "SELECT", Table=TABLE)

    assert lake.ask("SELECT count(*) AS n FROM calls").rows == [["n"], ["3"]]


@pytest.mark.refuses("lakeformation.grant.filters-per-principal")
def test_a_principal_reads_through_a_hundred_filters_at_most(lake: Lake) -> None:
    """The hundred and first is refused, until one of them is revoked; granting one again is no more."""
    for number in range(101):
        lake.make(str(number), "queue = 'sales'")
    for number in range(100):
        lake.grant(ANALYST, "SELECT", **lake.on(str(number)))

    lake.grant(ANALYST, "SELECT", **lake.on("7"))
    with refused("InvalidInputException", "100"):
        lake.grant(ANALYST, "SELECT", **lake.on("100"))
    lake.formation.revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": ANALYST}, Resource=lake.on("7"), Permissions=["SELECT"]
    )
    lake.grant(ANALYST, "SELECT", **lake.on("100"))


@pytest.mark.allows("lakeformation.grant.filters-per-principal")
def test_a_filter_is_granted(lake: Lake) -> None:
    """One of several."""
    lake.make("sales", "queue = 'sales'")

    lake.let_see("sales")


def test_revoking_the_filter_takes_the_rows_away(lake: Lake) -> None:
    """Without the grant on the filter the table cannot be read at all."""
    lake.make("sales", "queue = 'sales'")
    lake.let_see("sales")
    lake.formation.revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": ANALYST}, Resource=lake.on("sales"), Permissions=["SELECT"]
    )

    assert lake.ask("SELECT agent FROM calls").state == "FAILED"


def test_a_filter_is_shared_with_another_account(client: ClientMaker) -> None:
    """A producer grants a filter; its table arrives by RAM, and the consumer's reader sees the filter's rows."""
    as_role(client, "glue", "analyst")
    producer = Lake(client, PRODUCER)
    admins = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
    consumer = client("lakeformation", CONSUMER)
    consumer.put_data_lake_settings(DataLakeSettings=admins)
    producer.make("sales", "queue = 'sales'")
    producer.formation.register_resource(ResourceArn="arn:aws:s3:::calls", UseServiceLinkedRole=True)
    producer.formation.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": CONSUMER},
        Resource=producer.on("sales"),
        Permissions=["SELECT"],
        PermissionsWithGrantOption=["SELECT"],
    )
    ram = client("ram", CONSUMER)
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "links", "CreateTableDefaultPermissions": []})
    glue.create_table(
        DatabaseName="links",
        TableInput={"Name": "calls", "TargetTable": {"CatalogId": PRODUCER, "DatabaseName": "lake", "Name": "calls"}},
    )
    analyst = {"DataLakePrincipalIdentifier": ANALYST}
    for resource, permission in (
        ({"Database": {"Name": "links"}}, "DESCRIBE"),
        ({"Table": {"DatabaseName": "links", "Name": "calls"}}, "DESCRIBE"),
        (producer.on("sales"), "SELECT"),
    ):
        consumer.grant_permissions(Principal=analyst, Resource=resource, Permissions=[permission])
    client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket="results-bucket")
    athena = as_role(client, "athena", "analyst")

    seen = finish(athena, start(athena, "SELECT agent FROM calls ORDER BY 1"))
    whole = {"Table": {"CatalogId": PRODUCER, **TABLE}}
    with refused("AccessDeniedException"):
        consumer.grant_permissions(Principal=analyst, Resource=whole, Permissions=["SELECT"])
    producer.formation.revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": CONSUMER}, Resource=producer.on("sales"), Permissions=["SELECT"]
    )
    afterwards = finish(athena, start(athena, "SELECT agent FROM calls ORDER BY 1"))

    assert seen.rows == [["agent"], ["ann"], ["bob"]]
    assert afterwards.state == "FAILED"
