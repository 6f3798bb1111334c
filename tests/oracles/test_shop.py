"""awswrangler and PyAthena read another account's tables of every format, through a table's link and a database's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lakeshare.sandbox import Sandbox
from tests.functional.accounts import REGION
from tests.oracles.scene import two_accounts
from tests.oracles.shop import COLUMNS, DATABASE_LINK, LINKS, ORDERS, RESULTS, TABLES, Shop, shop

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("default")]

THROUGH = pytest.mark.parametrize("database", [LINKS, DATABASE_LINK])


@pytest.fixture(scope="module")
def wr() -> Any:
    """The library, where it is installed."""
    return pytest.importorskip("awswrangler", reason="awswrangler is not installed: `make oracles` installs it")


@pytest.fixture(scope="module")
def pyathena() -> Any:
    """The library, where it is installed."""
    return pytest.importorskip("pyathena", reason="PyAthena is not installed: `make oracles` installs it")


@pytest.fixture(scope="module")
def lake(wr: Any, sandbox_server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop's lake, for tests that only read."""
    accounts = two_accounts(sandbox_server, tmp_path_factory.mktemp("shop"))
    with shop(accounts, wr, pytest.importorskip("pandas")) as made:
        yield made


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a data frame with None for whatever pandas marks what is missing with."""
    plain = frame.astype(object)
    return list(plain.where(plain.notna(), None).itertuples(index=False, name=None))


def frame_of(wr: Any, session: boto3.Session, sql: str, database: str, **asked: Any) -> Any:
    """Read *sql* by awswrangler without making tables."""
    given = {"ctas_approach": False, "s3_output": RESULTS, "boto3_session": session} | asked
    return wr.athena.read_sql_query(sql, database=database, **given)


def cursor_of(pyathena: Any, session: boto3.Session, database: str, **asked: Any) -> Any:
    """Return a cursor of PyAthena's on a database."""
    given = {"schema_name": database, "s3_staging_dir": RESULTS, "poll_interval": 0.05} | asked
    return pyathena.connect(session=session, region_name=REGION, **given).cursor()


@THROUGH
def test_awswrangler_reads_types_and_nulls(lake: Shop, wr: Any, database: str) -> None:
    """Partitioned Parquet comes with the types of its columns, and with what is missing in it."""
    scalars = "id, customer, amount, paid, due, made, ratio, day"

    frame = frame_of(wr, lake.reader, f"SELECT {scalars} FROM orders ORDER BY id", database)  # noqa: S608

    assert {name: str(kind) for name, kind in frame.dtypes.items() if name in ("id", "paid", "ratio")} == {
        "id": "Int64",
        "paid": "boolean",
        "ratio": "float64",
    }
    assert rows(frame) == [(*order[:7], order[8]) for order in ORDERS]


@THROUGH
def test_awswrangler_unloads_arrays(lake: Shop, wr: Any, database: str) -> None:
    """By UNLOAD an array is an array, and no array is none."""
    frame = frame_of(wr, lake.reader, "SELECT id, tags FROM orders", database, unload_approach=True)

    tags = {order: None if each is None else list(each) for order, each in rows(frame)}
    assert tags == {order[0]: order[7] for order in ORDERS}


@THROUGH
def test_awswrangler_reads_csv_and_json(lake: Shop, wr: Any, database: str) -> None:
    """CSV and JSON are read with their types, and what they leave out is missing; so are empty strings to pandas."""
    prices = frame_of(wr, lake.reader, "SELECT * FROM prices ORDER BY price", database)
    events = frame_of(wr, lake.reader, "SELECT * FROM events ORDER BY kind", database)

    assert rows(prices) == [("a", 1.5, 1), ("c", 3.25, None), (None, None, 2)]
    assert rows(events) == [("seen", 3, None), ("sold", None, 'with "quotes", and more')]


def test_awswrangler_knows_partitions(lake: Shop, wr: Any) -> None:
    """The catalog half finds columns and partition keys through the link."""
    columns = wr.catalog.get_table_types(database=LINKS, table="orders", boto3_session=lake.reader)
    keys = wr.catalog.get_parquet_partitions(database=DATABASE_LINK, table="orders", boto3_session=lake.reader)

    assert columns["amount"] == "decimal(10,2)"
    assert sorted(value for values in keys.values() for value in values) == ["mon", "tue"]


@THROUGH
@pytest.mark.parametrize("table", TABLES)
def test_another_role_is_refused(lake: Shop, wr: Any, pyathena: Any, database: str, table: str) -> None:
    """Who was granted nothing is refused by either client, whichever link it goes through."""
    sql = f"SELECT * FROM {table}"  # noqa: S608

    with pytest.raises(wr.exceptions.QueryFailed):
        frame_of(wr, lake.denied, sql, database)
    with pytest.raises(pyathena.error.OperationalError):
        cursor_of(pyathena, lake.denied, database).execute(sql)


@THROUGH
def test_pyathena_converts_types_and_nulls(lake: Shop, pyathena: Any, database: str) -> None:
    """A cursor fetches Python's own types, and None for what is missing, partition by partition."""
    cursor = cursor_of(pyathena, lake.reader, database)

    cursor.execute("SELECT * FROM orders WHERE day = %(day)s ORDER BY id", {"day": "mon"})

    assert [column[0] for column in cursor.description] == COLUMNS
    assert [column[1] for column in cursor.description] == [
        "bigint",
        "varchar",
        "decimal",
        "boolean",
        "date",
        "timestamp",
        "double",
        "array",
        "varchar",
    ]
    first, second = cursor.fetchall()
    assert (first[:7], second) == (ORDERS[0][:7], ORDERS[1])


@THROUGH
def test_pyathena_tells_empty_strings_from_none(lake: Shop, pyathena: Any, database: str) -> None:
    """A string that is empty in CSV is an empty string; a number is none."""
    cursor = cursor_of(pyathena, lake.reader, database)

    assert cursor.execute("SELECT sku, price FROM prices WHERE stock = 2").fetchall() == [("", None)]
    assert cursor.execute("SELECT kind FROM events WHERE count IS NULL").fetchall() == [("sold",)]


def test_pyathena_lists_what_the_link_leads_to(lake: Shop, pyathena: Any) -> None:
    """SHOW TABLES and SHOW PARTITIONS answer through the links."""
    cursor = cursor_of(pyathena, lake.reader, LINKS)

    assert sorted(row[0] for row in cursor.execute("SHOW TABLES").fetchall()) == sorted(TABLES)
    assert sorted(row[0] for row in cursor.execute("SHOW PARTITIONS orders").fetchall()) == ["day=mon", "day=tue"]
