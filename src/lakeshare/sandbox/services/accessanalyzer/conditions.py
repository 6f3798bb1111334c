"""Conditions: operators, keys, and values that look like patterns and are none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues, Path
from lakeshare.sandbox.services.accessanalyzer.parts import texts

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATOR: Final = re.compile(
    r"(?P<qualifier>ForAllValues:|ForAnyValue:)?"
    r"(?P<base>String(?:Not)?Equals(?:IgnoreCase)?|String(?:Not)?Like|Arn(?:Not)?(?:Equals|Like)"
    r"|(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)|Bool|BinaryEquals|(?:Not)?IpAddress|Null)"
    r"(?P<if_exists>IfExists)?",
    re.IGNORECASE,
)
_KEY: Final = re.compile(r"[^:\s]+:.+")
_TEXTUAL: Final = re.compile(r"String(?:Not)?Equals(?:IgnoreCase)?", re.IGNORECASE)


def check_condition(path: Path, statement: Mapping[str, Any]) -> Issues:
    """Yield what is found in a statement's Condition."""
    if "Condition" not in statement:
        return
    block, where = statement["Condition"], (*path, "Condition")
    if not isinstance(block, dict):
        yield Issue("DATA_TYPE_MISMATCH", where, ("Object",))
        return
    if not block:
        yield Issue("EMPTY_OBJECT_CONDITION", where)
    for operator, lines in block.items():
        yield from _operator((*where, operator), operator)
        if not isinstance(lines, dict):
            yield Issue("DATA_TYPE_MISMATCH", (*where, operator), ("Object",))
            continue
        for key in lines:
            if not _KEY.fullmatch(key):
                yield Issue("INVALID_CONDITION_KEY_FORMAT", (*where, operator, key))
            yield from _values((*where, operator), operator, lines, key)


def _operator(where: Path, operator: str) -> Issues:
    parsed = _OPERATOR.fullmatch(operator)
    if parsed is None:
        yield Issue("INVALID_CONDITION_OPERATOR", where, (operator,))
    elif parsed["base"].lower() == "null":
        if parsed["if_exists"]:
            yield Issue("NULL_WITH_IF_EXISTS", where)
        if parsed["qualifier"]:
            yield Issue("NULL_WITH_QUALIFIER", where)


def _values(where: Path, operator: str, lines: Mapping[str, Any], key: str) -> Issues:
    parsed = _OPERATOR.fullmatch(operator)
    is_textual = parsed is not None and _TEXTUAL.fullmatch(parsed["base"])
    for at, value in texts(lines, where, key):
        if isinstance(value, dict | list) or value is None:
            yield Issue("DATA_TYPE_MISMATCH", at, ("String",))
        elif is_textual and isinstance(value, str) and re.search(r"[*?]", re.sub(r"\$\{[^}]*\}", "", value)):
            yield Issue("WILDCARD_WITHOUT_LIKE_OPERATOR", at)
