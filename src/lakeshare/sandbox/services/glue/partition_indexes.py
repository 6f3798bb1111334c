"""Indexes over the partitions of a table, which here make nothing faster and are ready at once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.partitions import read_table, written_table

MOST_INDEXES: Final = 3

RULE_KEYS = rule(
    "glue.index.keys",
    "A partition index is over partition keys of its table, has a name of its own, and is one of three at most.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html; the messages are ours",
)
RULE_EXISTS = rule(
    "glue.index.exists",
    "Only an index that is there is deleted.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html; the message is ours",
)


def get_partition_indexes(call: Call) -> Mapping[str, Any]:
    """Answer GetPartitionIndexes: all of them active."""
    found = read_table(call)
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


def create_partition_index(call: Call) -> Mapping[str, Any]:
    """Answer CreatePartitionIndex."""
    _, table = written_table(call)
    given = call.params["PartitionIndex"]
    if unknown := sorted({key.lower() for key in given["Keys"]} - {name.lower() for name, _ in table.partition_keys}):
        raise RULE_KEYS.refuse("InvalidInputException", f"The table has no partition key {', '.join(unknown)}.")
    if any(index["IndexName"] == given["IndexName"] for index in table.indexes):
        raise RULE_KEYS.refuse("AlreadyExistsException", "Partition index already exists.")
    if len(table.indexes) >= MOST_INDEXES:
        message = f"A table cannot have more than {MOST_INDEXES} partition indexes."
        raise RULE_KEYS.refuse("ResourceNumberLimitExceededException", message)
    table.indexes.append(deepcopy(given))
    return {}


def delete_partition_index(call: Call) -> Mapping[str, Any]:
    """Answer DeletePartitionIndex."""
    _, table = written_table(call)
    kept = [index for index in table.indexes if index["IndexName"] != call.params["IndexName"]]
    if len(kept) == len(table.indexes):
        raise RULE_EXISTS.refuse("EntityNotFoundException", "Partition index not found.")
    table.indexes[:] = kept
    return {}


OPERATIONS: Operations = {
    "GetPartitionIndexes": get_partition_indexes,
    "CreatePartitionIndex": create_partition_index,
    "DeletePartitionIndex": delete_partition_index,
}
