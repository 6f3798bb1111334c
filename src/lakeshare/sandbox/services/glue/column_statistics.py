"""Column statistics of tables and partitions; of a table link they are its target's, as its partitions are."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place, Table
from lakeshare.sandbox.services.glue.partitions import partition_of, read_table, written_table
from lakeshare.sandbox.services.glue.reading import shown_columns

RULE_KNOWN = rule(
    "glue.statistics.column",
    "Statistics are kept for columns that the table has, and read where there are any.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForTable.html; the messages are ours",
)


def get_column_statistics(call: Call) -> Mapping[str, Any]:
    """Answer GetColumnStatisticsForTable and ForPartition: columns that the caller may see and that have some."""
    found = read_table(call)
    kept, shown = ({}, set()) if found is None else (_kept(call, found[1]), _shown(call, *found))
    asked = [name.lower() for name in call.params["ColumnNames"]]
    there = [kept[name] for name in asked if name in kept and name in shown]
    reason = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "The column has no statistics."}
    missing = [{"ColumnName": name, "Error": reason} for name in asked if name not in kept or name not in shown]
    return {"ColumnStatisticsList": there, "Errors": missing}


def update_column_statistics(call: Call) -> Mapping[str, Any]:
    """Answer UpdateColumnStatisticsForTable and ForPartition, with those that failed in the answer."""
    _, table = written_table(call)
    kept = _kept(call, table)
    known = {name.lower() for name, _ in (*table.columns, *table.partition_keys)}
    errors = []
    for given in call.params["ColumnStatisticsList"]:
        name = given["ColumnName"].lower()
        if name in known:
            kept[name] = deepcopy(given)
            continue
        RULE_KNOWN.show()
        reason = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Column {name} not found."}
        errors.append({"ColumnStatistics": given, "Error": reason})
    return {"Errors": errors}


def delete_column_statistics(call: Call) -> Mapping[str, Any]:
    """Answer DeleteColumnStatisticsForTable and ForPartition."""
    _, table = written_table(call)
    name = call.params["ColumnName"].lower()
    if _kept(call, table).pop(name, None) is None:
        raise RULE_KNOWN.refuse("EntityNotFoundException", f"Column {name} has no statistics.")
    return {}


def _kept(call: Call, table: Table) -> dict[str, dict[str, Any]]:
    """Return the statistics that the call is about by column: a partition's where it names one."""
    values = call.params.get("PartitionValues")
    return table.statistics if values is None else partition_of(table, values).statistics


def _shown(call: Call, place: Place, table: Table) -> set[str]:
    return {name.lower() for name in shown_columns(call, place, table)}


OPERATIONS: Operations = {
    "GetColumnStatisticsForTable": get_column_statistics,
    "UpdateColumnStatisticsForTable": update_column_statistics,
    "DeleteColumnStatisticsForTable": delete_column_statistics,
    "GetColumnStatisticsForPartition": get_column_statistics,
    "UpdateColumnStatisticsForPartition": update_column_statistics,
    "DeleteColumnStatisticsForPartition": delete_column_statistics,
}
