"""
Running queries on DuckDB: one engine for each worker thread, and in it a catalog of its own for each query.

Runs on worker threads, on immutable work, and touches no store. An engine reads nothing but the folder of fetched
objects and cannot be told otherwise: its settings are locked before the first query. A query sees the views that were
made for it, which have the permitted columns alone; ``statements`` lets no functions through that name files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import quoted
from lakeshare.sandbox.services.athena import dialect
from lakeshare.sandbox.services.athena.macros import MACROS
from lakeshare.sandbox.services.athena.rendering import ZONED, ResultColumn
from lakeshare.sandbox.services.athena.scan import Scanner, literal
from lakeshare.sandbox.services.athena.sources import Columns, Source
from lakeshare.sandbox.services.athena.statements import Select
from lakeshare.sandbox.services.athena.strictness import check_named, check_types
from lakeshare.sandbox.services.athena.translation import translate
from lakeshare.sandbox.services.athena.zones import zones

_CONFIG: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


@dataclass(frozen=True, slots=True)
class Analyse:
    """Find out which columns a query has, and run nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """
    Write what a query answers into files of *folder*, which the engine may reach, as ``options`` of COPY say.

    Columns take the names and Glue types of ``columns``, or without them the query's own.
    """

    folder: Path
    suffix: str
    options: str
    columns: Columns = ()
    partitioned_by: tuple[str, ...] = ()


Purpose: TypeAlias = Analyse | Write
"""What a query is run for, other than its rows."""


@dataclass(frozen=True, slots=True)
class Work:
    """A query that may be run: what it says, what it reads, and what time it is, in seconds since the epoch."""

    select: Select
    sources: tuple[Source, ...]
    now: float
    purpose: Purpose | None = None

    @property
    def size(self) -> int:
        """Bytes that it scans at most: none where nothing runs."""
        return 0 if isinstance(self.purpose, Analyse) else sum(source.size for source in self.sources)


@dataclass(frozen=True, slots=True)
class Result:
    """
    What a query answered: every value as text, and how long the engine took.

    ``count`` is how many rows were written, and ``schema`` the names and Glue types of its columns, an empty name for a
    column that has none; both of a query that was run for another purpose than its rows. ``scanned`` are bytes.
    """

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    milliseconds: int
    count: int = 0
    schema: Columns = ()
    scanned: int = 0


class Engine:
    """DuckDB in memory, for one query at a time; *folder* is all that it can read of the disk."""

    def __init__(self, folder: Path) -> None:
        self._duckdb = duckdb.connect(":memory:", config=_CONFIG)
        self._scanner = Scanner(self._duckdb)
        self._numbers = count(1)
        self._catalog = "query_0"
        for name, definition in MACROS.items():
            self._duckdb.execute(f"CREATE MACRO {name}{definition}")
        for setting in (
            "TimeZone = 'UTC'",
            "integer_division = true",
            f"allowed_directories = [{literal(str(folder))}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._duckdb.execute(f"SET {setting}")

    def answer(self, work: Work) -> Result:
        """Return the result of *work*; raises QueryFailure."""
        began = time.monotonic()
        try:
            catalog = self._fresh_catalog()
            for source in work.sources:
                self._scanner.attach(catalog, source, work.select.names, work.select.hidden)
            tree = dialect.prepared(work.select.tree, work.select.hidden)
            sql = dialect.to_engine(tree, work.now, catalog, _types(work.sources))
            result = self._collect(sql, zones(tree)) if work.purpose is None else self._serve(sql, work.purpose)
            scanned = 0
            if not isinstance(work.purpose, Analyse):
                scanned = sum(self._scanner.scanned(source, work.select.names) for source in work.sources)
        except duckdb.Error as error:
            raise translate(error, work.select) from error
        return replace(result, milliseconds=max(1, round((time.monotonic() - began) * 1000)), scanned=scanned)

    def _serve(self, sql: str, purpose: Purpose) -> Result:
        bound = self._duckdb.sql(sql)
        schema = tuple(
            ("" if name.startswith(dialect.UNNAMED) else name.lower(), glue_types.from_engine(of))
            for name, of in zip(bound.columns, bound.types, strict=True)
        )
        del bound
        count = self._write(sql, schema, purpose) if isinstance(purpose, Write) else 0
        return Result((), (), 0, count, schema)

    def _write(self, sql: str, schema: Columns, write: Write) -> int:
        """Write the files and return how many rows they hold."""
        wanted = write.columns or schema
        check_named([name for name, _ in wanted])
        check_types([of for _, of in schema], [of for _, of in wanted])
        places = ", ".join(f"c{place}" for place in range(len(schema)))
        shown = ", ".join(
            f"CAST(c{place} AS {glue_types.parse(of).engine()}) AS {quoted(name)}"
            for place, (name, of) in enumerate(wanted)
        )
        options, target = write.options, write.folder / f"part-0.{write.suffix}"
        if write.partitioned_by:
            options += f", PARTITION_BY ({', '.join(map(quoted, write.partitioned_by))})"
            target = write.folder
        copied = self._duckdb.execute(
            f"COPY (SELECT {shown} FROM ({sql}) AS result({places})) TO {literal(str(target))} ({options})"
        ).fetchone()
        assert copied is not None
        return int(copied[0])

    def _fresh_catalog(self) -> str:
        """Make a catalog for a query and drop the one before, here rather than there: an interrupt could hinder it."""
        self._duckdb.execute(f"DETACH DATABASE IF EXISTS {self._catalog}")
        self._catalog = f"query_{next(self._numbers)}"
        self._duckdb.execute(f"ATTACH ':memory:' AS {self._catalog}")
        return self._catalog

    def close(self) -> None:
        """Give the engine's memory back."""
        self._duckdb.close()

    def interrupt(self) -> None:
        """Stop the query that runs; may be called from another thread."""
        self._duckdb.interrupt()

    def _collect(self, sql: str, zones: Mapping[str, str]) -> Result:
        bound = self._duckdb.sql(sql)
        types, names = [str(of) for of in bound.types], list(bound.columns)
        del bound
        columns = tuple(
            ResultColumn(f"_col{position}" if name.startswith(dialect.UNNAMED) else name, of, _zone(zones, name, of))
            for position, (name, of) in enumerate(zip(names, types, strict=True))
        )
        places = [f"c{position}" for position in range(len(types))]
        fetched = ", ".join(_fetched(place, of) for place, of in zip(places, types, strict=True))
        found = self._duckdb.execute(f"SELECT {fetched} FROM ({sql}) AS result({', '.join(places)})")
        return Result(columns, tuple(_texts(found, columns)), 0)


def _types(sources: Sequence[Source]) -> dict[str, str]:
    return {name.lower(): of for source in sources for name, of in source.columns}


def _fetched(place: str, engine_type: str) -> str:
    """Return how to fetch a column: moments with a zone go as UTC, for Python would need a package to read them."""
    if engine_type == ZONED:
        return f"timezone('UTC', {place})"
    return f"CAST({place} AS VARCHAR)" if ZONED in engine_type else place


def _zone(zones: Mapping[str, str], name: str, engine_type: str) -> str | None:
    return zones.get(name.lower()) if engine_type == "TIMESTAMP" else None


def _texts(found: duckdb.DuckDBPyConnection, columns: Sequence[ResultColumn]) -> Iterator[tuple[str | None, ...]]:
    while rows := found.fetchmany(1000):
        for row in rows:
            yield tuple(column.text(value) for column, value in zip(columns, row, strict=True))
