"""Views in Athena: a name for a query, kept in the Data Catalog, and read with the rights of whoever asks."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import ADMIN, CONSUMER, PRODUCER, READER, REGION, Consumer, open_account, run, share

CREATE = "CREATE VIEW own.agents AS\nSELECT user_id, agent_username AS name FROM links.users"
WRITES_CATALOG: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["athena:*", "glue:*", "lakeformation:GetDataAccess"], "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::results-bucket", "arn:aws:s3:::results-bucket/*"]},
]


@pytest.fixture
def lake(box: Sandbox, client: ClientMaker) -> Consumer:
    """The consumer with a link to ``users``, an administrator who may read it, and a database ``own``."""
    account = open_account(box, client)
    lake = Consumer(box, client, share(account, ["users", "contact_record"], 20))
    lake.let_read("users", to=ADMIN)
    client("glue", CONSUMER).create_database(DatabaseInput={"Name": "own", "CreateTableDefaultPermissions": []})
    return lake


def stored(lake: Consumer, name: str = "agents") -> dict[str, Any]:
    """Return what the catalog has of a view."""
    table: dict[str, Any] = lake.client("glue", CONSUMER).get_table(DatabaseName="own", Name=name)["Table"]
    return table


def let_see(lake: Consumer, *permissions: str) -> None:
    """Grant the reader something on the view ``own.agents``, and what its database takes."""
    lake.grant("DESCRIBE", Database={"Name": "own"})
    lake.grant(*permissions, Table={"DatabaseName": "own", "Name": "agents"})


def put_view(lake: Consumer, sql: str, *, text: str | None = None) -> None:
    """Make a view as tools do that write to the catalog themselves, with Trino's name for a type in it."""
    document = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": "links", "columns": []}
    encoded = f"/* Presto View: {base64.b64encode(json.dumps(document).encode()).decode()} */"
    view = {
        "Name": "tool_view",
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": encoded if text is None else text,
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true"},
        "StorageDescriptor": {"Columns": [{"Name": "user_id", "Type": "row(a varchar)"}], "Location": ""},
    }
    lake.client("glue", CONSUMER).create_table(DatabaseName="own", TableInput=view)


# --- how they are kept -----------------------------------------------------------------------------------------------


def test_a_view_is_a_table_of_the_catalog_that_says_its_query(lake: Consumer) -> None:
    """CREATE VIEW leaves a VIRTUAL_VIEW whose text is base64 JSON with the query and Trino's types."""
    made = run(lake.admin(), CREATE)

    table = stored(lake)
    text = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    assert (made.state, made.rows) == ("SUCCEEDED", [])
    assert (made.execution["StatementType"], made.execution["SubstatementType"]) == ("DDL", "CREATE_VIEW")
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["ViewExpandedText"] == "/* Presto View */"
    assert table["Parameters"]["presto_view"] == "true"
    assert [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]] == [
        ("user_id", "string"),
        ("name", "string"),
    ]
    assert json.loads(base64.b64decode(text)) == {
        "originalSql": "SELECT user_id, agent_username AS name FROM links.users",
        "catalog": "awsdatacatalog",
        "schema": "links",
        "columns": [{"name": "user_id", "type": "varchar"}, {"name": "name", "type": "varchar"}],
    }


def test_a_view_is_replaced_only_where_that_is_asked_for(lake: Consumer) -> None:
    """A name that is taken is refused, with OR REPLACE it gets the new query; a table is never replaced."""
    athena = lake.admin()
    run(athena, CREATE)

    again = run(athena, CREATE)
    replaced = run(athena, "CREATE OR REPLACE VIEW own.agents AS SELECT 1 AS one")
    over_table = run(athena, "CREATE OR REPLACE VIEW links.users AS SELECT 1 AS one")

    assert again.reason == "ALREADY_EXISTS: line 1:13: View already exists: 'awsdatacatalog.own.agents'"
    assert replaced.state == "SUCCEEDED"
    assert [each["Name"] for each in stored(lake)["StorageDescriptor"]["Columns"]] == ["one"]
    assert over_table.reason.startswith("ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT count(*) FROM links.users", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        (
            "SELECT user_id, user_id FROM links.users",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'user_id' specified more than once",
        ),
        ("SELECT * FROM links.nothing", "TABLE_NOT_FOUND: line 1:32: Table 'awsdatacatalog.links.nothing'"),
        ("SELECT nothing FROM links.users", "COLUMN_NOT_FOUND: line 1:25: Column 'nothing'"),
    ],
)
def test_a_view_that_could_not_be_queried_is_not_made(lake: Consumer, query: str, reason: str) -> None:
    """CREATE VIEW analyses its query: what is not there, or has no name, makes no view."""
    refused = run(lake.admin(), f"CREATE VIEW v AS {query}", database="own")

    assert refused.state == "FAILED"
    assert refused.reason.startswith(reason)
    assert lake.client("glue", CONSUMER).get_tables(DatabaseName="own")["TableList"] == []


