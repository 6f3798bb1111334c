"""What elements of a statement hold, one or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues, Path


def texts(statement: Mapping[str, Any], path: Path, element: str) -> Iterator[tuple[Path, Any]]:
    """Yield where each member of *element* is, and what; one that is in no list is a list of one."""
    if element not in statement:
        return
    value = statement[element]
    if isinstance(value, list):
        yield from (((*path, element, number), member) for number, member in enumerate(value))
    else:
        yield (*path, element), value


def mismatch(where: Path) -> Issues:
    """Yield that a text was expected."""
    yield Issue("DATA_TYPE_MISMATCH", where, ("String",))
