"""
Metadata for engines that filter by themselves: all of a table, beside what its caller may see of it.

Engines call these in the caller's name, as Lake Formation's settings let them, and take the data with Lake Formation's
credentials.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.services.glue.answers import linked_table_answer, partition_answer, table_answer
from lakeshare.sandbox.services.glue.catalog import Partition, Place, Table
from lakeshare.sandbox.services.glue.expression import matching
from lakeshare.sandbox.services.glue.partitions import missing_partition
from lakeshare.sandbox.services.glue.reach import home_of_tables, invalid_token, place_of, target_of, visible_table
from lakeshare.sandbox.services.lakeformation import access, effective
from lakeshare.sandbox.services.lakeformation.access import Cells
from lakeshare.sandbox.services.lakeformation.engines import Sight, check_engine, sight
from lakeshare.sandbox.services.lakeformation.keys import TableKey
from lakeshare.sandbox.services.lakeformation.registrations import Locations


def get_unfiltered_table_metadata(call: Call) -> Mapping[str, Any]:
    """Answer GetUnfilteredTableMetadata, of a link with its target's schema."""
    link, place, table = _found(call, call.params["Name"])
    seen, key = _seen(call, place, table), TableKey(table.database, table.name)
    for permission in call.params.get("Permissions", []):
        access.check(call.world, call.caller, place, key, permission)
    is_registered = _is_registered(call, place, _location(table))
    answer = table_answer(place, table, is_registered=is_registered)
    if link is not None:
        answer = linked_table_answer(place_of(call), link, answer)
    arn = place.table_arn(table.database, table.name)
    return {
        "Table": answer,
        "AuthorizedColumns": _authorized(table, seen),
        "IsRegisteredWithLakeFormation": is_registered,
        "CellFilters": _cell_filters(seen),
        "RowFilter": _either(seen.cells),
        "QueryAuthorizationId": hashlib.sha256(f"{call.caller.arn} {arn}".encode()).hexdigest(),
        "IsMultiDialectView": False,
        "ResourceArn": arn,
        "IsProtected": False,
        "Permissions": sorted(effective.permissions(call.world, call.caller, place, key)),
    }


def get_unfiltered_partition_metadata(call: Call) -> Mapping[str, Any]:
    """Answer GetUnfilteredPartitionMetadata."""
    _, place, table = _found(call, call.params["TableName"])
    seen, values = _seen(call, place, table), call.params["PartitionValues"]
    partition = table.partitions.get(tuple(values))
    if partition is None:
        raise missing_partition()
    return _unfiltered(call, place, table, seen, partition)


def get_unfiltered_partitions_metadata(call: Call) -> Mapping[str, Any]:
    """Answer GetUnfilteredPartitionsMetadata."""
    _, place, table = _found(call, call.params["TableName"])
    seen, params = _seen(call, place, table), call.params
    wanted = matching(table.partition_keys, sorted(table.partitions), params.get("Expression"))
    shown, token = page(wanted, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    answers = [_unfiltered(call, place, table, seen, table.partitions[key]) for key in shown]
    return with_token({"UnfilteredPartitions": answers}, token)


def _found(call: Call, name: str) -> tuple[Table | None, Place, Table]:
    """Return the link that was named, if it was one, and the table, which the caller may describe, where it is."""
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    table = visible_table(call, place, database, name, "DESCRIBE")
    if table.target is None:
        return None, place, table
    target = None if through_link else target_of(call, place, table)
    if target is None:
        raise access.insufficient(TableKey(table.database, table.name), "DESCRIBE")
    return table, *target


def _seen(call: Call, place: Place, table: Table) -> Sight:
    """Return what the caller may read, once its engine is found to be let; what IAM rules alone is nobody's secret."""
    seen = sight(call.world, call.caller, place, table)
    if seen.is_governed:
        check_engine(call.world, call.caller, place, seen, call.params["SupportedPermissionTypes"])
    return seen


def _unfiltered(call: Call, place: Place, table: Table, seen: Sight, partition: Partition) -> dict[str, Any]:
    location = str(partition.definition.get("StorageDescriptor", {}).get("Location", "")) or _location(table)
    return {
        "Partition": partition_answer(place, table, partition),
        "AuthorizedColumns": _authorized(table, seen),
        "IsRegisteredWithLakeFormation": _is_registered(call, place, location),
    }


def _authorized(table: Table, seen: Sight) -> list[str]:
    """Return the columns that the caller may read; partition keys cannot be kept from anybody who may read one."""
    return [*seen.columns, *(name for name, _ in table.partition_keys)] if seen.columns else []


def _cell_filters(seen: Sight) -> list[dict[str, str]]:
    """Return for each column in which rows it can be read, where that is not all."""
    if not seen.cells:
        return []
    return [
        {
            "ColumnName": name,
            "RowFilterExpression": _either(each for each in seen.cells if name.lower() in each.columns) or "TRUE",
        }
        for name in seen.columns
    ]


def _either(cells: Iterable[Cells]) -> str | None:
    """Return the condition that a row is in one of *cells*; None where it is for all rows."""
    predicates = dict.fromkeys(each.predicate for each in cells)
    if not predicates or None in predicates:
        return None
    alone, *more = [each for each in predicates if each]
    return " OR ".join(f"({each})" for each in (alone, *more)) if more else alone


def _is_registered(call: Call, place: Place, location: str) -> bool:
    return call.world.store(Locations).governing(place, location) is not None


def _location(table: Table) -> str:
    return str(table.definition.get("StorageDescriptor", {}).get("Location", ""))


OPERATIONS: Operations = {
    "GetUnfilteredTableMetadata": get_unfiltered_table_metadata,
    "GetUnfilteredPartitionMetadata": get_unfiltered_partition_metadata,
    "GetUnfilteredPartitionsMetadata": get_unfiltered_partitions_metadata,
}
