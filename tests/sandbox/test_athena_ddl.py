"""Hive's DDL in Athena: Glue's calls in the caller's name, with Hive's words for what is refused."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import ADMIN, CONSUMER, READER_POLICY, Consumer, open_account, run

CATALOG = {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}
DDL_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
EXTERNAL = """CREATE EXTERNAL TABLE IF NOT EXISTS `own`.`t` (
  `id` int COMMENT 'which',
  name string,
  more struct<a:int,b:array<string>>
) COMMENT 'a table'
PARTITIONED BY (`day` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
STORED AS INPUTFORMAT 'in' OUTPUTFORMAT 'out'
LOCATION 's3://results-bucket/data/'
TBLPROPERTIES ('classification' = 'json')"""


@pytest.fixture
def lake(box: Sandbox, client: ClientMaker) -> Consumer:
    """An account with a results bucket that leaves its catalog to Lake Formation, whose administrator asks."""
    account = open_account(box, client)
    client("lakeformation", CONSUMER).put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
    )
    return account


def put(lake: Consumer, key: str, body: bytes) -> None:
    lake.client("s3", CONSUMER).put_object(Bucket="results-bucket", Key=key, Body=body)


@pytest.mark.refuses("athena.ddl.empty-database")
@pytest.mark.allows("athena.ddl.empty-database")
def test_databases_are_made_and_dropped(lake: Consumer) -> None:
    """CREATE DATABASE stores what it says; one that has tables is dropped with CASCADE alone."""
    athena, glue = lake.admin(), lake.client("glue", CONSUMER)
    full = "CREATE DATABASE own COMMENT 'ours' LOCATION 's3://results-bucket/own/' WITH DBPROPERTIES ('a' = 'b')"

    made = run(athena, full)
    database = glue.get_database(Name="own")["Database"]
    again = run(athena, "CREATE SCHEMA own")
    lenient = run(athena, "CREATE DATABASE IF NOT EXISTS own")
    run(athena, EXTERNAL)
    full_one = run(athena, "DROP DATABASE own")
    dropped = run(athena, "DROP DATABASE own CASCADE")
    gone = run(athena, "DROP SCHEMA own")

    assert (made.execution["StatementType"], made.execution["SubstatementType"]) == ("DDL", "CREATE_DATABASE")
    assert (database["Description"], database["LocationUri"]) == ("ours", "s3://results-bucket/own/")
    assert database["Parameters"] == {"a": "b"}
    assert again.reason == f"{DDL_TASK}Database own already exists"
    assert full_one.reason.startswith(f"{DDL_TASK}InvalidOperationException(message:Database own is not empty.")
    assert (lenient.state, dropped.state) == ("SUCCEEDED", "SUCCEEDED")
    assert gone.reason == "FAILED: SemanticException [Error 10072]: Database does not exist: own"
    assert run(athena, "DROP DATABASE IF EXISTS own").state == "SUCCEEDED"


def test_an_external_table_is_stored_as_it_is_described(lake: Consumer) -> None:
    """Columns, comments, partition keys, SerDe, location and properties arrive in Glue."""
    athena = lake.admin()
    run(athena, "CREATE DATABASE own")

    made = run(athena, EXTERNAL)

    table = lake.client("glue", CONSUMER).get_table(DatabaseName="own", Name="t")["Table"]
    storage = table["StorageDescriptor"]
    assert (made.state, made.rows) == ("SUCCEEDED", [])
    assert storage["Columns"] == [
        {"Name": "id", "Type": "int", "Comment": "which"},
        {"Name": "name", "Type": "string"},
        {"Name": "more", "Type": "struct<a:int,b:array<string>>"},
    ]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"ignore.malformed.json": "true"},
    }
    assert (storage["InputFormat"], storage["OutputFormat"]) == ("in", "out")
    assert storage["Location"] == "s3://results-bucket/data/"
    assert (table["Description"], table["Parameters"]) == ("a table", {"EXTERNAL": "TRUE", "classification": "json"})
    assert run(athena, EXTERNAL).state == "SUCCEEDED"
    assert run(athena, EXTERNAL.replace("IF NOT EXISTS ", "")).reason == (
        f"{DDL_TASK}AlreadyExistsException(message:Table t already exists.)"
    )


@pytest.mark.allows("athena.ddl.glue-in-the-callers-name")
def test_an_external_table_is_read(lake: Consumer) -> None:
    """Delimited text with its delimiter, right after it was described."""
    athena = lake.admin()
    run(athena, "CREATE DATABASE own")
    put(lake, "data/one.csv", b"1;Kim\n2;Lee\n")

    run(
        athena,
        "CREATE EXTERNAL TABLE own.t (id int, name varchar(10)) ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' "
        "STORED AS TEXTFILE LOCATION 's3://results-bucket/data/'",
    )

    assert run(athena, "SELECT name FROM own.t WHERE id = 2").rows == [["name"], ["Lee"]]


@pytest.mark.allows("athena.ddl.repair-lists")
def test_partitions_are_added_by_hand_and_found_by_repair(lake: Consumer) -> None:
    """ALTER TABLE ADD PARTITION takes what it is told, MSCK REPAIR TABLE what lies in folders named as partitions."""
    athena = lake.admin()
    run(athena, "CREATE DATABASE own")
    run(athena, EXTERNAL)
    for day in ("1", "2"):
        put(lake, f"data/day={day}/a.json", f'{{"id": {day}}}\n'.encode())
    put(lake, "elsewhere/a.json", b'{"id": 7}\n')

    added = run(athena, "ALTER TABLE own.t ADD PARTITION (day = '7') LOCATION 's3://results-bucket/elsewhere/'")
    again = run(athena, "ALTER TABLE own.t ADD PARTITION (day = '7') PARTITION (day = '1')")
    lenient = run(athena, "ALTER TABLE own.t ADD IF NOT EXISTS PARTITION (day = '7')")
    wrong = run(athena, "ALTER TABLE own.t ADD PARTITION (hour = '7')")
    repaired = run(athena, "MSCK REPAIR TABLE own.t")
    rows = run(athena, "SELECT id, day FROM own.t ORDER BY 1").rows[1:]

    assert (added.state, lenient.state) == ("SUCCEEDED", "SUCCEEDED")
    assert again.reason == f"{DDL_TASK}AlreadyExistsException(message:Partition already exists.)"
    assert wrong.reason == "FAILED: SemanticException Partition spec {hour} contains non-partition columns"
    assert [row[0] for row in repaired.rows] == [
        "Partitions not in metastore:\tt:day=2",
        "Repair: Added partition to metastore t:day=2",
    ]
    assert run(athena, "MSCK REPAIR TABLE own.t").rows == []
    assert rows == [["1", "1"], ["2", "2"], ["7", "7"]]


@pytest.mark.refuses("athena.ddl.repair-lists")
def test_repair_takes_the_right_to_list(lake: Consumer) -> None:
    """MSCK REPAIR TABLE looks into S3 with the caller's own rights, whatever it may do in the catalog."""
    run(lake.admin(), "CREATE DATABASE own")
    run(lake.admin(), EXTERNAL)
    put(lake, "data/day=1/a.json", b'{"id": 1}\n')
    blind = [each for each in READER_POLICY if each["Action"] != "s3:*"]
    writes = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:GetBucketLocation"], "Resource": "*"}
    reader = lake.reader([*blind, writes, CATALOG])
    lake.grant("ALL", Table={"DatabaseName": "own", "Name": "t"})

    refused = run(reader, "MSCK REPAIR TABLE own.t")

    assert "Permission denied on S3 path" in refused.reason


def test_dropping_takes_drop_and_leaves_the_data(lake: Consumer) -> None:
    """DROP TABLE is Glue's DeleteTable: it takes DROP, forgets the table, and touches no object."""
    run(lake.admin(), "CREATE DATABASE own")
    run(lake.admin(), EXTERNAL)
    put(lake, "data/day=1/a.json", b'{"id": 1}\n')
    reader = lake.reader([*READER_POLICY, CATALOG])
    lake.grant("SELECT", Table={"DatabaseName": "own", "Name": "t"})

    refused = run(reader, "DROP TABLE own.t")
    lake.grant("DROP", Table={"DatabaseName": "own", "Name": "t"})
    dropped = run(reader, "DROP TABLE `own`.`t`")
    gone = run(lake.admin(), "DROP TABLE t", database="own")

    assert refused.reason == (
        f"{DDL_TASK}MetaException(message:Insufficient Lake Formation permission(s): Required Drop on t "
        "(Service: AmazonDataCatalog; Status Code: 400; Error Code: AccessDeniedException))"
    )
    assert dropped.state == "SUCCEEDED"
    assert gone.reason == "FAILED: SemanticException [Error 10001]: Table not found own.t"
    assert run(lake.admin(), "DROP TABLE IF EXISTS own.t").state == "SUCCEEDED"
    assert lake.client("s3", CONSUMER).list_objects_v2(Bucket="results-bucket", Prefix="data/")["KeyCount"] == 1


@pytest.mark.refuses("athena.ddl.glue-in-the-callers-name")
def test_ddl_takes_the_permissions_of_the_calls_that_it_is(lake: Consumer) -> None:
    """Databases take CREATE_DATABASE, tables CREATE_TABLE, partitions ALTER; without IAM's leave none is reached."""
    run(lake.admin(), "CREATE DATABASE own")
    run(lake.admin(), EXTERNAL)
    reader = lake.reader([*READER_POLICY, CATALOG])
    lake.grant("DESCRIBE", Database={"Name": "own"})
    lake.grant("SELECT", Table={"DatabaseName": "own", "Name": "t"})
    lake.client("lakeformation", CONSUMER).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        Resource={"Catalog": {}},
        Permissions=["CREATE_DATABASE"],
    )
    lake.reader(READER_POLICY)

    unallowed = run(reader, "CREATE DATABASE mine")
    lake.reader([*READER_POLICY, CATALOG])
    database = run(reader, "CREATE DATABASE mine")
    table = run(reader, "CREATE EXTERNAL TABLE own.u (a int) LOCATION 's3://results-bucket/u/'")
    partition = run(reader, "ALTER TABLE own.t ADD PARTITION (day = '1')")

    insufficient = "Insufficient Lake Formation permission(s): Required"
    assert "is not authorized to perform: glue:CreateDatabase" in unallowed.reason
    assert f"{insufficient} Create Database on Catalog" in database.reason
    assert f"{insufficient} Create Table on own" in table.reason
    assert f"{insufficient} Alter on t" in partition.reason
    assert table.execution["Status"]["AthenaError"]["ErrorType"] == 234


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE EXTERNAL TABLE own.u (a int)", "FAILED: SemanticException No location was specified for table."),
        ("CREATE TABLE own.u (a int)", "NOT_SUPPORTED: line 1:1: The sandbox does not run this CREATE"),
        (
            "CREATE EXTERNAL TABLE own.u (a int) STORED AS AVRO LOCATION 's3://results-bucket/u/'",
            "NOT_SUPPORTED: The sandbox makes no tables stored as AVRO",
        ),
        ("CREATE VIEW other.own.v AS SELECT 1 AS a", "CATALOG_NOT_FOUND: line 1:13: Catalog 'other' not found"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(lake: Consumer, sql: str, reason: str) -> None:
    """Tables without a location, managed tables and formats that are not written here fail and say why."""
    run(lake.admin(), "CREATE DATABASE own")

    assert run(lake.admin(), sql).reason.startswith(reason)


def test_through_a_database_link_ddl_acts_as_glue_does(lake: Consumer) -> None:
    """A table made through a database link is the target's, and dropping the link leaves its target."""
    athena, glue = lake.admin(), lake.client("glue", CONSUMER)
    run(athena, "CREATE DATABASE own")
    target = {"CatalogId": CONSUMER, "DatabaseName": "own"}
    glue.create_database(DatabaseInput={"Name": "linked", "TargetDatabase": target})

    run(athena, "CREATE EXTERNAL TABLE linked.t (a int) LOCATION 's3://results-bucket/t/'")
    dropped = run(athena, "DROP DATABASE linked")

    assert dropped.state == "SUCCEEDED"
    assert [each["Name"] for each in glue.get_tables(DatabaseName="own")["TableList"]] == ["t"]
