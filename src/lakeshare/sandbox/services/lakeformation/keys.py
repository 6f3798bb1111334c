"""
What Lake Formation grants on, as values that index.

A catalog, a database, a table or all of them, a location, a data filter; an LF-tag, a saved expression over tags, and
whatever carries the tags that an expression asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ALL_TABLES: Final = "*"
"""The name under which a TableKey means every table of its database."""


@dataclass(frozen=True, slots=True)
class CatalogKey:
    """
    The Data Catalog itself, on which the right to create databases is granted.

    With a ``name``, in lower case, it is a catalog within it, which is granted on as a thing of its own.
    """

    name: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseKey:
    """A database or a database link, its name in lower case."""

    database: str


@dataclass(frozen=True, slots=True)
class TableKey:
    """A table, a view or a table link, or with ALL_TABLES every table of the database; names in lower case."""

    database: str
    table: str

    @property
    def is_wildcard(self) -> bool:
        """Whether every table of the database is meant."""
        return self.table == ALL_TABLES

    @property
    def wildcard(self) -> TableKey:
        """The key of every table in the same database."""
        return TableKey(self.database, ALL_TABLES)


@dataclass(frozen=True, slots=True)
class LocationKey:
    """A place in S3, registered or below one that is."""

    arn: str

    @property
    def above(self) -> tuple[LocationKey, ...]:
        """This place and those that hold it, nearest first; each may be written with a slash behind it or without."""
        parts = self.arn.rstrip("/").split("/")
        arns = ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
        return tuple(LocationKey(f"{arn}{slash}") for arn in arns for slash in ("", "/"))


@dataclass(frozen=True, slots=True)
class FilterKey:
    """A data cells filter on a table; its own name as it was given, the others in lower case."""

    database: str
    table: str
    name: str

    @property
    def of(self) -> TableKey:
        """The table that it is on."""
        return TableKey(self.database, self.table)


Expression: TypeAlias = tuple[tuple[str, frozenset[str]], ...]
"""
What tags a thing must carry: of every key one of the values, ANY_VALUE for any of them.

Sorted by key and in lower case, so that two that say the same are equal.
"""

ANY_VALUE: Final = "*"
"""What stands for every value of an LF-tag, in expressions and in grants on the tag."""

Tagged: TypeAlias = Literal["DATABASE", "TABLE"]
"""What a tag policy is about: databases, or tables with their columns."""


@dataclass(frozen=True, slots=True)
class TagKey:
    """An LF-tag, its key in lower case; which of its values a right is for, the right says."""

    tag: str


@dataclass(frozen=True, slots=True)
class ExpressionKey:
    """A saved expression over LF-tags, its name as it was given."""

    name: str


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """Whatever is of one kind and carries certain tags: those of ``expression``, or of the one saved as ``name``."""

    kind: Tagged
    expression: Expression = ()
    name: str = ""


Key: TypeAlias = CatalogKey | DatabaseKey | TableKey | LocationKey | FilterKey | TagKey | ExpressionKey | PolicyKey


def name_of(key: Key) -> str:
    """Return what AWS's messages call the thing."""
    match key:
        case CatalogKey(name):
            name = name or "Catalog"
        case TableKey(database, table):
            name = database if key.is_wildcard else table
        case PolicyKey(_, expression, saved):
            name = saved or " AND ".join(f"{tag}={'|'.join(sorted(values))}" for tag, values in expression)
        case DatabaseKey(name) | LocationKey(name) | TagKey(name) | ExpressionKey(name) | FilterKey(_, _, name):
            pass
    return name
