"""What Lake Formation grants on, as values that index: a catalog, a database, a table or all of them, a location."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

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


Key: TypeAlias = CatalogKey | DatabaseKey | TableKey | LocationKey | FilterKey


def name_of(key: Key) -> str:
    """Return what AWS's messages call the thing."""
    match key:
        case CatalogKey(name):
            return name or "Catalog"
        case DatabaseKey(database):
            return database
        case TableKey(database, table):
            return database if key.is_wildcard else table
        case LocationKey(arn):
            return arn
        case FilterKey(_, _, name):
            return name
