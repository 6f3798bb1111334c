"""Text and JSON as Hive's SerDes read them, and partitions that a table's properties describe."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import CONSUMER, Consumer, open_account, run

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
DATA = "s3://results-bucket/data/"


class Table:
    """Table ``own.t`` of an account that leaves it to IAM."""

    def __init__(self, account: Consumer, columns: dict[str, str], serde: str, **table: Any) -> None:
        self.account = account
        glue = account.client("glue", CONSUMER)
        glue.create_database(DatabaseInput={"Name": "own"})
        settings = table.pop("settings", {})
        storage = {
            "Columns": [{"Name": name, "Type": type_} for name, type_ in columns.items()],
            "Location": DATA,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": settings},
        }
        glue.create_table(DatabaseName="own", TableInput={"Name": "t", "StorageDescriptor": storage, **table})

    def put(self, key: str, body: bytes) -> None:
        """Put an object below the table's location."""
        self.account.client("s3", CONSUMER).put_object(Bucket="results-bucket", Key=f"data/{key}", Body=body)

    def rows(self, sql: str = "SELECT * FROM own.t") -> list[list[str | None]]:
        """Run a query that succeeds; return its rows."""
        rows: list[list[str | None]] = run(self.account.admin(), sql).rows[1:]
        return rows

    def failure(self, sql: str = "SELECT * FROM own.t") -> str:
        """Run a query that fails; return why it did."""
        return str(run(self.account.admin(), sql).reason)


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    """An account with a bucket for results."""
    return open_account(box, client)


def test_what_does_not_parse_in_text_is_null(account: Consumer) -> None:
    """LazySimpleSerDe splits at its delimiter and nothing else: quotes are text, and what is left over is not there."""
    columns = {"n": "int", "s": "string", "d": "date", "at": "timestamp"}
    table = Table(account, columns, LAZY, settings={"field.delim": ","})
    table.put("rows", b'1,"a",2026-01-01,2026-01-01 10:00:00,more\nx,\\N,bad,\n3\n')

    assert table.rows() == [
        ["1", '"a"', "2026-01-01", "2026-01-01 10:00:00.000"],
        [None, None, None, None],
        ["3", None, None, None],
    ]


def test_text_has_lists_and_maps(account: Consumer) -> None:
    """Items and keys have delimiters of their own."""
    settings = {"field.delim": ",", "collection.delim": ";", "mapkey.delim": ":"}
    table = Table(account, {"l": "array<int>", "m": "map<string,int>"}, LAZY, settings=settings)
    table.put("rows", b"1;2,a:1;b:2\n,\n")

    assert table.rows() == [["[1, 2]", "{a=1, b=2}"], [None, None]]


def test_quoted_csv_breaks_a_query_over_what_does_not_parse(account: Consumer) -> None:
    """OpenCSVSerde fails where LazySimpleSerDe is silent."""
    table = Table(account, {"n": "int"}, OPEN)
    table.put("rows", b'"x"\n')

    assert table.failure().startswith("HIVE_BAD_DATA: Error parsing field value x for field 0")


def test_json_fields_know_no_case(account: Consumer) -> None:
    """Also those inside of rows; the keys of a map are data."""
    columns = {"n": "int", "r": "struct<x:int>", "l": "array<struct<y:int>>", "m": "map<string,int>"}
    table = Table(account, columns, OPENX)
    row = {"N": 1, "r": {"X": 2}, "L": [{"Y": 3}], "M": {"K": 4}, "other": 5}
    table.put("rows.gz", gzip.compress(json.dumps(row).encode()))

    assert table.rows("SELECT n, r.x, l[1].y, m['K'] FROM own.t") == [["1", "2", "3", "4"]]


def test_a_column_stands_for_a_field_of_another_name(account: Consumer) -> None:
    """mapping.COLUMN names it."""
    table = Table(account, {"ts": "string"}, OPENX, settings={"mapping.ts": "timestamp"})
    table.put("rows", b'{"timestamp": "now"}\n')

    assert table.rows() == [["now"]]


