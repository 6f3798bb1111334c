"""What a query reads of a partitioned table, and the hidden columns that say where a row came from."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import CONSUMER, Consumer, Query, open_account, run

OPEN_CSV = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"}
DATA = "s3://results-bucket/data/"
ROWS = {"2024": b"a\n", "2025": b"bb\n", "2026": b"ccc\n"}


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    """An account with ``own.t`` by year, a partition of 2, 3 and 4 bytes each, and properties."""
    opened = open_account(box, client)
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "own"})
    table = {
        "Name": "t",
        "StorageDescriptor": {
            "Columns": [{"Name": "a", "Type": "string"}],
            "Location": DATA,
            "SerdeInfo": OPEN_CSV,
        },
        "PartitionKeys": [{"Name": "year", "Type": "int"}],
        "Parameters": {"owner": "us", "classification": "csv"},
    }
    glue.create_table(DatabaseName="own", TableInput=table)
    for year, body in ROWS.items():
        client("s3", CONSUMER).put_object(Bucket="results-bucket", Key=f"data/year={year}/rows.csv", Body=body)
        glue.create_partition(DatabaseName="own", TableName="t", PartitionInput={"Values": [year]})
    return opened


def ask(account: Consumer, sql: str) -> Query:
    """Run a query that succeeds."""
    query = run(account.admin(), sql, database="own")
    assert query.state == "SUCCEEDED", query.reason
    return query


@pytest.mark.parametrize(
    ("where", "scanned"),
    [
        ("year = 2026", 4),
        ("2025 <= year", 7),
        ("year IN (2024, 2025) AND a <> ''", 5),
        ("year BETWEEN 2025 AND 2030", 7),
        ("year = 2024 OR (year > 2025 AND a = 'x')", 6),
        ("year = 2024 OR a = 'x'", 9),
        ("year <> 2026", 5),
        ("year + 0 = 2026", 9),
        ("year = 1999", 0),
    ],
)
def test_only_the_partitions_that_where_leaves_are_scanned(account: Consumer, where: str, scanned: int) -> None:
    """DataScannedInBytes shows it; a condition on rows, or a calculated one, leaves out nothing."""
    query = ask(account, f"SELECT a FROM t WHERE {where}")  # noqa: S608
    assert query.execution["Statistics"]["DataScannedInBytes"] == scanned


def test_a_table_that_stands_in_a_query_twice_is_read_for_both(account: Consumer) -> None:
    """Each place in the query has its own WHERE."""
    query = ask(account, "SELECT a FROM t WHERE year = 2024 UNION ALL SELECT x.a FROM t x WHERE x.year = 2026")
    whole = ask(account, "SELECT count(*) FROM t WHERE a IN (SELECT a FROM t WHERE year = 2024)")

    assert sorted(row[0] or "" for row in query.rows[1:]) == ["a", "ccc"]
    assert query.execution["Statistics"]["DataScannedInBytes"] == 6
    assert whole.rows[1:] == [["1"]]


def test_a_partition_out_of_reach_fails_only_what_needs_it(account: Consumer) -> None:
    """Its bucket may not even be there."""
    elsewhere = {"Columns": [], "Location": "s3://nowhere-at-all/x/", "SerdeInfo": OPEN_CSV}
    account.client("glue", CONSUMER).create_partition(
        DatabaseName="own", TableName="t", PartitionInput={"Values": ["2030"], "StorageDescriptor": elsewhere}
    )
    reader = account.reader(
        [
            {"Effect": "Allow", "Action": ["athena:*", "glue:Get*", "lakeformation:GetDataAccess"], "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::results-bucket*"},
        ]
    )

    assert run(reader, "SELECT a FROM t WHERE year = 2024", database="own").rows == [["a"], ["a"]]
    failed = run(reader, "SELECT a FROM t", database="own").reason
    assert failed == "PERMISSION_DENIED: Permission denied on S3 path: s3://nowhere-at-all/x/"


def test_a_row_tells_the_file_that_it_lies_in(account: Consumer) -> None:
    """The hidden columns are there for those who name them, and in no star."""
    paths = ask(account, 'SELECT "$path", "$file_size" FROM t ORDER BY 1').rows
    beside = ask(account, 'SELECT *, "$path" FROM t WHERE year = 2024').rows
    chosen = ask(account, f"""SELECT a FROM t WHERE "$path" LIKE '{DATA}year=2025/%'""").rows  # noqa: S608
    moment = ask(account, "SELECT \"$file_modified_time\" > TIMESTAMP '2000-01-01 00:00:00' FROM t LIMIT 1").rows

    assert paths[1:] == [[f"{DATA}year={year}/rows.csv", str(len(body))] for year, body in sorted(ROWS.items())]
    assert beside == [["a", "year", "$path"], ["a", "2024", f"{DATA}year=2024/rows.csv"]]
    assert chosen[1:] == [["bb"]]
    assert moment[1:] == [["true"]]
    assert ask(account, "SELECT * FROM t WHERE year = 2024").rows[0] == ["a", "year"]


def test_the_properties_of_a_table_are_shown(account: Consumer) -> None:
    """All of them with their values, or the value of one."""
    assert ask(account, "SHOW TBLPROPERTIES t").rows == [["classification\tcsv"], ["owner\tus"]]
    assert ask(account, "SHOW TBLPROPERTIES own.t ('owner')").rows == [["us"]]
