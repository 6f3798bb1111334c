"""Athena over tables of one's own: what is in the files, in the catalog and in neither."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import CONSUMER, PRODUCER, REGION, Consumer, open_account, run, value

OPEN_CSV = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"}
LAZY_SIMPLE = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}
JSON_SERDE = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    return open_account(box, client)


def own_table(account: Consumer, columns: Mapping[str, str], serde: dict[str, Any], **table: Any) -> None:
    """Make table ``own.t`` over s3://results-bucket/data/, left to IAM as in an account without Lake Formation."""
    glue = account.client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "own"})
    storage = {
        "Columns": [{"Name": name, "Type": type_} for name, type_ in columns.items()],
        "Location": "s3://results-bucket/data/",
        "SerdeInfo": serde,
    }
    glue.create_table(DatabaseName="own", TableInput={"Name": "t", "StorageDescriptor": storage, **table})


def put(account: Consumer, key: str, body: bytes) -> None:
    account.client("s3", CONSUMER).put_object(Bucket="results-bucket", Key=key, Body=body)


@pytest.mark.parametrize(
    ("serde", "parameters", "body"),
    [
        (OPEN_CSV, {"skip.header.line.count": "1"}, b'id,name,at\n"1","Kim, A",2026-01-01 00:00:00\n"2","",\n'),
        (LAZY_SIMPLE | {"Parameters": {"field.delim": "|"}}, {}, b"1|Kim, A|2026-01-01 00:00:00\n2||\n"),
        (LAZY_SIMPLE, {}, b"1\x01Kim, A\x012026-01-01 00:00:00\n2\x01\x01\n"),
        (JSON_SERDE, {}, b'{"id": 1, "name": "Kim, A", "at": "2026-01-01 00:00:00"}\n{"id": 2, "name": ""}\n'),
    ],
)
def test_text_files_are_read_as_their_table_says(
    account: Consumer, serde: dict[str, Any], parameters: dict[str, str], body: bytes
) -> None:
    """CSV with and without quotes and JSON lines become typed columns; an empty field of a number or time is null."""
    own_table(account, {"id": "int", "name": "string", "at": "timestamp"}, serde, Parameters=parameters)
    put(account, "data/rows.txt", body)
    put(account, "data/_SUCCESS", b"not data")

    rows = run(account.admin(), "SELECT * FROM own.t ORDER BY id").rows[1:]

    assert rows == [["1", "Kim, A", "2026-01-01 00:00:00.000"], ["2", "", None]]


def test_compressed_text_is_read(account: Consumer) -> None:
    """A .gz object is unpacked by its name."""
    own_table(account, {"a": "string"}, OPEN_CSV)
    put(account, "data/rows.csv.gz", gzip.compress(b"x\ny\n"))

    assert value(account.admin(), "SELECT count(*) FROM own.t") == "2"


def test_partitions_are_those_that_the_catalog_knows(account: Consumer) -> None:
    """Partition keys are columns with the catalog's values; a folder that is no partition is not read."""
    keys = [{"Name": "year", "Type": "int"}, {"Name": "region", "Type": "string"}]
    own_table(account, {"a": "string"}, OPEN_CSV, PartitionKeys=keys)
    glue = account.client("glue", CONSUMER)
    for year, region in (("2025", "apac"), ("2026", "apac"), ("2026", "emea")):
        put(account, f"data/year={year}/region={region}/rows.csv", f"{region}-{year}\n".encode())
    for values in (["2025", "apac"], ["2026", "apac"]):
        glue.create_partition(DatabaseName="own", TableName="t", PartitionInput={"Values": values})

    everything = run(account.admin(), "SELECT * FROM own.t ORDER BY year").rows
    one = run(account.admin(), "SELECT a FROM own.t WHERE year = 2026").rows

    assert everything == [["a", "year", "region"], ["apac-2025", "2025", "apac"], ["apac-2026", "2026", "apac"]]
    assert one[1:] == [["apac-2026"]]
    assert run(account.admin(), "SHOW PARTITIONS own.t").rows == [["year=2025/region=apac"], ["year=2026/region=apac"]]


def test_a_column_that_the_files_lack_is_null(account: Consumer, tmp_path: Path) -> None:
    """Parquet is read by name: what the catalog has and the file lacks is null, what only the file has is not seen."""
    file = tmp_path / "rows.parquet"
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT 1 AS old, 'x' AS kept) TO '{file}' (FORMAT parquet)")
    serde = {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}
    own_table(account, {"kept": "string", "new": "bigint"}, serde)
    put(account, "data/rows.parquet", file.read_bytes())

    assert run(account.admin(), "SELECT * FROM own.t").rows == [["kept", "new"], ["x", None]]


def test_an_empty_table_has_its_columns_and_no_rows(account: Consumer) -> None:
    """A location without objects is an empty table."""
    own_table(account, {"a": "string", "b": "map<string,int>"}, JSON_SERDE)

    assert run(account.admin(), "SELECT * FROM own.t").rows == [["a", "b"]]


def test_what_changes_in_s3_is_seen_by_the_next_query(account: Consumer) -> None:
    """Files are kept by their version: a new object of the same name is read anew."""
    own_table(account, {"a": "int"}, OPEN_CSV)
    put(account, "data/rows.csv", b"1\n")
    assert value(account.admin(), "SELECT sum(a) FROM own.t") == "1"

    put(account, "data/rows.csv", b"2\n")
    put(account, "data/more.csv", b"3\n")

    assert value(account.admin(), "SELECT sum(a) FROM own.t") == "5"


@pytest.mark.refuses("athena.query.own-s3-rights")
@pytest.mark.allows("athena.query.own-s3-rights")
def test_what_lake_formation_leaves_to_iam_is_read_with_one_s_own_s3_rights(account: Consumer) -> None:
    """Without Lake Formation's credentials the caller's s3:GetObject decides."""
    own_table(account, {"a": "int"}, OPEN_CSV)
    put(account, "data/rows.csv", b"1\n")
    allowed = {"Effect": "Allow", "Action": ["athena:*", "glue:*", "s3:*"], "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::results-bucket/data/*"}

    assert value(account.reader([allowed]), "SELECT sum(a) FROM own.t") == "1"
    refused = run(account.reader([allowed, denied]), "SELECT sum(a) FROM own.t")

    assert refused.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://results-bucket/data/"


def test_formats_that_are_not_read_are_named(account: Consumer) -> None:
    """A table in a format that the sandbox does not read fails plainly."""
    own_table(account, {"a": "int"}, {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"})

    assert (
        "does not read files of org.apache.hadoop.hive.ql.io.orc.orcserde"
        in run(account.admin(), "SELECT * FROM own.t").reason
    )


def test_another_account_s_lake_is_not_mine(box: Sandbox, client: ClientMaker, account: Consumer) -> None:
    """A seeded lake shows nothing to an account that it was not shared with, nor to the instance's own."""
    box.seed(instance_account=PRODUCER, region=REGION, tables=["users"], rows=10)

    for caller in (account.admin(), client("athena", CONSUMER, "us-east-1")):
        assert run(caller, "SELECT * FROM connect_datalake.users").reason.startswith("SCHEMA_NOT_FOUND")
