"""Records into Parquet files, by way of DuckDB: nested columns are written as real nested types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb

from lakeshare.sandbox.glue_types import quoted


class ParquetWriter:
    """
    Writes records as Parquet; a context manager that holds one in-memory DuckDB and a temporary folder.

    Values are what JSON knows, and UTC datetimes.
    """

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="lakeshare-parquet-")
        self._engine = duckdb.connect(":memory:", config={"threads": 1, "autoinstall_known_extensions": False})
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()
        self._folder.cleanup()

    def write(self, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> bytes:
        """Return the bytes of a Parquet file; *columns* are DuckDB's types by name, in order."""
        source, target = Path(self._folder.name, "rows.json"), Path(self._folder.name, "rows.parquet")
        with source.open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps(row, default=_spell, ensure_ascii=False, separators=(",", ":")))
                lines.write("\n")
        shape = ", ".join(f"{quoted(name)}: {_literal(type_)}" for name, type_ in columns.items())
        self._engine.execute(
            f"COPY (SELECT * FROM read_json({_literal(str(source))}, format = 'newline_delimited', "
            f"auto_detect = false, maximum_object_size = 33554432, columns = {{{shape}}})) "
            f"TO {_literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return target.read_bytes()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spell(value: object) -> str:
    """Spell what JSON has no word for, as DuckDB reads it; a Glue timestamp has no zone and means UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")
