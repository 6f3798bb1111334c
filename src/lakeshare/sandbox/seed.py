"""
Seeding: a Connect instance with its part of the Region's lake, filled with synthetic records.

The lake is as it has been seen (28 tables in one Region, 2025): database ``connect_datalake`` in an account of AWS,
external tables over Parquet, no Hive partition keys. All instances of a Region share its tables, each with files of
its own, which is why readers are told to filter by instance_id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from lakeshare.catalogue import SOURCE_DATABASE, Table, nearest
from lakeshare.catalogue import tables as catalogued
from lakeshare.catalogue.regions import tables_in
from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.services.connect.lake import Instances, lake_owner, lake_place
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation.registrations import Location, Locations, service_role
from lakeshare.sandbox.synthesis import Instance, ParquetWriter, engine_columns, glue_type, make_history, records
from lakeshare.sandbox.world import World

DEFAULT_SEED = 20260101


def seed(
    world: World,
    *,
    instance_account: str,
    region: str,
    tables: Sequence[str] | None = None,
    rows: int = 100,
    seed: int = DEFAULT_SEED,
    anchor: date | None = None,
) -> dict[str, Any]:
    """
    Give *instance_account* a Connect instance in *region* whose lake holds *tables*, all that Connect offers there by
    default. A Region in which no lake is documented gets one with all tables: AWS adds Regions, and the caller's word
    counts.

    *rows* is the number of contacts, which is about the size of the larger tables; none makes tables without records.
    The records end with the midnight that begins *anchor*, by default today on the sandbox's clock. Returns
    ``{"instance_id", "instance_arn", "lake_account", "tables": {name: rows}}``; raises ValueError for a table that the
    lake of *region* does not have.
    """
    wanted = _known(tables, region)
    data_sets = make_lake(world, region, wanted)
    identifier = world.store(Instances).add(instance_account, region, data_sets)
    instance = Instance(identifier, instance_account, region)
    today = datetime.fromtimestamp(world.clock.now(), UTC).date()
    counts = _fill(world, instance, wanted, rows=rows, seed=seed, anchor=anchor or today)
    return {
        "instance_id": instance.id,
        "instance_arn": instance.arn,
        "lake_account": lake_owner(region),
        "tables": counts,
    }


def make_lake(world: World, region: str, wanted: Sequence[Table] | None = None) -> dict[str, str]:
    """
    Make the lake of *region* with *wanted*, all that Connect offers there by default, and without records.

    Returns the data sets that an instance then offers: id to name.
    """
    made = list(tables_in(region).values()) if wanted is None else wanted
    if made:
        _make_catalog(world, region, made)
    return {table.name: table.name.replace("_", " ").capitalize() for table in made}


def lake_bucket(region: str) -> str:
    """Return the bucket of the lake's owner; the name is made up, as is the account."""
    return f"connect-analytics-lake-{region}-par"


def _known(names: Sequence[str] | None, region: str) -> list[Table]:
    offered = tables_in(region) or catalogued()
    if names is None:
        return list(offered.values())
    for name in names:
        if name not in offered:
            close = nearest(name, offered)
            hint = f"did you mean {close}?" if close else f"there are {len(offered)}, see `lakeshare tables`"
            raise ValueError(f"no table of the lake in {region} is called {name!r}; {hint}")
    return [offered[name] for name in dict.fromkeys(names)]


def _make_catalog(world: World, region: str, wanted: Sequence[Table]) -> None:
    """Make the lake's database and what it lacks of the tables; what an earlier instance brought stays."""
    catalogs, place = world.store(Catalogs), lake_place(region)
    creator = f"arn:aws:iam::{place.account}:root"
    if catalogs.database(place, SOURCE_DATABASE) is None:
        catalogs.create_database(place.account, region, {"Name": SOURCE_DATABASE}, creator=creator)
        _register(world, place, s3_arn(f"{lake_bucket(region)}/{SOURCE_DATABASE}", region))
    for table in wanted:
        if catalogs.table(place, SOURCE_DATABASE, table.name) is None:
            described = _table_input(table, region)
            catalogs.create_table(place.account, region, SOURCE_DATABASE, described, creator=creator)


def _register(world: World, place: Place, arn: str) -> None:
    """Put the lake's data under Lake Formation, in the owner's account; which role AWS uses nobody sees (inferred)."""
    location = Location(arn, service_role(place.account), is_hybrid=False, changed_at=world.clock.now())
    world.store(Locations).put(place, location)


def _table_input(table: Table, region: str) -> dict[str, Any]:
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    columns = [{"Name": column.name, "Type": glue_type(column)} for column in table.columns]
    for described, column in zip(columns, table.columns, strict=True):
        if column.doc:
            described["Comment"] = column.doc
    return {
        "Name": table.name,
        "Description": table.description,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {
            "Columns": columns,
            "Location": f"s3://{lake_bucket(region)}/{_prefix(table)}",
            "InputFormat": f"{hive}.MapredParquetInputFormat",
            "OutputFormat": f"{hive}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe"},
        },
    }


def _prefix(table: Table) -> str:
    return f"{SOURCE_DATABASE}/{table.name}/"


def _fill(
    world: World, instance: Instance, wanted: Sequence[Table], *, rows: int, seed: int, anchor: date
) -> dict[str, int]:
    """Put one Parquet object per table into S3, named after the instance; return how many rows each has."""
    if rows == 0:
        return {table.name: 0 for table in wanted}
    history = make_history(instance, contacts=rows, anchor=anchor, seed=seed)
    moto, bucket, owner = world.store(Moto), lake_bucket(instance.region), lake_owner(instance.region)
    counts = {}
    with ParquetWriter() as writer:
        for table in wanted:
            made = records(table, history)
            body = writer.write(engine_columns(table), made)
            moto.put_object(owner, bucket, f"{_prefix(table)}{instance.id}.parquet", body)
            counts[table.name] = len(made)
    return counts
