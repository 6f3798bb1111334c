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
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html; the message is observed (moto)",
)
RULE_SEGMENT = rule(
    "glue.partition.segment",
    "A segment of the partitions is one of as many as there are said to be, counted from 0.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_Segment.html; the message is ours",
)
RULE_LOCATION = rule(
    "glue.partition.data-location",
    "A partition at a registered place takes DATA_LOCATION_ACCESS on it, unless its table's own location holds it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html; that the table's own "
    "location needs none is inferred, the wording is observed",
)


def create_partition(call: Call) -> Mapping[str, Any]:
    """Answer CreatePartition."""
    _create(call, *written_table(call), call.params["PartitionInput"])
    return {}


def batch_create_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchCreatePartition, with those that failed in the answer."""
    place, table = written_table(call)
    inputs = [(given.get("Values", []), given) for given in call.params["PartitionInputList"]]
    return {"Errors": _each(inputs, lambda given: _create(call, place, table, given))}


def get_partition(call: Call) -> Mapping[str, Any]:
    """Answer GetPartition."""
    found = read_table(call)
    values = call.params["PartitionValues"]
    if found is None:
        raise missing_partition()
    place, table = found
    return {"Partition": partition_answer(place, table, partition_of(table, values))}


def get_partitions(call: Call) -> Mapping[str, Any]:
    """Answer GetPartitions; of a table link in a database link there are none."""
    found = read_table(call)
    if found is None:
        return {"Partitions": []}
    place, table = found
    params = call.params
    wanted = matching(table.partition_keys, _segment(table, params.get("Segment")), params.get("Expression"))
    shown, token = page(wanted, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    answers = [partition_answer(place, table, table.partitions[key]) for key in shown]
    if params.get("ExcludeColumnSchema"):
        answers = [_without_columns(each) for each in answers]
    return with_token({"Partitions": answers}, token)


def batch_get_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchGetPartition: those that are there."""
    found = read_table(call)
    if found is None:
        return {"Partitions": [], "UnprocessedKeys": []}
    place, table = found
    keys = [tuple(wanted["Values"]) for wanted in call.params["PartitionsToGet"]]
    there = [partition_answer(place, table, table.partitions[key]) for key in keys if key in table.partitions]
    return {"Partitions": there, "UnprocessedKeys": []}


def update_partition(call: Call) -> Mapping[str, Any]:
    """Answer UpdatePartition, which may give the partition other values."""
    _update(call, *written_table(call), call.params)
    return {}


def batch_update_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchUpdatePartition, with those that failed in the answer."""
    place, table = written_table(call)
    lists = [(entry["PartitionValueList"], entry) for entry in call.params["Entries"]]
    failed = _each(lists, lambda entry: _update(call, place, table, entry))
    return {
        "Errors": [
            {"PartitionValueList": each["PartitionValues"], "ErrorDetail": each["ErrorDetail"]} for each in failed
        ]
    }


def _update(call: Call, place: Place, table: Table, asked: Mapping[str, Any]) -> None:
    given = asked["PartitionInput"]
    partition = partition_of(table, asked["PartitionValueList"])
    values = tuple(given.get("Values", partition.values))
    _check_count(table, values)
    if values != partition.values and values in table.partitions:
        raise RULE_ONCE.refuse("AlreadyExistsException", "Partition already exists.")
    if _location(given) != _location(partition.definition):
        _check_location(call, place, table, _location(given))
    del table.partitions[partition.values]
    table.partitions[values] = Partition(values, deepcopy(given), partition.created_at, partition.statistics)


def delete_partition(call: Call) -> Mapping[str, Any]:
    """Answer DeletePartition."""
    _, table = written_table(call)
    _delete(table, call.params["PartitionValues"])
    return {}


def batch_delete_partition(call: Call) -> Mapping[str, Any]:
    """Answer BatchDeletePartition, with those that failed in the answer."""
    _, table = written_table(call)
    lists = [(wanted["Values"], wanted["Values"]) for wanted in call.params["PartitionsToDelete"]]
    return {"Errors": _each(lists, lambda values: _delete(table, values))}


def read_table(call: Call) -> tuple[Place, Table] | None:
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


def written_table(call: Call) -> tuple[Place, Table]:
    """Return the table whose partitions the call changes, which takes ALTER on it (inferred)."""
    place, database, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    place, table = real_table(call, place, database, call.params["TableName"], through_link=through_link)
    access.check(call.world, call.caller, place, TableKey(table.database, table.name), "ALTER")
    return place, table


def _segment(table: Table, asked: Mapping[str, int] | None) -> list[tuple[str, ...]]:
    """Return the values of the table's partitions in order, of a segment those that are its share."""
    there = sorted(table.partitions)
    if asked is None:
        return there
    number, total = asked["SegmentNumber"], asked["TotalSegments"]
    if number >= total:
        message = f"SegmentNumber {number} must be less than TotalSegments {total}."
        raise RULE_SEGMENT.refuse("InvalidInputException", message)
    return there[number::total]


def _without_columns(answer: dict[str, Any]) -> dict[str, Any]:
    storage = answer.get("StorageDescriptor", {})
    kept = {member: value for member, value in storage.items() if member != "Columns"}
    return {**answer, "StorageDescriptor": kept} if storage else answer


def _location(given: Mapping[str, Any]) -> str:
    return str(given.get("StorageDescriptor", {}).get("Location", ""))


def _check_count(table: Table, values: Sequence[str]) -> None:
    if len(values) != len(table.partition_keys):
        message = "The number of partition keys do not match the number of partition values"
        raise RULE_ONCE.refuse("InvalidInputException", message)


def _check_location(call: Call, place: Place, table: Table, location: str) -> None:
    """Refuse a partition outside its table's own place, at a registered one that the caller may not point to."""
    home = _location(table.definition).rstrip("/")
    if not location or (home and location.startswith(f"{home}/")):
        return
    if not access.may_point_to(call.world, call.caller, place, location):
        message = f"Insufficient Lake Formation permission(s) on {location}"
        raise RULE_LOCATION.refuse("AccessDeniedException", message)


def _create(call: Call, place: Place, table: Table, given: Mapping[str, Any]) -> None:
    values = tuple(given.get("Values", []))
    _check_count(table, values)
    if values in table.partitions:
        raise RULE_ONCE.refuse("AlreadyExistsException", "Partition already exists.")
    _check_location(call, place, table, _location(given))
    table.partitions[values] = Partition(values, deepcopy(dict(given)), call.world.clock.now())


def partition_of(table: Table, values: Sequence[str]) -> Partition:
    """Return the partition with those values, which must be there."""
    found = table.partitions.get(tuple(values))
    if found is None:
        raise missing_partition()
    return found


def _delete(table: Table, values: Sequence[str]) -> None:
    del table.partitions[partition_of(table, values).values]


def missing_partition() -> ServiceError:
    """Return the refusal of a partition that there is not."""
    return RULE_EXISTS.refuse("EntityNotFoundException", "Cannot find partition.")


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
    "UpdatePartition": update_partition,
    "BatchUpdatePartition": batch_update_partition,
    "DeletePartition": delete_partition,
    "BatchDeletePartition": batch_delete_partition,
}
