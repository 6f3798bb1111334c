"""Which of Glue's operations are on what an encrypted catalog encrypts, and the question about its key before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operation, Operations
from lakeshare.sandbox.services.glue.encryption import READING, WRITING, check_key
from lakeshare.sandbox.services.glue.reach import place_of

_NO_METADATA: Final = frozenset(
    {
        *("CreateCatalog", "DeleteCatalog", "GetCatalog", "GetCatalogs", "UpdateCatalog"),
        *("DeleteResourcePolicy", "GetResourcePolicies", "GetResourcePolicy", "PutResourcePolicy"),
        *("GetTags", "TagResource", "UntagResource"),
    }
)
"""Operations on nothing that is encrypted: that is databases, tables and their versions, partitions, statistics and
functions (documented: encrypt-glue-data-catalog.html)."""
_WRITES = ("BatchCreate", "BatchUpdate", "Create", "Update")


def under_the_key(operations: Operations) -> Operations:
    """Return *operations* such that those on what is encrypted ask first who may use the key."""
    return {name: answer if name in _NO_METADATA else _asking(name, answer) for name, answer in operations.items()}


def _asking(name: str, answer: Operation) -> Operation:
    actions = WRITING if name.startswith(_WRITES) else READING

    def answered(call: Call) -> Mapping[str, Any]:
        check_key(call.world, call.caller, place_of(call), actions)
        return answer(call)

    return answered