def test_views_are_shown_described_and_dropped(lake: Consumer) -> None:
    """SHOW VIEWS lists them, SHOW CREATE VIEW spells them, DROP VIEW takes views and nothing else."""
    athena = lake.admin()
    run(athena, CREATE)

    listed = run(athena, "SHOW VIEWS IN own LIKE 'a*'").rows
    in_links = run(athena, "SHOW VIEWS").rows
    spelled = run(athena, "SHOW CREATE VIEW own.agents").rows
    described = run(athena, "DESCRIBE own.agents").rows
    kinds = run(athena, "SELECT table_name, table_type FROM information_schema.tables ORDER BY 1").rows
    as_table = run(athena, "DROP TABLE own.agents")
    a_table = run(athena, "DROP VIEW IF EXISTS own.nothing")
    dropped = run(athena, "DROP VIEW own.agents")
    gone = run(athena, "DROP VIEW own.agents")

    assert (listed, in_links) == ([["agents"]], [])
    assert spelled == [
        ["CREATE VIEW own.agents AS"],
        ["SELECT user_id, agent_username AS name FROM links.users"],
    ]
    assert [(row[0] or "").split() for row in described] == [["user_id", "string"], ["name", "string"]]
    assert ["agents", "VIEW"] in kinds
    assert ["users", "BASE TABLE"] in kinds
    assert "Cannot use DROP TABLE on a view" in as_table.reason
    assert (a_table.state, dropped.state) == ("SUCCEEDED", "SUCCEEDED")
    assert gone.reason == "FAILED: SemanticException [Error 10001]: View not found own.agents"


# --- reading through them --------------------------------------------------------------------------------------------


def test_a_view_is_read_like_a_table(lake: Consumer) -> None:
    """It joins, takes an alias, and may read other views."""
    athena = lake.admin()
    run(athena, CREATE)
    run(athena, "CREATE VIEW own.named AS SELECT a.name FROM agents a WHERE a.name IS NOT NULL", database="own")

    direct = run(athena, "SELECT agent_username FROM links.users ORDER BY 1").rows[1:]
    through = run(athena, "SELECT n.name FROM own.named AS n ORDER BY 1").rows[1:]
    joined = run(
        athena,
        "SELECT count(*) FROM own.agents JOIN links.users u ON agents.user_id = u.user_id JOIN own.named n ON true",
    )

    assert through == direct
    assert joined.rows[1] == [str(len(direct) ** 2)]


@pytest.mark.refuses("athena.view.rights-on-what-it-reads")
@pytest.mark.allows("athena.view.rights-on-what-it-reads")
def test_a_right_on_the_view_gives_none_on_its_tables(lake: Consumer) -> None:
    """Whoever queries a view needs SELECT on it and on what it reads."""
    reader = lake.reader()
    run(lake.admin(), CREATE)
    let_see(lake, "SELECT")

    without_table = run(reader, "SELECT * FROM own.agents")
    lake.let_read("users")
    granted = run(reader, "SELECT * FROM own.agents")

    assert without_table.reason.startswith(
        "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.own.agents': Insufficient Lake Formation"
    )
    assert len(granted.rows) > 1


