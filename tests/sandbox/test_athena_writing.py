"""CTAS, INSERT and UNLOAD: who may write what where, and what is there afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import (
    ADMIN,
    CONSUMER,
    READER,
    READER_POLICY,
    REGION,
    Consumer,
    open_account,
    run,
    share,
    value,
)

CATALOG = {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}
PLACE = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}
WRITER: list[dict[str, Any]] = [*READER_POLICY, CATALOG, PLACE]
CTAS = "CREATE TABLE own.t WITH (external_location = 's3://data/t/') AS SELECT user_id, 1 AS n FROM links.users"


@pytest.fixture
def lake(box: Sandbox, client: ClientMaker) -> Consumer:
    """The consumer with a link to ``users`` that its administrator and its reader may read, a database, a bucket."""
    account = open_account(box, client)
    lake = Consumer(box, client, share(account, ["users"], 20))
    lake.reader(WRITER)
    for principal in (ADMIN, READER):
        lake.let_read("users", to=principal)
    client("glue", CONSUMER).create_database(DatabaseInput={"Name": "own", "CreateTableDefaultPermissions": []})
    lake.grant("DESCRIBE", Database={"Name": "own"})
    client("s3", CONSUMER).create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    return lake


def keys(lake: Consumer, prefix: str) -> list[str]:
    found = lake.client("s3", CONSUMER).list_objects_v2(Bucket="data", Prefix=prefix)
    return [each["Key"] for each in found.get("Contents", [])]


def body(lake: Consumer, key: str) -> bytes:
    read: bytes = lake.client("s3", CONSUMER).get_object(Bucket="data", Key=key)["Body"].read()
    return read


# --- CREATE TABLE AS -------------------------------------------------------------------------------------------------


@pytest.mark.allows("athena.write.own-s3-rights", "athena.write.empty-location")
def test_ctas_makes_a_table_over_the_parquet_files_that_it_writes(lake: Consumer) -> None:
    """The result lies at the location as Parquet, the catalog has its columns, and the table is read like any other."""
    athena = lake.admin()

    made = run(athena, CTAS)

    table = lake.client("glue", CONSUMER).get_table(DatabaseName="own", Name="t")["Table"]
    (key,) = keys(lake, "t/")
    results = athena.get_query_results(QueryExecutionId=made.execution["QueryExecutionId"])
    assert (made.execution["StatementType"], made.execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert (table["TableType"], table["StorageDescriptor"]["Location"]) == ("EXTERNAL_TABLE", "s3://data/t/")
    assert [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]] == [
        ("user_id", "string"),
        ("n", "int"),
    ]
    assert body(lake, key).startswith(b"PAR1")
    count = value(athena, "SELECT count(*) FROM links.users")
    assert results["UpdateCount"] == int(count or 0) > 0
    assert run(athena, "SELECT sum(n), count(user_id) FROM own.t").rows[1] == [count, count]


def test_ctas_lists_what_it_wrote_in_a_manifest(lake: Consumer) -> None:
    """The objects are named, one a line, in the manifest beside the results."""
    made = run(lake.admin(), CTAS)

    location = made.execution["Statistics"]["DataManifestLocation"]
    manifest = lake.client("s3", CONSUMER).get_object(
        Bucket="results-bucket", Key=location.removeprefix("s3://results-bucket/")
    )["Body"]
    assert location.endswith(f"{made.execution['QueryExecutionId']}-manifest.csv")
    assert manifest.read().decode().split() == [f"s3://data/{key}" for key in keys(lake, "t/")]


def test_ctas_without_a_location_writes_below_the_results(lake: Consumer) -> None:
    """Then the data go to tables/ID/ where the results go, and WITH NO DATA writes none."""
    athena = lake.admin()

    made = run(athena, "CREATE TABLE own.t AS SELECT 1 AS a")
    empty = run(athena, "CREATE TABLE IF NOT EXISTS own.e AS SELECT 1 AS a WITH NO DATA")

    table = lake.client("glue", CONSUMER).get_table(DatabaseName="own", Name="t")["Table"]
    place = f"s3://results-bucket/queries/tables/{made.execution['QueryExecutionId']}/"
    assert table["StorageDescriptor"]["Location"] == place
    assert empty.state == "SUCCEEDED"
    assert run(athena, "SELECT a FROM own.t").rows == [["a"], ["1"]]
    assert run(athena, "SELECT a FROM own.e").rows == [["a"]]


def test_ctas_makes_partitions_and_text(lake: Consumer) -> None:
    """partitioned_by makes folders and partitions; TEXTFILE is written with its delimiter and read again."""
    athena = lake.admin()

    made = run(
        athena,
        "CREATE TABLE own.t WITH (format = 'TEXTFILE', field_delimiter = '|', external_location = 's3://data/t/', "
        "partitioned_by = ARRAY['k']) AS SELECT * FROM (VALUES (1, 'x', 'p'), (2, NULL, 'q')) AS v (a, b, k)",
    )

    glue = lake.client("glue", CONSUMER)
    partitions = glue.get_partitions(DatabaseName="own", TableName="t")["Partitions"]
    assert made.state == "SUCCEEDED", made.reason
    assert [each["Values"] for each in partitions] == [["p"], ["q"]]
    assert [body(lake, key) for key in keys(lake, "t/")] == [b"1|x\n", b"2|\\N\n"]
    assert run(athena, "SELECT a, b FROM own.t WHERE k = 'q'").rows == [["a", "b"], ["2", None]]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TABLE own.x AS SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        ("CREATE TABLE own.x AS SELECT NULL AS a", "NOT_SUPPORTED: Unsupported Hive type: unknown"),
        ("CREATE TABLE own.x AS SELECT now() AS a", "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time"),
        ("CREATE TABLE own.t AS SELECT 1 AS a", "TABLE_ALREADY_EXISTS: line 1:14: Table 'awsdatacatalog.own.t'"),
        ("CREATE TABLE nowhere.x AS SELECT 1 AS a", "SCHEMA_NOT_FOUND: line 1:14: Schema 'nowhere' does not exist"),
        ("CREATE TABLE own.x WITH (format = 'AVRO') AS SELECT 1 AS a", "NOT_SUPPORTED: The sandbox does not write"),
        (
            "CREATE TABLE own.x WITH (external_location = 's3://data/t/') AS SELECT 1 AS a",
            "HIVE_PATH_ALREADY_EXISTS: Target directory already exists: s3://data/t/",
        ),
    ],
)
def test_ctas_refuses_what_cannot_be_stored(lake: Consumer, sql: str, reason: str) -> None:
    """Columns without a name or a type of the catalog, names and places that are taken: nothing is made."""
    run(lake.admin(), CTAS)

    refused = run(lake.admin(), sql)

    assert refused.state == "FAILED"
    assert refused.reason.startswith(reason)
    assert [each["Name"] for each in lake.client("glue", CONSUMER).get_tables(DatabaseName="own")["TableList"]] == ["t"]


@pytest.mark.refuses("athena.write.own-s3-rights")
def test_ctas_takes_create_table_and_the_right_to_write(lake: Consumer) -> None:
    """Lake Formation's CREATE_TABLE on the database and s3:PutObject of one's own, each refused without the other."""
    athena = lake.reader(WRITER)

    without_grant = run(athena, CTAS)
    lake.grant("CREATE_TABLE", Database={"Name": "own"})
    without_s3 = run(lake.reader([*READER_POLICY, CATALOG]), CTAS)
    without_glue = run(lake.reader([*READER_POLICY, PLACE]), CTAS)
    made = run(lake.reader(WRITER), CTAS)

    assert without_grant.reason == "Insufficient Lake Formation permission(s): Required Create Table on own"
    assert without_s3.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://data/t/"
    assert "is not authorized to perform: glue:CreateTable" in without_glue.reason
    assert made.state == "SUCCEEDED"
    assert value(athena, "SELECT count(*) FROM own.t") == value(athena, "SELECT count(*) FROM links.users")


@pytest.mark.refuses("glue.table.data-location")
@pytest.mark.allows("glue.table.data-location")
def test_a_table_at_a_registered_place_takes_data_location_access(lake: Consumer) -> None:
    """At a registered place CREATE_TABLE or ALTER is not enough; the right holds below the place granted."""
    lakeformation = lake.client("lakeformation", CONSUMER)
    lakeformation.register_resource(ResourceArn="arn:aws:s3:::data", UseServiceLinkedRole=True)
    lake.grant("CREATE_TABLE", Database={"Name": "own"})
    athena = lake.reader(WRITER)
    external = "CREATE EXTERNAL TABLE own.e (a int) STORED AS PARQUET LOCATION 's3://data/e/'"

    refused = [run(athena, sql).reason for sql in (CTAS, external)]
    run(athena, external.replace("data/e/", "results-bucket/e/").replace("own.e", "own.moved"))
    moving = {"Name": "moved", "StorageDescriptor": {"Location": "s3://data/e/"}}
    session = lake.client("sts", CONSUMER).assume_role(RoleArn=READER, RoleSessionName="test")["Credentials"]
    with pytest.raises(ClientError, match=r"Insufficient Lake Formation permission\(s\) on s3://data/e/"):
        lake.client("glue", session).update_table(DatabaseName="own", TableInput=moving)
    lake.grant("DATA_LOCATION_ACCESS", DataLocation={"ResourceArn": "arn:aws:s3:::data"})
    made = [run(athena, sql).state for sql in (CTAS, external)]

    assert refused[0] == "Insufficient Lake Formation permission(s) on s3://data/t/"
    assert "Insufficient Lake Formation permission(s) on s3://data/e/" in refused[1]
    assert made == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.refuses("glue.database.data-location")
@pytest.mark.allows("glue.database.data-location")
def test_a_database_at_a_registered_place_takes_data_location_access(lake: Consumer) -> None:
    """So does CREATE DATABASE with a LOCATION; one without needs none."""
    lake.client("lakeformation", CONSUMER).register_resource(ResourceArn="arn:aws:s3:::data", UseServiceLinkedRole=True)
    lake.grant("CREATE_DATABASE", Catalog={})
    athena = lake.reader(WRITER)
    there = "CREATE DATABASE there LOCATION 's3://data/there/'"

    refused = run(athena, there)
    elsewhere = run(athena, "CREATE DATABASE elsewhere")
    lake.grant("DATA_LOCATION_ACCESS", DataLocation={"ResourceArn": "arn:aws:s3:::data/there"})

    assert "Insufficient Lake Formation permission(s) on s3://data/there/" in refused.reason
    assert elsewhere.state == "SUCCEEDED"
    assert run(athena, there).state == "SUCCEEDED"


@pytest.mark.refuses("athena.ctas.central-location")
@pytest.mark.allows("athena.ctas.central-location")
def test_a_workgroup_that_enforces_its_location_decides_where_ctas_writes(lake: Consumer) -> None:
    """There external_location is refused with the call itself, and the data go below the workgroup's results."""
    athena = lake.admin()
    results = {"OutputLocation": "s3://results-bucket/team/"}
    athena.create_work_group(Name="strict", Configuration={"ResultConfiguration": results})

    with pytest.raises(ClientError, match="enforces a centralized output location for all queries"):
        run(athena, CTAS, WorkGroup="strict")
    made = run(athena, "CREATE TABLE own.t AS SELECT 1 AS a", WorkGroup="strict")

    table = lake.client("glue", CONSUMER).get_table(DatabaseName="own", Name="t")["Table"]
    place = f"s3://results-bucket/team/tables/{made.execution['QueryExecutionId']}/"
    assert table["StorageDescriptor"]["Location"] == place


