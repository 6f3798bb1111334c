"""Which tables a selection means, given the tables that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from lakeshare.spec.choice import TableSelection

GROUP: Final = "group:"
LIVE: Final = "live:"


@dataclass(frozen=True, slots=True)
class Selected:
    """The tables that a selection means, and its entries that mean none of those there are."""

    names: tuple[str, ...]
    unmatched: tuple[str, ...]


def select(selection: TableSelection, names: Sequence[str], group_of: Mapping[str, str]) -> Selected:
    """
    Return which of *names* are selected, in the order of *names*.

    ``group_of`` maps a table to the group that ``group:NAME`` asks for. ``live:NAME`` is the user's word that there
    is such a table: it is selected even where *names* does not have it, behind those that it has, and never unmatched.
    """
    chosen: set[str] = set()
    unmatched = []
    for pattern in selection.patterns:
        matched = match(pattern, names, group_of)
        chosen.update(matched)
        if not matched:
            unmatched.append(pattern)
    known = frozenset(names)
    beyond = dict.fromkeys(name for name in live_names(selection.patterns) if name not in known)
    return Selected((*(name for name in names if name in chosen), *beyond), tuple(unmatched))


def match(pattern: str, names: Sequence[str], group_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tables that one entry of a selection means, in the order of *names*."""
    if pattern.startswith(LIVE):
        return (pattern.removeprefix(LIVE),)
    if pattern.startswith(GROUP):
        group = pattern.removeprefix(GROUP)
        return tuple(name for name in names if group_of.get(name) == group)
    if is_glob(pattern):
        return tuple(name for name in names if fnmatchcase(name, pattern))
    return (pattern,) if pattern in names else ()


def live_names(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the tables that are asked for by ``live:NAME``."""
    return tuple(pattern.removeprefix(LIVE) for pattern in patterns if pattern.startswith(LIVE))


def is_glob(pattern: str) -> bool:
    """Return whether *pattern* stands for any number of tables rather than for one by name."""
    return not pattern.startswith((GROUP, LIVE)) and any(sign in pattern for sign in "*?[")
