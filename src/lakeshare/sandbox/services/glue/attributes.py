"""AttributesToGet: the few members of databases and tables that a listing is asked to be about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.rules import rule

RULE_NAME = rule(
    "glue.list.attributes",
    "AttributesToGet names the attributes that a listing answers with, NAME among them.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html; the message is ours",
)

Trim: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


def attributes(call: Call, members: Mapping[str, str]) -> Trim:
    """
    Return what trims an answer to the call's AttributesToGet; nothing is trimmed without, or for others than *members*.

    *members* are the answer's names for the attributes. Where a thing is, its catalog and database, stays with it.
    """
    wanted = call.params.get("AttributesToGet")
    if wanted is None or (wanted and not set(wanted) <= members.keys()):
        return lambda answer: answer
    if "NAME" not in wanted:
        raise RULE_NAME.refuse("InvalidInputException", "AttributesToGet must include NAME.")
    kept = {"CatalogId", "DatabaseName", *(members[each] for each in wanted)}
    return lambda answer: {member: value for member, value in answer.items() if member in kept}
