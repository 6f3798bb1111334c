"""Wildcards and policy variables."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_ESCAPES = {"*": "*", "?": "?", "$": "$"}


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Match *value* against a pattern in which ``*`` is any text and ``?`` any one character."""
    return pattern == "*" or _compiled(pattern).fullmatch(value) is not None


def matches_action(pattern: str, action: str) -> bool:
    """Match an action's name; IAM's action names know no case."""
    return matches(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """Match as ArnLike does: each of the six parts of an ARN by itself."""
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(found) == 6 and all(map(matches, wanted, found))


def substitute(pattern: str, lookup: Callable[[str], tuple[str, ...]]) -> str | None:
    """
    Fill ``${aws:username}`` and its like; None when a variable has no single value, for then nothing can match.

    A variable's own wildcards are text, so they are made to match only themselves.
    """
    if "${" not in pattern:
        return pattern
    filled, end = [], 0
    for found in _VARIABLE.finditer(pattern):
        name, _, default = found[1].partition(",")
        values = (_ESCAPES[name],) if name in _ESCAPES else lookup(name.strip())
        value = values[0] if len(values) == 1 else default.strip().strip("'")
        if not value:
            return None
        filled += [pattern[end : found.start()], value]
        end = found.end()
    return "".join((*filled, pattern[end:]))