def test_a_right_on_the_tables_gives_none_on_the_view(lake: Consumer) -> None:
    """Without a grant on the view it is refused, and DESCRIBE shows it and no more."""
    reader = lake.reader()
    run(lake.admin(), CREATE)
    lake.let_read("users")
    lake.grant("DESCRIBE", Database={"Name": "own"})

    without = run(reader, "SELECT * FROM own.agents")
    lake.grant("DESCRIBE", Table={"DatabaseName": "own", "Name": "agents"})
    described = run(reader, "SELECT * FROM own.agents")

    assert without.reason == "Insufficient Lake Formation permission(s): Required Describe on agents"
    assert described.reason == "Insufficient Lake Formation permission(s): Required Select on agents"
    assert run(reader, "SHOW CREATE VIEW own.agents").state == "SUCCEEDED"


def test_a_column_that_the_reader_may_not_see_breaks_the_view(lake: Consumer) -> None:
    """Column grants count inside a view too; the view is named, and the place is one in its text."""
    reader = lake.reader()
    run(lake.admin(), CREATE)
    let_see(lake, "SELECT")
    lake.let_read("users", ColumnNames=["user_id"])

    refused = run(reader, "SELECT user_id FROM own.agents")

    assert refused.reason.startswith(
        "INVALID_VIEW: line 1:21: Failed analyzing stored view 'awsdatacatalog.own.agents': "
        "line 1:17: Column 'agent_username' cannot be resolved"
    )


def test_making_a_view_takes_create_table_and_the_rights_to_read(lake: Consumer) -> None:
    """CREATE VIEW is Glue's CreateTable: IAM's action, Lake Formation's CREATE_TABLE, and SELECT on what it reads."""
    lake.reader()
    lake.grant("DESCRIBE", Database={"Name": "own"})
    lake.let_read("users")

    without_iam = run(lake.reader(), CREATE)
    athena = lake.reader(WRITES_CATALOG)
    without_grant = run(athena, CREATE)
    lake.grant("CREATE_TABLE", Database={"Name": "own"})
    unreadable = run(athena, "CREATE VIEW own.v AS SELECT * FROM links.contact_record")
    made = run(athena, CREATE)

    assert "is not authorized to perform: glue:CreateTable" in without_iam.reason
    assert without_grant.reason == "Insufficient Lake Formation permission(s): Required Create Table on own"
    assert unreadable.state == "FAILED"
    assert made.state == "SUCCEEDED"
    assert run(athena, "SELECT count(*) FROM own.agents").state == "SUCCEEDED"


def test_dropping_a_view_takes_drop(lake: Consumer) -> None:
    """Who may read a view may not drop it; with DROP it may."""
    lake.reader()
    run(lake.admin(), CREATE)
    let_see(lake, "SELECT")
    athena = lake.reader(WRITES_CATALOG)

    refused = run(athena, "DROP VIEW own.agents")
    lake.grant("DROP", Table={"DatabaseName": "own", "Name": "agents"})

    assert "Insufficient Lake Formation permission(s): Required Drop on agents" in refused.reason
    assert run(athena, "DROP VIEW own.agents").state == "SUCCEEDED"


# --- across accounts, and made by others -----------------------------------------------------------------------------


def share_view(lake: Consumer) -> None:
    """Let the producer make ``sales.orders`` and a view of it, and share both with the consumer, who takes them."""
    owner = f"arn:aws:iam::{PRODUCER}:user/administrator"
    settings = {
        "DataLakeAdmins": [{"DataLakePrincipalIdentifier": owner}],
        "Parameters": {"CROSS_ACCOUNT_VERSION": "3"},
    }
    lakeformation, ram = lake.client("lakeformation", PRODUCER), lake.client("ram", CONSUMER)
    lakeformation.put_data_lake_settings(DataLakeSettings=settings)
    where = {"LocationConstraint": REGION}
    lake.client("s3", PRODUCER).create_bucket(Bucket="owner-bucket", CreateBucketConfiguration=where)
    for sql in (
        "CREATE DATABASE sales",
        "CREATE TABLE orders WITH (external_location = 's3://owner-bucket/orders/') AS SELECT 7 AS id",
        "CREATE VIEW v AS SELECT *\nFROM\n  sales.orders",
    ):
        results = {"OutputLocation": "s3://owner-bucket/results/"}
        made = run(lake.client("athena", PRODUCER), sql, database="sales", ResultConfiguration=results)
        assert made.state == "SUCCEEDED", made.reason
    lakeformation.register_resource(ResourceArn="arn:aws:s3:::owner-bucket/orders", UseServiceLinkedRole=True)
    for name in ("orders", "v"):
        resource = {"Table": {"DatabaseName": "sales", "Name": name}}
        lakeformation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": CONSUMER},
            Resource=resource,
            Permissions=["SELECT", "DESCRIBE"],
            PermissionsWithGrantOption=["SELECT", "DESCRIBE"],
        )
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        if invitation["status"] == "PENDING":
            ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    for name in ("orders", "v"):
        lake.grant("SELECT", "DESCRIBE", to=ADMIN, Table={"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": name})


