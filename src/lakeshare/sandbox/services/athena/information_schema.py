"""information_schema and the SHOW statements: what the catalog holds, as far as the caller may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.calls import Call, Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.sources import Columns, RowSource
from lakeshare.sandbox.services.athena.statements import TableName
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.glue.reading import get_table
from lakeshare.sandbox.services.lakeformation.access import visible_databases, visible_tables
from lakeshare.sandbox.world import World

DATABASE = "information_schema"
_ENGINE_DATABASE = "lakeshare information_schema"
"""DuckDB has an information_schema of its own, which would answer instead."""

_CATALOG = "awsdatacatalog"
_SHAPES: Mapping[str, Columns] = {
    "schemata": (("catalog_name", "string"), ("schema_name", "string")),
    "tables": (
        ("table_catalog", "string"),
        ("table_schema", "string"),
        ("table_name", "string"),
        ("table_type", "string"),
    ),
    "columns": (
        ("table_catalog", "string"),
        ("table_schema", "string"),
        ("table_name", "string"),
        ("column_name", "string"),
        ("ordinal_position", "bigint"),
        ("column_default", "string"),
        ("is_nullable", "string"),
        ("data_type", "string"),
    ),
}


def source(world: World, caller: Caller, region: str, name: TableName) -> RowSource:
    """Return one of the tables of information_schema; raises QueryFailure for those that it does not have."""
    shape = _SHAPES.get(name.table)
    if shape is None:
        raise failure("TABLE_NOT_FOUND", f"Table '{_CATALOG}.{DATABASE}.{name.table}' does not exist", name.at)
    rows = {"schemata": _schemata, "tables": _tables, "columns": _columns}[name.table]
    return RowSource(_ENGINE_DATABASE, name.table, shape, tuple(rows(world, caller, region)))


def _schemata(world: World, caller: Caller, region: str) -> Iterator[tuple[str | int | None, ...]]:
    yield (_CATALOG, DATABASE)
    for database in visible_databases(world, caller, region, caller.account):
        yield (_CATALOG, database)


def _visible(world: World, caller: Caller, region: str) -> Iterator[tuple[str, str]]:
    for database in visible_databases(world, caller, region, caller.account):
        for table in visible_tables(world, caller, region, caller.account, database):
            yield database, table


def _tables(world: World, caller: Caller, region: str) -> Iterator[tuple[str | int | None, ...]]:
    for database, table in _visible(world, caller, region):
        found = world.store(Catalogs).table(Place(caller.account, region), database, table)
        yield (_CATALOG, database, table, "VIEW" if found is not None and found.is_view else "BASE TABLE")


def _columns(world: World, caller: Caller, region: str) -> Iterator[tuple[str | int | None, ...]]:
    for database, table in _visible(world, caller, region):
        for position, (name, of) in enumerate(_described(world, caller, region, database, table), 1):
            yield (_CATALOG, database, table, name, position, None, "YES", glue_types.trino_name(of))


def _described(world: World, caller: Caller, region: str, database: str, table: str) -> list[tuple[str, str]]:
    """Return the columns that GetTable shows the caller; none for a link that leads nowhere."""
    params = {"DatabaseName": database, "Name": table}
    try:
        found = get_table(Call(world, caller, region, "glue", "GetTable", params))["Table"]
    except ServiceError:
        return []
    return table_columns(found)


def table_columns(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and Glue type of every column that a GetTable answer shows, partition keys last."""
    described = [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]
    return [(column["Name"], column.get("Type", "string")) for column in described]
