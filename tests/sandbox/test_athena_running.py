"""Prepared statements that run, results that are encrypted or used again, and tables that are altered."""

from __future__ import annotations

import gzip
import json

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import refused
from tests.sandbox.queries import CONSUMER, RESULTS, Consumer, finish, open_account, run, share, start, value


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    """An account with a bucket for results."""
    return open_account(box, client)


def make_table(account: Consumer) -> None:
    """Make ``own.t`` with a partition for each of two years, left to IAM."""
    s3 = account.client("s3", CONSUMER)
    for year in ("2025", "2026"):
        s3.put_object(Bucket="results-bucket", Key=f"data/year={year}/rows", Body=f"{year},x\n".encode())
    columns = "(n int) PARTITIONED BY (year int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
    table = f"CREATE EXTERNAL TABLE own.t {columns} LOCATION 's3://results-bucket/data/'"
    for sql in ("CREATE DATABASE own", table, "MSCK REPAIR TABLE own.t"):
        assert run(account.admin(), sql).state == "SUCCEEDED"


@pytest.mark.refuses("athena.prepared-statement.exists")
@pytest.mark.allows("athena.prepared-statement.exists")
def test_a_prepared_statement_runs_with_what_it_is_given(account: Consumer) -> None:
    """USING names values, and so do ExecutionParameters; one that is not there is told at once."""
    athena = account.admin()
    athena.create_prepared_statement(StatementName="sum", WorkGroup="primary", QueryStatement="SELECT ? + ?")
    athena.create_prepared_statement(StatementName="one", WorkGroup="primary", QueryStatement="SELECT 1")

    assert value(athena, "EXECUTE sum USING 1, CAST('2' AS integer)") == "3"
    assert value(athena, "EXECUTE sum", ExecutionParameters=["3", "4"]) == "7"
    assert value(athena, "execute one") == "1"
    assert run(athena, "EXECUTE sum USING 1").reason.startswith("INVALID_PARAMETER_USAGE: ")
    with refused("InvalidRequestException", "PreparedStatement none was not found in workGroup primary"):
        start(athena, "EXECUTE none")


