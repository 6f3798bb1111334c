"""Where in a policy's text each value stands, since AWS tells it of every finding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from lakeshare.sandbox.services.accessanalyzer.issues import Path

Extent: TypeAlias = tuple[int, int]
_DECODER: Final = json.JSONDecoder()
_WHITE: Final = re.compile(r"[ \t\n\r]*")


def extents(text: str) -> dict[Path, Extent]:
    """Return where each value of the JSON document *text* begins and ends. *text* must be readable as JSON."""
    found: dict[Path, Extent] = {}
    _value(text, _skip(text, 0), (), found)
    return found


def _value(text: str, begin: int, path: Path, found: dict[Path, Extent]) -> int:
    match text[begin]:
        case "{":
            end = _members(text, begin, path, found, is_object=True)
        case "[":
            end = _members(text, begin, path, found, is_object=False)
        case _:
            _, end = _DECODER.raw_decode(text, begin)
    found[path] = (begin, end)
    return end


def _members(text: str, begin: int, path: Path, found: dict[Path, Extent], *, is_object: bool) -> int:
    at, number = _skip(text, begin + 1), 0
    while text[at] not in "}]":
        step: str | int = number
        if is_object:
            step, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        at = _skip(text, _value(text, at, (*path, step), found))
        number += 1
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1


def _skip(text: str, at: int) -> int:
    matched = _WHITE.match(text, at)
    return matched.end() if matched else at


def location(text: str, extent: Extent, path: Path) -> Mapping[str, Any]:
    """Return a Location as the service model has it: lines from 1, columns and offsets from 0."""
    return {
        "path": [{"index": step} if isinstance(step, int) else {"value": step} for step in path],
        "span": {"start": _position(text, extent[0]), "end": _position(text, extent[1])},
    }


def _position(text: str, offset: int) -> dict[str, int]:
    before = text[:offset]
    return {"line": before.count("\n") + 1, "column": offset - (before.rfind("\n") + 1), "offset": offset}
