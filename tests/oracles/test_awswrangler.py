"""awswrangler reads Connect's lake through its links, and makes tables and views of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.accounts import DATABASE, Accounts
from tests.oracles.clients import BUCKET, SCRATCH, WORKGROUP, Lake, shared_lake

# What pandas and awswrangler warn each other of is theirs.
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("default")]

COUNT = "SELECT instance_id, count(*) AS contacts FROM contact_record_link GROUP BY instance_id"


@pytest.fixture(scope="module")
def wr() -> Any:
    """The library, where it is installed."""
    return pytest.importorskip("awswrangler", reason="awswrangler is not installed: `make oracles` installs it")


@pytest.fixture
def lake(wr: Any, accounts: Accounts) -> Iterator[Lake]:
    with shared_lake(accounts) as lake:
        yield lake


def test_a_granted_role_reads_through_a_link(lake: Lake, wr: Any) -> None:
    """The reader's data frame has the rows of its own instance, with the types of their columns."""
    frame = wr.athena.read_sql_query(
        COUNT, database=DATABASE, workgroup=WORKGROUP, ctas_approach=False, boto3_session=lake.reader
    )

    assert list(frame["instance_id"]) == [lake.accounts.instance]
    assert (str(frame.dtypes["contacts"]), frame["contacts"][0] > 0) == ("Int64", True)


def test_another_role_is_refused(lake: Lake, wr: Any) -> None:
    """The role that was granted nothing gets Lake Formation's refusal, as an error of the library's own."""
    with pytest.raises(wr.exceptions.QueryFailed, match="Lake Formation"):
        wr.athena.read_sql_query(
            COUNT, database=DATABASE, workgroup=WORKGROUP, ctas_approach=False, boto3_session=lake.denied
        )


def test_a_link_shows_its_target_s_columns(lake: Lake, wr: Any) -> None:
    """The catalog half finds the table through its link, with the columns of the target."""
    types = wr.catalog.get_table_types(database=DATABASE, table="users_link", boto3_session=lake.reader)

    assert types["user_id"] == "string"


def test_ctas_is_made_read_and_dropped(lake: Lake, wr: Any) -> None:
    """By its default way it makes a table by CTAS, reads the files in its manifest, and leaves nothing behind."""
    operator = lake.workshop()

    frame = wr.athena.read_sql_query(
        "SELECT user_id, 1.5 AS factor FROM connect_analytics_consumer.users_link",
        database=SCRATCH,
        s3_output=f"s3://{BUCKET}/results/",
        boto3_session=operator,
    )

    assert len(frame) > 0
    assert set(frame["factor"]) == {1.5}
    assert list(wr.catalog.get_tables(database=SCRATCH, boto3_session=operator)) == []


def test_unloaded_files_are_read(lake: Lake, wr: Any) -> None:
    """By UNLOAD it reads the files in the manifest."""
    operator = lake.workshop()

    frame = wr.athena.read_sql_query(
        "SELECT user_id FROM users_link",
        database=DATABASE,
        ctas_approach=False,
        unload_approach=True,
        s3_output=f"s3://{BUCKET}/unloaded/",
        boto3_session=operator,
    )

    assert frame["user_id"].nunique() == len(frame) > 0


def test_a_data_set_that_it_writes_is_queried(lake: Lake, wr: Any) -> None:
    """A partitioned data set of its own, written to S3 and the catalog, is read back by SQL, and repaired."""
    pandas = pytest.importorskip("pandas")
    operator = lake.workshop()
    written = pandas.DataFrame({"id": [1, 2], "name": ["a", None], "day": ["x", "y"]})

    wr.s3.to_parquet(
        written,
        path=f"s3://{BUCKET}/set/",
        dataset=True,
        database=SCRATCH,
        table="made",
        partition_cols=["day"],
        boto3_session=operator,
    )
    state = wr.athena.repair_table("made", database=SCRATCH, s3_output=f"s3://{BUCKET}/r/", boto3_session=operator)
    frame = wr.athena.read_sql_query(
        "SELECT * FROM made WHERE id = :id",
        database=SCRATCH,
        params={"id": 2},
        ctas_approach=False,
        s3_output=f"s3://{BUCKET}/r/",
        boto3_session=operator,
    )

    assert state == "SUCCEEDED"
    assert frame["day"].to_list() == ["y"]
    assert frame["name"].isna().all()