def test_a_registered_database_location_stands_for_its_tables(lake: Consumer) -> None:
    """In a database whose own location is registered, CREATE_TABLE is enough for places below it."""
    lake.client("lakeformation", CONSUMER).register_resource(ResourceArn="arn:aws:s3:::data", UseServiceLinkedRole=True)
    lake.client("glue", CONSUMER).update_database(
        Name="own", DatabaseInput={"Name": "own", "LocationUri": "s3://data/home"}
    )
    lake.grant("CREATE_TABLE", Database={"Name": "own"})
    athena = lake.reader(WRITER)

    inside = run(athena, "CREATE TABLE own.i WITH (external_location = 's3://data/home/i/') AS SELECT 1 AS a")
    beside = run(athena, "CREATE TABLE own.b WITH (external_location = 's3://data/home2/') AS SELECT 1 AS a")

    assert inside.state == "SUCCEEDED"
    assert beside.reason == "Insufficient Lake Formation permission(s) on s3://data/home2/"


# --- INSERT ----------------------------------------------------------------------------------------------------------


def test_insert_adds_rows_and_partitions(lake: Consumer) -> None:
    """Rows are added in files of their own; columns left out are null, and partitions come about."""
    athena = lake.admin()
    run(
        athena,
        "CREATE TABLE own.t WITH (external_location = 's3://data/t/', partitioned_by = ARRAY['k']) AS "
        "SELECT 1 AS a, 'x' AS b, 'p' AS k",
    )

    inserted = run(athena, "INSERT INTO own.t VALUES (2, 'y', 'p'), (3, 'z', 'q')")
    partial = run(athena, "INSERT INTO own.t (k, a) SELECT 'r', 4")

    rows = run(athena, "SELECT a, b, k FROM own.t ORDER BY a").rows[1:]
    assert (inserted.state, partial.state) == ("SUCCEEDED", "SUCCEEDED"), inserted.reason + partial.reason
    assert (inserted.execution["StatementType"], inserted.execution["SubstatementType"]) == ("DML", "INSERT")
    assert rows == [["1", "x", "p"], ["2", "y", "p"], ["3", "z", "q"], ["4", None, "r"]]


