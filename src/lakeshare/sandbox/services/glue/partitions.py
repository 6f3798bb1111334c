"""Partitions of a table: making, reading, changing and deleting them, through one link of either kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import partition_answer
from lakeshare.sandbox.services.glue.catalog import Partition, Place, Table
from lakeshare.sandbox.services.glue.expression import matching
from lakeshare.sandbox.services.glue.reach import (
    home_of_tables,
    invalid_token,
    place_of,
    target_of,
    visible_table,
)
from lakeshare.sandbox.services.glue.tables import real_table
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.keys import TableKey

RULE_ONCE = rule(
    "glue.partition.once",
    "A table has one partition for a list of values, and as many values as partition keys.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html",
)
RULE_EXISTS = rule(
    "glue.partition.exists",
    "A partition that is read, changed or deleted is there.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html",
)


def create_partition(call: Call) -> Mapping[str, Any]:
    """Answer CreatePartition."""
    _create(call, _written(call), call.params["PartitionInput"])
    return {}


def batch_create_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchCreatePartition, with those that failed in the answer."""
    table = _written(call)
    inputs = [(given.get("Values", []), given) for given in call.params["PartitionInputList"]]
    return {"Errors": _each(inputs, lambda given: _create(call, table, given))}


def get_partition(call: Call) -> Mapping[str, Any]:
    """Answer GetPartition."""
    found = _read(call)
    values = call.params["PartitionValues"]
    if found is None:
        raise missing_partition(values)
    place, table = found
    return {"Partition": partition_answer(place, table, _partition(table, values))}


def get_partitions(call: Call) -> Mapping[str, Any]:
    """Answer GetPartitions; of a table link in a database link there are none."""
    found = _read(call)
    if found is None:
        return {"Partitions": []}
    place, table = found
    wanted = matching(table.partition_keys, sorted(table.partitions), call.params.get("Expression"))
    params = call.params
    shown, token = page(wanted, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"Partitions": [partition_answer(place, table, table.partitions[key]) for key in shown]}, token)


def batch_get_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchGetPartition: those that are there."""
    found = _read(call)
    if found is None:
        return {"Partitions": [], "UnprocessedKeys": []}
    place, table = found
    keys = [tuple(wanted["Values"]) for wanted in call.params["PartitionsToGet"]]
    there = [partition_answer(place, table, table.partitions[key]) for key in keys if key in table.partitions]
    return {"Partitions": there, "UnprocessedKeys": []}


def get_partition_indexes(call: Call) -> Mapping[str, Any]:
    """Answer GetPartitionIndexes: those that the table was made with, all of them ready."""
    found = _read(call)
    if found is None:
        return {"PartitionIndexDescriptorList": []}
    _, table = found
    types = dict(table.partition_keys)
    described = [
        {
            "IndexName": index["IndexName"],
            "Keys": [{"Name": key, "Type": types.get(key, "string")} for key in index["Keys"]],
            "IndexStatus": "ACTIVE",
        }
        for index in table.indexes
    ]
    return {"PartitionIndexDescriptorList": described}


def update_partition(call: Call) -> Mapping[str, Any]:
    """Answer UpdatePartition, which may give the partition other values."""
    _update(_written(call), call.params)
    return {}


def batch_update_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchUpdatePartition, with those that failed in the answer."""
    table = _written(call)
    lists = [(entry["PartitionValueList"], entry) for entry in call.params["Entries"]]
    failed = _each(lists, lambda entry: _update(table, entry))
    return {
        "Errors": [
            {"PartitionValueList": each["PartitionValues"], "ErrorDetail": each["ErrorDetail"]} for each in failed
        ]
    }


def _update(table: Table, asked: Mapping[str, Any]) -> None:
    given = asked["PartitionInput"]
    partition = _partition(table, asked["PartitionValueList"])
    values = tuple(given.get("Values", partition.values))
    if values != partition.values and values in table.partitions:
        raise RULE_ONCE.refuse("AlreadyExistsException", "Partition already exists.")
    del table.partitions[partition.values]
    table.partitions[values] = Partition(values, deepcopy(given), partition.created_at)


def delete_partition(call: Call) -> Mapping[str, Any]:
    """Answer DeletePartition."""
    _delete(_written(call), call.params["PartitionValues"])
    return {}


def batch_delete_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchDeletePartition, with those that failed in the answer."""
    table = _written(call)
    lists = [(wanted["Values"], wanted["Values"]) for wanted in call.params["PartitionsToDelete"]]
    return {"Errors": _each(lists, lambda values: _delete(table, values))}


def _read(call: Call) -> tuple[Place, Table] | None:
    """Return the table whose partitions the call reads; None for a table link in a database link."""
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    table = visible_table(call, place, database, call.params["TableName"], "DESCRIBE")
    if table.target is None:
        return place, table
    if through_link:
        return None
    target = target_of(call, place, table)
    if target is None:
        raise access.insufficient(TableKey(table.database, table.name), "DESCRIBE")
    return target


def _written(call: Call) -> Table:
    """Return the table whose partitions the call changes, which takes ALTER on it (inferred)."""
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    place, table = real_table(call, place, database, call.params["TableName"], through_link=through_link)
    access.check(call.world, call.caller, place, TableKey(table.database, table.name), "ALTER")
    return table


def _create(call: Call, table: Table, given: Mapping[str, Any]) -> None:
    values = tuple(given.get("Values", []))
    if len(values) != len(table.partition_keys):
        message = "The number of partition keys do not match the number of partition values"
        raise RULE_ONCE.refuse("InvalidInputException", message)
    if values in table.partitions:
        raise RULE_ONCE.refuse("AlreadyExistsException", "Partition already exists.")
    table.partitions[values] = Partition(values, deepcopy(dict(given)), call.world.clock.now())


def _partition(table: Table, values: Sequence[str]) -> Partition:
    found = table.partitions.get(tuple(values))
    if found is None:
        raise missing_partition(values)
    return found


def _delete(table: Table, values: Sequence[str]) -> None:
    del table.partitions[_partition(table, values).values]


def missing_partition(values: Sequence[str]) -> ServiceError:
    """Return the refusal of a partition that there is not."""
    message = f"Cannot find partition with values {list(values)}."
    return RULE_EXISTS.refuse("EntityNotFoundException", message)


def _each(entries: Iterable[tuple[list[str], Any]], act: Callable[[Any], None]) -> list[dict[str, Any]]:
    """Do every entry of a batch by itself, and return those that failed with why."""
    errors = []
    for values, entry in entries:
        try:
            act(entry)
        except ServiceError as error:
            reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"PartitionValues": values, "ErrorDetail": reason})
    return errors


OPERATIONS: Operations = {
    "CreatePartition": create_partition,
    "BatchCreatePartition": batch_create_partition,
    "GetPartition": get_partition,
    "GetPartitions": get_partitions,
    "BatchGetPartition": batch_get_partition,
    "GetPartitionIndexes": get_partition_indexes,
    "UpdatePartition": update_partition,
    "BatchUpdatePartition": batch_update_partition,
    "DeletePartition": delete_partition,
    "BatchDeletePartition": batch_delete_partition,
}
