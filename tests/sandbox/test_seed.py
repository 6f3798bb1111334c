"""Seeding gives an account a Connect instance, and the Region's lake its records."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeshare.catalogue import tables
from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.seed import lake_bucket, seed
from lakeshare.sandbox.services.connect.lake import lake_owner, lake_place
from lakeshare.sandbox.services.glue.catalog import Catalogs
from lakeshare.sandbox.world import World
from tests.sandbox.conftest import ClientMaker

REGION = "us-east-1"
A, B = "111111111111", "222222222222"


@pytest.fixture
def world(box: Sandbox) -> World:
    return box.world


def rows_of(world: World, region: str, table: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Read a table's files as anything that reads Parquet would."""
    bucket, found = lake_bucket(region), []
    for entry in world.store(Moto).list_objects(bucket, f"connect_datalake/{table}/"):
        file = tmp_path / "rows.parquet"
        file.write_bytes(world.store(Moto).get_object(bucket, entry.key))
        with duckdb.connect() as engine:
            result = engine.execute("SELECT * FROM read_parquet(?)", [str(file)])
            names = [column[0] for column in result.description]
            found += [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return found


def test_every_table_is_in_the_catalog_of_an_account_that_nobody_owns(world: World) -> None:
    """The lake's database, in an account of AWS, has each table of the catalogue with its columns and types."""
    answer = seed(world, instance_account=A, region=REGION, rows=20)

    assert answer["lake_account"] == lake_owner(REGION) not in (A, B)
    assert list(answer["tables"]) == list(tables())
    for name, table in tables().items():
        found = world.store(Catalogs).table(lake_place(REGION), "connect_datalake", name)
        assert found is not None
        assert [column for column, _ in found.columns] == [column.name for column in table.columns]
        assert found.partition_keys == ()
        assert found.definition["TableType"] == "EXTERNAL_TABLE"
        assert found.definition["Parameters"]["classification"] == "parquet"


def test_records_are_in_s3_where_the_catalog_says(world: World, tmp_path: Path) -> None:
    """The files under a table's location hold as many rows as seeding reported, all of the instance."""
    answer = seed(world, instance_account=A, region=REGION, tables=["contact_record", "users"], rows=30)

    table = world.store(Catalogs).table(lake_place(REGION), "connect_datalake", "users")
    contacts = rows_of(world, REGION, "contact_record", tmp_path)

    assert table is not None
    assert table.definition["StorageDescriptor"]["Location"] == f"s3://{lake_bucket(REGION)}/connect_datalake/users/"
    assert world.store(Moto).bucket_owner(lake_bucket(REGION)) == lake_owner(REGION)
    assert len(contacts) == answer["tables"]["contact_record"] == 30
    assert {row["instance_id"] for row in contacts} == {answer["instance_id"]}
    assert {row["aws_account_id"] for row in contacts} == {A}


def test_the_instance_offers_its_data_sets(box: Sandbox, client: ClientMaker) -> None:
    """The instance has the fixed id and offers each table as a data set."""
    answer = box.seed(instance_account=A, region=REGION, tables=["users", "contact_record"], rows=10)

    connect = client("connect", A, REGION)
    offered = connect.list_analytics_data_lake_data_sets(InstanceId=answer["instance_id"])["Results"]

    assert answer["instance_id"] == "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    assert answer["instance_arn"] == f"arn:aws:connect:{REGION}:{A}:instance/{answer['instance_id']}"
    assert {each["DataSetId"] for each in offered} == {"users", "contact_record"}


def test_a_second_account_adds_its_records_to_the_same_tables(world: World, tmp_path: Path) -> None:
    """Instances of one Region share the lake's tables, each with its own rows."""
    first = seed(world, instance_account=A, region=REGION, tables=["contact_record"], rows=12)
    second = seed(world, instance_account=B, region=REGION, tables=["contact_record", "users"], rows=8)

    rows = rows_of(world, REGION, "contact_record", tmp_path)

    assert first["lake_account"] == second["lake_account"]
    assert first["instance_id"] != second["instance_id"]
    assert sorted(row["aws_account_id"] for row in rows) == [A] * 12 + [B] * 8


def test_each_region_has_a_lake_of_its_own(world: World) -> None:
    """Seeding in two Regions makes two owners, two catalogs and two instances."""
    here = seed(world, instance_account=A, region=REGION, tables=["users"], rows=5)
    there = seed(world, instance_account=A, region="eu-west-2", tables=["users"], rows=5)

    assert here["lake_account"] != there["lake_account"]
    assert here["instance_id"] != there["instance_id"]
    assert world.store(Catalogs).table(lake_place("eu-west-2"), "connect_datalake", "users") is not None


def test_seeding_again_replaces_the_instance_s_records(world: World, tmp_path: Path) -> None:
    """The same account seeded again has one set of records, the new one."""
    seed(world, instance_account=A, region=REGION, tables=["contact_record"], rows=12)
    seed(world, instance_account=A, region=REGION, tables=["contact_record"], rows=7)

    assert len(rows_of(world, REGION, "contact_record", tmp_path)) == 7


def test_records_are_as_recent_as_the_sandbox_s_clock(world: World, tmp_path: Path) -> None:
    """By default the records end with the last midnight of sandbox time, however far it was moved."""
    world.clock.advance(40 * 86_400)
    today = datetime.fromtimestamp(world.clock.now(), UTC).replace(tzinfo=None)

    seed(world, instance_account=A, region=REGION, tables=["contact_record"], rows=60)

    newest = max(row["initiation_timestamp"] for row in rows_of(world, REGION, "contact_record", tmp_path))
    assert today - timedelta(days=2) < newest < today


def test_an_anchor_makes_the_same_records_on_any_day(world: World, tmp_path: Path) -> None:
    """With a fixed anchor the records do not depend on the clock."""
    seed(world, instance_account=A, region=REGION, tables=["ai_tool"], rows=60, anchor=date(2026, 3, 1))
    before = rows_of(world, REGION, "ai_tool", tmp_path)
    world.clock.advance(86_400)

    seed(world, instance_account=A, region=REGION, tables=["ai_tool"], rows=60, anchor=date(2026, 3, 1))

    assert before
    assert rows_of(world, REGION, "ai_tool", tmp_path) == before


def test_no_rows_makes_tables_without_records(world: World) -> None:
    """A lake can be had for its catalog alone."""
    answer = seed(world, instance_account=A, region=REGION, rows=0)

    assert set(answer["tables"].values()) == {0}
    assert world.store(Moto).list_objects(lake_bucket(REGION), "") == []
    assert world.store(Catalogs).table(lake_place(REGION), "connect_datalake", "users") is not None


def test_an_unknown_table_is_refused_with_the_nearest_name(world: World) -> None:
    """A slip in a table's name is told together with what was probably meant, and nothing is made."""
    with pytest.raises(ValueError, match="'contact_recrod'; did you mean contact_record"):
        seed(world, instance_account=A, region=REGION, tables=["users", "contact_recrod"], rows=5)

    assert world.store(Catalogs).database(lake_place(REGION), "connect_datalake") is None


def test_the_control_interface_seeds(box: Sandbox) -> None:
    """POST /_sandbox/seed answers with the instance, and 400 for a table that does not exist."""

    def post(**body: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{box.endpoint_url}/_sandbox/seed", json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    answer = post(instance_account=A, region=REGION, tables=["users"], rows=5)
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(instance_account=A, region=REGION, tables=["user"], rows=5)

    assert answer["tables"].keys() == {"users"}
    assert answer["tables"]["users"] > 0
    with refused.value as error:
        assert error.code == 400
        assert "did you mean users?" in error.read().decode()