def test_malformed_json_breaks_a_query_unless_it_is_ignored(account: Consumer) -> None:
    """Ignored, it is a row of nulls."""
    table = Table(account, {"n": "int"}, OPENX)
    table.put("rows", b'{"n": 1}\n{no\n')
    assert table.failure() == "HIVE_CURSOR_ERROR: Row is not a valid JSON Object"

    glue = account.client("glue", CONSUMER)
    described = glue.get_table(DatabaseName="own", Name="t")["Table"]["StorageDescriptor"]
    described["SerdeInfo"]["Parameters"] = {"ignore.malformed.json": "true"}
    glue.update_table(DatabaseName="own", TableInput={"Name": "t", "StorageDescriptor": described})

    assert table.rows() == [["1"], [None]]


def projected(account: Consumer, keys: dict[str, str], **properties: str) -> Table:
    """Make a table whose partitions its properties describe."""
    described = {"projection.enabled": "true"}
    for name, value in properties.items():
        key, _, said = name.rpartition("__")
        described[f"projection.{key}.{said}" if key else "storage.location.template"] = value
    partitions = [{"Name": name, "Type": type_} for name, type_ in keys.items()]
    return Table(account, {"n": "int"}, LAZY, PartitionKeys=partitions, Parameters=described)


def test_a_range_of_numbers_is_projected(account: Consumer) -> None:
    """Folders are called as Hive calls them; one out of range is no partition, and the catalog is not asked."""
    table = projected(account, {"year": "int"}, year__type="integer", year__range="2020,2026")
    for year in ("2019", "2020", "2026"):
        table.put(f"year={year}/rows", f"{year}\n".encode())

    assert table.rows("SELECT n, year FROM own.t ORDER BY 1") == [["2020", "2020"], ["2026", "2026"]]
    assert table.rows("SELECT n FROM own.t WHERE year = 2026") == [["2026"]]


def test_words_and_days_are_projected_into_a_template(account: Consumer) -> None:
    """A day is as its format says, and a range may end now."""
    table = projected(
        account,
        {"area": "string", "day": "string"},
        area__type="enum",
        area__values="eu,us",
        day__type="date",
        day__format="yyyy/MM/dd",
        day__range="NOW-3DAYS,NOW",
        template=DATA + "${area}/${day}/",
    )
    today = account.box.world.clock.now()
    days = [datetime.fromtimestamp(today - ago * 86400, UTC).strftime("%Y/%m/%d") for ago in (0, 3, 5)]
    for day in days:
        table.put(f"eu/{day}/rows", b"1\n")
        table.put(f"asia/{day}/rows", b"2\n")

    assert sorted(table.rows()) == [["1", "eu", days[1]], ["1", "eu", days[0]]]


@pytest.mark.refuses("athena.projection.injected")
@pytest.mark.allows("athena.projection.injected")
def test_an_injected_column_is_asked_for(account: Consumer) -> None:
    """A query that does not say what it equals fails."""
    table = projected(account, {"k": "string"}, k__type="injected", template=DATA + "${k}/")
    table.put("one/rows", b"1\n")

    assert table.rows("SELECT n FROM own.t WHERE k = 'one'") == [["1"]]
    assert table.failure().startswith("CONSTRAINT_VIOLATION: For the injected projected partition column k,")


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "projection.k does not say what the values of k are"),
        ({"k__type": "integer"}, "projection.k does not say"),
        ({"k__type": "injected", "template": DATA + "${other}/"}, "names other, which is no partition column"),
        ({"k__type": "injected", "template": DATA}, "lacks k"),
    ],
)
@pytest.mark.refuses("athena.projection.configured")
def test_a_projection_says_enough(account: Consumer, properties: dict[str, str], said: str) -> None:
    """What is missing is named."""
    table = projected(account, {"k": "string"}, **properties)

    assert table.failure("SELECT n FROM own.t WHERE k = 'x'").startswith("INVALID_TABLE_PROPERTY: ")
    assert said in table.failure("SELECT n FROM own.t WHERE k = 'x'")


@pytest.mark.allows("athena.projection.configured")
def test_projection_that_is_off_leaves_it_to_the_catalog(account: Consumer) -> None:
    """Its properties then say nothing."""
    parameters = {"projection.enabled": "false"}
    table = Table(account, {"n": "int"}, LAZY, PartitionKeys=[{"Name": "k", "Type": "string"}], Parameters=parameters)
    table.put("k=1/rows", b"1\n")

    assert table.rows() == []