def test_insert_refuses_other_columns(lake: Consumer) -> None:
    """Values that are no such type, too many of them, and columns that are not there are refused."""
    athena = lake.admin()
    run(athena, "CREATE TABLE own.t WITH (external_location = 's3://data/t/') AS SELECT 1 AS a")

    typed = run(athena, "INSERT INTO own.t SELECT 'x'")
    many = run(athena, "INSERT INTO own.t VALUES (1, 2)")
    unknown = run(athena, "INSERT INTO own.t (b) SELECT 1")

    mismatch = "TYPE_MISMATCH: Insert query has mismatched column types: Table: [integer], Query: "
    assert (typed.reason, many.reason) == (f"{mismatch}[varchar]", f"{mismatch}[integer, integer]")
    assert unknown.reason.startswith(
        "COLUMN_NOT_FOUND: line 1:13: Insert column name does not exist in target table: b"
    )


@pytest.mark.refuses("athena.insert.takes-insert")
@pytest.mark.allows("athena.insert.takes-insert")
def test_insert_takes_insert_and_the_right_to_write(lake: Consumer) -> None:
    """Where Lake Formation rules the table it takes INSERT, and s3:PutObject of one's own as well."""
    run(lake.admin(), CTAS)
    lake.grant("SELECT", Table={"DatabaseName": "own", "Name": "t"})
    sql = "INSERT INTO own.t VALUES ('u', 2)"

    without_insert = run(lake.reader(WRITER), sql)
    lake.grant("INSERT", Table={"DatabaseName": "own", "Name": "t"})
    without_s3 = run(lake.reader([*READER_POLICY, CATALOG]), sql)
    inserted = run(lake.reader(WRITER), sql)

    assert without_insert.reason == "Insufficient Lake Formation permission(s): Required Insert on t"
    assert without_s3.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://data/t/"
    assert inserted.state == "SUCCEEDED"


