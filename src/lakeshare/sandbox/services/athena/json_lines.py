"""
JSON lines as a SerDe reads them: names of fields know no case, a column may stand for a field of another name, and what
is no object breaks the query or, where the table says so, is a row of nulls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import GlueType
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.sources import Columns, Layout

_SPELT_OTHERWISE = re.compile(rb'"[^"\\]*[A-Z][^"\\]*"\s*:')


def needs_reading(text: bytes, layout: Layout) -> bool:
    """Whether the engine would read *text* otherwise than the SerDe does."""
    return bool(layout.fields) or layout.skips_malformed or _SPELT_OTHERWISE.search(text) is not None


def normal(text: bytes, columns: Columns, layout: Layout) -> bytes:
    """Return *text* with its fields called as the *columns* are; raises QueryFailure for a line that is no object."""
    types = {name.lower(): glue_types.parse(of) for name, of in columns}
    stored_as = {field.lower(): column for column, field in layout.fields}
    lines = (json.dumps(each) for each in _rows(text, types, stored_as, layout))
    return "".join(f"{line}\n" for line in lines).encode()


def _rows(
    text: bytes, types: Mapping[str, GlueType], stored_as: Mapping[str, str], layout: Layout
) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            named = {stored_as.get(name.lower(), name.lower()): value for name, value in row.items()}
            yield {name: _value(value, types[name]) for name, value in named.items() if name in types}
        elif layout.skips_malformed:
            yield dict.fromkeys(types)
        else:
            raise failure("HIVE_CURSOR_ERROR", "Row is not a valid JSON Object")


def _value(value: Any, of: GlueType) -> Any:
    """Spell the fields of rows as their type does, however deep; the keys of maps are data."""
    match of.base, value:
        case "struct", dict():
            members = {name.lower(): (name, member) for name, member in of.members}
            found = {name.lower(): each for name, each in value.items()}
            return {members[name][0]: _value(each, members[name][1]) for name, each in found.items() if name in members}
        case "array", list():
            return [_value(each, of.members[0][1]) for each in value]
        case "map", dict():
            return {name: _value(each, of.members[1][1]) for name, each in value.items()}
        case _:
            return value
