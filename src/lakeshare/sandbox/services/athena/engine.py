"""
Running a query on DuckDB: a fresh engine in memory that sees the query's sources and nothing else.

Runs on worker threads, on immutable work, and touches no store. By the time that the caller's SQL is looked at, the
engine reads no files but those of the views made for it, its settings are locked, and it cannot load extensions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from lakeshare.sandbox.services.athena import dialect, rendering
from lakeshare.sandbox.services.athena.macros import macros_for
from lakeshare.sandbox.services.athena.rendering import ResultColumn
from lakeshare.sandbox.services.athena.scan import attach
from lakeshare.sandbox.services.athena.sources import FileSource, Source
from lakeshare.sandbox.services.athena.statements import Select
from lakeshare.sandbox.services.athena.translation import translate


@dataclass(frozen=True, slots=True)
class Work:
    """A query that may be run: what it says, what it reads, and what time it is, in seconds since the epoch."""

    select: Select
    sources: tuple[Source, ...]
    now: float

    @property
    def size(self) -> int:
        """Bytes that it scans."""
        return sum(source.size for source in self.sources)


@dataclass(frozen=True, slots=True)
class Result:
    """What a query answered: every value as text, and how long the engine took."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    milliseconds: int


@dataclass(slots=True)
class Run:
    """One execution of one piece of work; ``cancel`` may be called from another thread, before or while it runs."""

    work: Work
    has_begun: bool = False
    _engine: duckdb.DuckDBPyConnection | None = None
    _is_cancelled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> Result:
        """Return the result; raises QueryFailure."""
        self.has_begun = True
        began = time.monotonic()
        with duckdb.connect(":memory:", config=_CONFIG) as engine:
            with self._lock:
                self._engine = engine
                if self._is_cancelled:
                    engine.interrupt()
            try:
                columns, rows = _answer(engine, self.work)
            except duckdb.Error as error:
                raise translate(error, self.work.select) from error
            finally:
                with self._lock:
                    self._engine = None
        return Result(columns, rows, max(1, round((time.monotonic() - began) * 1000)))

    def cancel(self) -> None:
        """Stop it."""
        with self._lock:
            self._is_cancelled = True
            if self._engine is not None:
                self._engine.interrupt()


_CONFIG: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


def _answer(
    engine: duckdb.DuckDBPyConnection, work: Work
) -> tuple[tuple[ResultColumn, ...], tuple[tuple[str | None, ...], ...]]:
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("SET integer_division = true")
    for source in work.sources:
        attach(engine, source)
    sql = dialect.to_engine(work.select.tree, work.now, _types(work.sources))
    for macro in macros_for(sql):
        engine.execute(macro)
    _lock(engine, work.sources)
    return _collect(engine, sql)


def _types(sources: Sequence[Source]) -> dict[str, str]:
    return {name.lower(): of for source in sources for name, of in source.columns}


def _lock(engine: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """From here on the engine reads the files of its views and nothing else."""
    paths = [str(file.path) for source in sources if isinstance(source, FileSource) for file in source.files]
    spelled = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    engine.execute(f"SET allowed_paths = [{spelled}]")
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")


def _collect(
    engine: duckdb.DuckDBPyConnection, sql: str
) -> tuple[tuple[ResultColumn, ...], tuple[tuple[str | None, ...], ...]]:
    bound = engine.sql(sql)
    types = [str(of) for of in bound.types]
    names = [
        f"_col{position}" if name.startswith(dialect.UNNAMED) else name for position, name in enumerate(bound.columns)
    ]
    columns = tuple(ResultColumn(name, of) for name, of in zip(names, types, strict=True))
    places = [f"c{position}" for position in range(len(types))]
    fetched = ", ".join(_fetched(place, of) for place, of in zip(places, types, strict=True))
    found = engine.execute(f"SELECT {fetched} FROM ({sql}) AS result({', '.join(places)})")
    zoned = [of == _ZONED for of in types]
    return columns, tuple(_texts(found, zoned))


_ZONED = "TIMESTAMP WITH TIME ZONE"


def _fetched(place: str, engine_type: str) -> str:
    """Return how to fetch a column: moments with a zone go as UTC, for Python would need a package to read them."""
    if engine_type == _ZONED:
        return f"timezone('UTC', {place})"
    return f"CAST({place} AS VARCHAR)" if _ZONED in engine_type else place


def _texts(found: duckdb.DuckDBPyConnection, zoned: Sequence[bool]) -> Iterator[tuple[str | None, ...]]:
    while rows := found.fetchmany(1000):
        for row in rows:
            yield tuple(rendering.text(value, is_zoned=is_zoned) for value, is_zoned in zip(row, zoned, strict=True))