def test_nothing_is_inserted_into_connect_s_lake(lake: Consumer) -> None:
    """The owner's data are read through a link and never written."""
    refused = run(lake.admin(), "INSERT INTO links.users SELECT * FROM links.users")

    assert refused.reason == "Insufficient Lake Formation permission(s): Required Insert on users"


# --- UNLOAD ----------------------------------------------------------------------------------------------------------


def test_unload_writes_what_a_query_answers(lake: Consumer) -> None:
    """Parquet by what it is asked for, or delimited text, to a place in S3; the catalog is left alone."""
    athena = lake.admin()

    parquet = run(athena, "UNLOAD (SELECT user_id FROM links.users) TO 's3://data/p/' WITH (format = 'PARQUET')")
    text = run(
        athena, "UNLOAD (SELECT 1 AS a, ')' AS b) TO 's3://data/c/' WITH (format='TEXTFILE', field_delimiter=',')"
    )

    (file,) = keys(lake, "p/")
    assert parquet.state == "SUCCEEDED"
    assert parquet.execution["SubstatementType"] == "UNLOAD"
    assert body(lake, file)[:4] == b"PAR1"
    assert [body(lake, key) for key in keys(lake, "c/")] == [b"1,)\n"]
    assert text.execution["Statistics"]["DataManifestLocation"].endswith("-manifest.csv")
    assert lake.client("glue", CONSUMER).get_tables(DatabaseName="own")["TableList"] == []


@pytest.mark.refuses("athena.write.empty-location")
def test_unload_takes_the_rights_to_read_and_to_write(lake: Consumer) -> None:
    """What the caller may not read, or where it may not write, is not unloaded; nor to a place that holds something."""
    sql = "UNLOAD (SELECT * FROM links.users) TO 's3://data/u/' WITH (format = 'PARQUET')"
    athena = lake.reader(WRITER)

    without_s3 = run(lake.reader(), sql)
    lake.client("lakeformation", CONSUMER).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": READER}, Resource=lake.target("users"), Permissions=["SELECT"]
    )
    lake.reader(WRITER)
    unreadable = run(athena, sql)
    lake.let_read("users")
    written = run(athena, sql)
    again = run(athena, sql)

    assert without_s3.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://data/u/"
    assert "Principal does not have any privilege on specified resource" in unreadable.reason
    assert written.state == "SUCCEEDED"
    assert again.reason == "HIVE_PATH_ALREADY_EXISTS: Target directory already exists: s3://data/u/"


@pytest.mark.parametrize(
    "sql",
    [
        "UNLOAD (SELECT 1 AS a TO 's3://data/u/'",
        "UNLOAD (SELECT 1 AS a) INTO 's3://data/u/'",
        "UNLOAD (SELECT 1 AS a) TO 's3://data/u/' NOW",
        "DROP TABLE t PURGE",
    ],
)
def test_what_is_not_ended_as_it_was_begun_does_not_parse(lake: Consumer, sql: str) -> None:
    """StartQueryExecution refuses a statement that goes on in another form."""
    with pytest.raises(lake.admin().exceptions.InvalidRequestException, match="mismatched input"):
        run(lake.admin(), sql)
