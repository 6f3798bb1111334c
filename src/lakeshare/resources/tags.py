"""
Tags, of which only the keys that we put are ours: companies have tools that put more on everything.

A tag that the spec no longer has goes again, known by the ledger's copy; what others added is neither compared nor
touched, and on what is not ours no tag is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from lakeshare.errors import CallError

T = TypeVar("T")
Tags: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of key and value, sorted by key."""

REFUSED = frozenset({"AccessDenied", "AccessDeniedException"})


def as_tags(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Tags:
    """Return tags in the one order in which they are compared."""
    return tuple(sorted(dict(pairs).items()))


def read_tags(wanted: Tags, look: Callable[[], Iterable[tuple[str, str]]]) -> Tags:
    """Return the tags that *look* finds; *wanted* where looking is refused: then there is nothing to compare."""
    try:
        return as_tags(look())
    except CallError as error:
        if error.aws_code in REFUSED or error.status == 403:
            return wanted
        raise


def with_tags_of_ours(desired: Any, observed: T, last_known: Any) -> T:
    """Return *observed* with those of its tags that are ours to change; with the wanted ones where it is not ours."""
    there: Any = observed
    keys = {key for key, _ in (*desired.tags, *last_known.tags)} if last_known else ()
    mine = tuple(pair for pair in there.tags if pair[0] in keys) if last_known else desired.tags
    found: T = replace(there, tags=mine)
    return found


def with_tags_of_both(before: Any, after: T) -> T:
    """Return *after*, known by the tags of both: whichever of them it carries, they are ours to take off."""
    there: Any = after
    found: T = replace(there, tags=as_tags(dict(before.tags) | dict(there.tags)))
    return found


def tag_differences(desired: Any, observed: Any) -> list[str]:
    """Name the tags in which the two differ; *observed* has only those that are ours to change."""
    put, drop = tag_changes(desired, observed)
    return [f"its tags differ: {', '.join(sorted([*put, *drop]))}"] if put or drop else []


def tag_changes(desired: Any, observed: Any) -> tuple[dict[str, str], list[str]]:
    """Return the tags to put, and the keys of those to take off."""
    there, wanted = dict(observed.tags), dict(desired.tags)
    put = {key: value for key, value in wanted.items() if there.get(key) != value}
    return put, [key for key in there if key not in wanted]