@pytest.mark.refuses("athena.query.encryption-key")
@pytest.mark.allows("athena.query.encryption-key")
def test_results_are_encrypted_as_asked(account: Consumer) -> None:
    """S3 tells how; a key of KMS has to be named."""
    athena, s3 = account.admin(), account.client("s3", CONSUMER)
    with refused("InvalidRequestException", "KmsKey is required"):
        start(
            athena,
            "SELECT 1",
            ResultConfiguration={
                "OutputLocation": RESULTS,
                "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS"},
            },
        )

    asked = {"OutputLocation": RESULTS, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    done = run(athena, "SELECT 1", ResultConfiguration=asked)

    url = done.execution["ResultConfiguration"]["OutputLocation"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    assert s3.head_object(Bucket=bucket, Key=key)["ServerSideEncryption"] == "AES256"


@pytest.mark.refuses("athena.query.results-bucket")
@pytest.mark.allows("athena.query.results-bucket")
def test_results_go_to_the_bucket_of_whom_is_expected(account: Consumer) -> None:
    """A bucket of another owner than the one that is named is none."""
    athena = account.admin()

    asked = {"OutputLocation": RESULTS, "ExpectedBucketOwner": CONSUMER}
    assert value(athena, "SELECT 1", ResultConfiguration=asked) == "1"
    with refused("InvalidRequestException", "Unable to verify/create output bucket"):
        start(athena, "SELECT 1", ResultConfiguration={**asked, "ExpectedBucketOwner": "999999999999"})


def test_a_result_that_is_young_enough_is_used_again(account: Consumer) -> None:
    """It scans nothing, and is read anew once it is too old."""
    make_table(account)
    athena, sql = account.admin(), "SELECT count(*) FROM own.t"
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}

    def ask() -> tuple[bool, int]:
        told = run(athena, sql, ResultReuseConfiguration=reuse).execution["Statistics"]
        return told["ResultReuseInformation"]["ReusedPreviousResult"], told["DataScannedInBytes"]

    assert ask() == (False, 14)
    assert ask() == (True, 0)
    account.box.world.clock.advance(3700)
    assert ask() == (False, 14)


def test_runtime_statistics_tell_times_and_rows(account: Consumer) -> None:
    """Of a query that has run."""
    athena = account.admin()
    identifier = start(athena, "VALUES 1, 2")
    finish(athena, identifier)

    told = athena.get_query_runtime_statistics(QueryExecutionId=identifier)["QueryRuntimeStatistics"]

    assert told["Rows"] == {"InputBytes": 0, "OutputRows": 2}
    assert told["Timeline"]["TotalExecutionTimeInMillis"] >= 0


def test_partitions_are_dropped(account: Consumer) -> None:
    """The data stay; a partition that is not there is told, unless IF EXISTS says to be silent."""
    make_table(account)
    athena = account.admin()

    assert run(athena, "ALTER TABLE own.t DROP PARTITION (year = 2025)").state == "SUCCEEDED"

    assert run(athena, "SELECT n, year FROM own.t").rows[1:] == [["2026", "2026"]]
    assert "Partition not found (year=2025)" in run(athena, "ALTER TABLE own.t DROP PARTITION (year = '2025')").reason
    lenient = "ALTER TABLE own.t DROP IF EXISTS PARTITION (year = 2025), PARTITION (year = 2026)"
    assert run(athena, lenient).state == "SUCCEEDED"
    assert run(athena, "SELECT n FROM own.t").rows[1:] == []


def test_tables_get_columns_and_properties(account: Consumer) -> None:
    """What they had they keep."""
    make_table(account)
    athena = account.admin()

    added = "ALTER TABLE own.t ADD COLUMNS (`S` string COMMENT 'new', l array<struct<a:int,b:decimal(5,2)>>)"
    assert run(athena, added).state == "SUCCEEDED"
    assert run(athena, "ALTER TABLE own.t SET TBLPROPERTIES ('a' = 'b')").state == "SUCCEEDED"

    table = account.client("glue", CONSUMER).get_table(DatabaseName="own", Name="t")["Table"]
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert columns == {"n": "int", "s": "string", "l": "array<struct<a:int,b:decimal(5,2)>>"}
    assert table["Parameters"]["a"] == "b"
    assert table["PartitionKeys"] == [{"Name": "year", "Type": "int"}]


def test_rows_are_inserted_into_text_and_unloaded_as_json(account: Consumer) -> None:
    """What a table of delimited text is given it reads; UNLOAD writes lines of JSON."""
    make_table(account)
    athena, s3 = account.admin(), account.client("s3", CONSUMER)

    assert run(athena, "INSERT INTO own.t VALUES (7, 2026)").state == "SUCCEEDED"
    assert run(athena, "SELECT n FROM own.t WHERE year = 2026 ORDER BY n").rows[1:] == [["7"], ["2026"]]

    unload = "UNLOAD (SELECT n FROM own.t WHERE n = 7) TO 's3://results-bucket/out/' WITH (format = 'JSON')"
    assert run(athena, unload).state == "SUCCEEDED"
    (written,) = s3.list_objects_v2(Bucket="results-bucket", Prefix="out/")["Contents"]
    body = s3.get_object(Bucket="results-bucket", Key=written["Key"])["Body"].read()
    assert json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body) == {"n": 7}


def test_a_table_is_made_of_json(account: Consumer) -> None:
    """And reads what was put into it."""
    make_table(account)
    athena = account.admin()

    made = (
        "CREATE TABLE own.j WITH (format = 'JSON', external_location = 's3://results-bucket/j/') AS SELECT n FROM own.t"
    )
    assert run(athena, made).state == "SUCCEEDED"

    assert run(athena, "SELECT n FROM own.j ORDER BY 1").rows[1:] == [["2025"], ["2026"]]


def test_of_parquet_only_the_columns_that_are_used_are_scanned(account: Consumer) -> None:
    """All columns are the whole file, one is less, and counting rows reads what is no column."""
    athena = account.reader()
    lake = Consumer(account.box, account.client, share(account, ["contact_record"], 20))
    lake.let_read("contact_record")

    def scanned(sql: str) -> int:
        return int(run(athena, sql).execution["Statistics"]["DataScannedInBytes"])

    everything, one = scanned("SELECT * FROM links.contact_record"), scanned("SELECT channel FROM links.contact_record")
    filtered = scanned("SELECT channel FROM links.contact_record WHERE agent_id = 'nobody'")
    counted = scanned("SELECT count(*) FROM links.contact_record")

    assert everything > filtered > one > counted > 0
    assert scanned("SELECT 1") == 0


@pytest.mark.refuses("athena.tag.key")
@pytest.mark.allows("athena.tag.key")
def test_a_tag_has_a_key(account: Consumer) -> None:
    """A tag without a value is one; what has no key is not."""
    athena = account.admin()
    athena.create_work_group(Name="tagged", Tags=[{"Key": "team"}])

    with refused("InvalidRequestException", "must have a key"):
        athena.create_work_group(Name="other", Tags=[{"Value": "lake"}])
