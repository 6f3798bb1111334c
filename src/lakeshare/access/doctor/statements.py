"""What a statement of a policy speaks of, as far as the checks need to know. Pure; no evaluation of whole policies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

_ROOT: Final = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")


def listed(value: Any) -> list[Any]:
    """Return what stands in a policy as one value or as a list of them, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def speaks_of(statement: Mapping[str, Any], action: str) -> bool:
    """Tell whether *statement* is about *action*; names of actions have no case (documented)."""
    if "NotAction" in statement:
        return not _fits(action, listed(statement["NotAction"]))
    return _fits(action, listed(statement.get("Action")))


def covers(statement: Mapping[str, Any], arn: str) -> bool:
    """Tell whether *statement* is about the resource *arn*."""
    if "NotResource" in statement:
        return not any(fnmatchcase(arn, pattern) for pattern in listed(statement["NotResource"]))
    return any(fnmatchcase(arn, pattern) for pattern in listed(statement.get("Resource")))


def principals(statement: Mapping[str, Any], sort: str = "AWS") -> list[str]:
    """List the principals of one *sort* (AWS, Service) that *statement* names; ``*`` is everybody."""
    named = statement.get("Principal")
    if named == "*":
        return ["*"] if sort == "AWS" else []
    return [str(one) for one in listed(named.get(sort))] if isinstance(named, Mapping) else []


def account_named(principal: str) -> str | None:
    """Return the account of which *principal* is the root, or the id itself; None for anything else."""
    found = _ROOT.fullmatch(principal)
    return found.group(1) if found else None


def account_of(principal: str) -> str | None:
    """Return the account in which *principal* is; None where it names none."""
    parts = principal.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4] else account_named(principal)


def _fits(action: str, patterns: Sequence[Any]) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)