def link(lake: Consumer, home: str, name: str) -> None:
    """Link a table or view of the producer's database ``sales`` into *home*."""
    target = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": name}
    table = {"Name": name, "TargetTable": target}
    lake.client("glue", CONSUMER).create_table(DatabaseName=home, TableInput=table)


@pytest.mark.refuses("athena.view.names-resolve-here")
@pytest.mark.allows("athena.view.names-resolve-here")
def test_a_shared_view_needs_links_of_the_names_that_it_says(lake: Consumer) -> None:
    """A view of another account reads what its names mean here: a link database of another name breaks it."""
    share_view(lake)
    for name in ("orders", "v"):
        link(lake, "own", name)

    broken = run(lake.admin(), "SELECT * FROM own.v")
    run(lake.admin(), "CREATE DATABASE sales")
    link(lake, "sales", "orders")
    mended = run(lake.admin(), "SELECT * FROM own.v")

    assert broken.reason == (
        "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.own.v': "
        "line 3:3: Schema 'sales' does not exist"
    )
    assert mended.rows == [["id"], ["7"]]


def test_a_view_that_a_tool_wrote_is_read(lake: Consumer) -> None:
    """A Glue table with Athena's encoding is a view whoever made it, names without a database being in its schema."""
    put_view(lake, "SELECT user_id FROM users")

    counted = run(lake.admin(), "SELECT count(*) FROM own.tool_view")
    described = run(lake.admin(), "SELECT data_type FROM information_schema.columns WHERE table_name = 'tool_view'")

    assert counted.rows[1] != ["0"]
    assert described.rows[1] == ["row(a varchar)"]


@pytest.mark.parametrize(
    ("sql", "text", "reason"),
    [
        ("", "SELECT 1", "NOT_SUPPORTED: line 1:15: Hive views are not supported"),
        ("", "/* Presto View: bm9 */", "NOT_SUPPORTED: line 1:15: Hive views are not supported"),
        ("SELECT FROM WHERE", None, "INVALID_VIEW: line 1:15: Invalid view JSON: awsdatacatalog.own.tool_view: "),
        (
            "SELECT * FROM own.tool_view",
            None,
            "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.own.tool_view': line 1:15: View is",
        ),
    ],
)
def test_a_view_that_cannot_be_read_says_so(lake: Consumer, sql: str, text: str | None, reason: str) -> None:
    """What is no view of Athena's, does not parse, or reads itself is refused by name."""
    put_view(lake, sql, text=text)

    refused = run(lake.admin(), "SELECT * FROM own.tool_view")

    assert refused.state == "FAILED"
    assert refused.reason.startswith(reason)


def test_column_types_that_the_catalog_lacks_are_no_hindrance(lake: Consumer) -> None:
    """A view may have an instant with a zone: the catalog says timestamp, the view's own text says which."""
    made = run(lake.admin(), "CREATE VIEW own.agents AS SELECT current_timestamp AS at, NULL AS nothing")

    types = [each["Type"] for each in stored(lake)["StorageDescriptor"]["Columns"]]
    assert made.state == "SUCCEEDED"
    assert types == ["timestamp", "string"]
    assert len(run(lake.admin(), "SELECT at FROM own.agents").rows) == 2


def test_the_reader_of_a_view_is_its_invoker(lake: Consumer) -> None:
    """A view that the reader made itself gives others nothing."""
    lake.reader()
    lake.let_read("users")
    lake.grant("DESCRIBE", "CREATE_TABLE", to=READER, Database={"Name": "own"})
    run(lake.reader(WRITES_CATALOG), "CREATE VIEW own.v AS SELECT user_id FROM links.users")

    assert run(lake.admin(), "SELECT * FROM own.v").reason == (
        "Insufficient Lake Formation permission(s): Required Select on v"
    )
