"""Stored databases, tables and partitions in the shape that Glue's operations answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.services.glue.catalog import Database, Function, Partition, Place, Table

_SHOWN_OF_TARGET: Final = (
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)
"""What GetTable on a link takes from the target (observed: moto issue 8868, on a real account)."""


def moment(seconds: float) -> datetime:
    """Return sandbox *seconds* as the API's timestamps are."""
    return datetime.fromtimestamp(seconds, UTC)


def database_answer(place: Place, database: Database) -> dict[str, Any]:
    """Return a database, or a link by itself."""
    return {**database.definition, "CatalogId": place.account, "CreateTime": moment(database.created_at)}


def linked_database_answer(place: Place, link: Database, target: Database) -> dict[str, Any]:
    """Return a database link with its target's properties: the name and the target are the link's own."""
    own = {"Name": link.name, "TargetDatabase": link.target, "CatalogId": place.account}
    return {**database_answer(place, target), **own, "CreateTime": moment(link.created_at)}


def table_answer(
    place: Place, table: Table, columns: Sequence[tuple[str, str]] | None = None, *, is_registered: bool = False
) -> dict[str, Any]:
    """Return a table, or a link by itself; *columns* are those to show where not all are."""
    definition = table.definition if columns is None else _with_columns(table.definition, columns)
    return {
        **definition,
        "DatabaseName": table.database,
        "CatalogId": place.account,
        "CreateTime": moment(table.created_at),
        "UpdateTime": moment(table.updated_at),
        "CreatedBy": table.created_by,
        "VersionId": str(len(table.former)),
        "IsRegisteredWithLakeFormation": is_registered,
    }


def linked_table_answer(place: Place, link: Table, target: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table link with its *target*'s schema, given as the target's own answer."""
    shown = {member: target[member] for member in _SHOWN_OF_TARGET if member in target}
    registered = target["IsRegisteredWithLakeFormation"]
    return {**shown, **table_answer(place, link), "IsRegisteredWithLakeFormation": registered}


def partition_answer(place: Place, table: Table, partition: Partition) -> dict[str, Any]:
    """Return a partition."""
    return {
        **partition.definition,
        "Values": list(partition.values),
        "DatabaseName": table.database,
        "TableName": table.name,
        "CatalogId": place.account,
        "CreationTime": moment(partition.created_at),
    }


def function_answer(place: Place, database: Database, function: Function) -> dict[str, Any]:
    """Return a user-defined function."""
    return {
        **function.definition,
        "FunctionName": function.name,
        "DatabaseName": database.name,
        "CatalogId": place.account,
        "CreateTime": moment(function.created_at),
    }


def _with_columns(definition: Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return *definition* with those columns alone, and without the schema that Spark keeps in its parameters."""
    shown = {name for name, _ in columns}
    storage = definition.get("StorageDescriptor", {})
    described = [column for column in storage.get("Columns", []) if column["Name"] in shown]
    if len(described) == len(storage.get("Columns", [])):
        return dict(definition)
    parameters = {
        key: value
        for key, value in definition.get("Parameters", {}).items()
        if not key.startswith("spark.sql.sources.schema")
    }
    return {**definition, "StorageDescriptor": {**storage, "Columns": described}, "Parameters": parameters}
