"""PyAthena reads Connect's lake through its links, by the Python database API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.functional.accounts import DATABASE, REGION, Accounts
from tests.oracles.clients import BUCKET, SCRATCH, WORKGROUP, Lake, shared_lake

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("default")]

COUNT = "SELECT instance_id, count(*) FROM contact_record_link WHERE instance_id = %(instance)s GROUP BY instance_id"


@pytest.fixture(scope="module")
def pyathena() -> Any:
    """The library, where it is installed."""
    return pytest.importorskip("pyathena", reason="PyAthena is not installed: `make oracles` installs it")


@pytest.fixture
def lake(pyathena: Any, accounts: Accounts) -> Iterator[Lake]:
    with shared_lake(accounts) as lake:
        yield lake


def connected(pyathena: Any, session: boto3.Session, **asked: Any) -> Any:
    """Connect to the database of links in lakeshare's workgroup, as whoever the session is."""
    where = {"schema_name": DATABASE, "work_group": WORKGROUP, "poll_interval": 0.05} | asked
    return pyathena.connect(session=session, region_name=REGION, **where)


def test_a_granted_role_reads_through_a_link(lake: Lake, pyathena: Any) -> None:
    """The reader's cursor fetches the rows of its own instance, described and typed."""
    cursor = connected(pyathena, lake.reader).cursor()

    cursor.execute(COUNT, {"instance": lake.accounts.instance})
    [(instance, count)] = cursor.fetchall()

    assert [column[:2] for column in cursor.description] == [("instance_id", "varchar"), ("_col1", "bigint")]
    assert (instance, count > 0) == (lake.accounts.instance, True)
    assert cursor.data_scanned_in_bytes > 0


def test_another_role_is_refused(lake: Lake, pyathena: Any) -> None:
    """The role that was granted nothing gets Lake Formation's refusal, as an error of the database API."""
    with pytest.raises(pyathena.error.OperationalError, match="Lake Formation"):
        connected(pyathena, lake.denied).cursor().execute(COUNT, {"instance": lake.accounts.instance})


def test_the_pandas_cursor_reads_the_result_object(lake: Lake, pyathena: Any) -> None:
    """The cursor that reads the object in S3 finds the same rows as the one that asks Athena for pages."""
    pandas_cursor = pytest.importorskip("pyathena.pandas.cursor").PandasCursor
    sql = "SELECT user_id, agent_username FROM users_link ORDER BY user_id"
    connection = connected(pyathena, lake.reader)

    rows = connection.cursor().execute(sql).fetchall()
    frame = connection.cursor(pandas_cursor).execute(sql).as_pandas()

    assert len(rows) > 0
    assert list(frame.itertuples(index=False, name=None)) == rows


def test_views_and_tables_are_made_and_read(lake: Lake, pyathena: Any) -> None:
    """DDL answers nothing and is done; what it made is read through the same connection."""
    connection = connected(
        pyathena, lake.workshop(), schema_name=SCRATCH, work_group="primary", s3_staging_dir=f"s3://{BUCKET}/results/"
    )
    cursor = connection.cursor()

    cursor.execute("CREATE VIEW people AS SELECT user_id FROM connect_analytics_consumer.users_link")
    created = cursor.fetchall()
    cursor.execute("CREATE TABLE copied AS SELECT * FROM people")
    cursor.execute("SELECT count(*) FROM copied")
    (copied,) = cursor.fetchone()
    cursor.execute("SELECT count(*) FROM people")

    assert created == []
    assert cursor.fetchone() == (copied,)
    assert copied > 0
