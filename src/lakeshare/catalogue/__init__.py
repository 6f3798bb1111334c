"""
The tables of Amazon Connect's analytics lake and their columns, as AWS documents them.

The catalogue is what lakeshare knows without asking AWS: it checks a spec, completes names and feeds the sandbox. The
live list of ``ListAnalyticsDataLakeDataSets`` wins over it wherever both are at hand, since AWS adds tables between
releases of this package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from lakeshare.catalogue.nearest import nearest

__all__ = [
    "RETENTION_MONTHS",
    "SOURCE_DATABASE",
    "Column",
    "Table",
    "categories",
    "nearest",
    "table_names_in",
    "tables",
]

# The database that holds the tables in the account of AWS that owns the lake (documented in the administrator
# guide's reference queries; the same in every Region).
SOURCE_DATABASE: Final = "connect_datalake"

# Records older than this many months, counted back from today, are gone; the cut-off moves at 00:00 UTC (documented).
RETENTION_MONTHS: Final = 25

# The layout of connect_tables.json, shared with scripts/build_catalogue.py, which writes it.
FORMAT: Final = 1
KEY: Final = 1
NULLABLE: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column of a table.

    ``type`` is the documentation's own word in lower case (``number``, ``long`` and ``array(struct)`` occur, which no
    Glue table has); ``glue_type_observed`` is what a real lake showed in 2025, None where it was not seen.
    """

    name: str
    type: str
    glue_type_observed: str | None
    nullable: bool
    is_key: bool
    doc: str | None
    documented_name: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table; its name is also the id of its data set.

    ``partition_key`` is the documented day partition and ``age_column`` the column that retention goes by; None where
    the documentation names none. ``join_keys`` maps a column to the ``table.column`` that it joins.
    """

    name: str
    category: str
    description: str
    primary_key: tuple[str, ...]
    partition_key: str | None
    age_column: str | None
    join_keys: Mapping[str, str]
    columns: tuple[Column, ...]
    source: str
    notes: str | None


@cache
def tables() -> Mapping[str, Table]:
    """Return every table by name, in the order of AWS's documentation."""
    text = files(__name__).joinpath("connect_tables.json").read_text(encoding="utf-8")
    document = json.loads(text)
    if document["format"] != FORMAT:
        raise RuntimeError(f"connect_tables.json has layout {document['format']}, this code reads layout {FORMAT}")
    return MappingProxyType({name: _table(name, entry) for name, entry in document["tables"].items()})


@cache
def categories() -> tuple[str, ...]:
    """Return the names that ``group:NAME`` may take, in the order of AWS's documentation."""
    return tuple(dict.fromkeys(table.category for table in tables().values()))


def table_names_in(category: str) -> tuple[str, ...]:
    """Return the names of the tables in *category*; none for a category that does not exist."""
    return tuple(table.name for table in tables().values() if table.category == category)


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    return Table(
        name=name,
        category=entry["category"],
        description=entry["description"],
        primary_key=tuple(entry["primary_key"]),
        partition_key=entry.get("partition_key"),
        age_column=entry.get("age_column"),
        join_keys=MappingProxyType(entry.get("join_keys", {})),
        columns=tuple(_column(*row) for row in entry["columns"]),
        source=entry["source"],
        notes=entry.get("notes"),
    )


def _column(
    name: str,
    type_: str,
    flags: int,
    observed: str | None = None,
    doc: str | None = None,
    documented_name: str | None = None,
) -> Column:
    return Column(name, type_, observed, bool(flags & NULLABLE), bool(flags & KEY), doc, documented_name)
