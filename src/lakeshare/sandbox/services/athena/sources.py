"""
What a query reads, ready for the engine: files on disk with their columns, or rows that the catalog itself answers.

Everything here is immutable: it is put together on the sandbox's own thread and read by the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.lakeformation.access import Cells

HIDDEN = ("$path", "$file_size", "$file_modified_time", "$partition")
"""Columns that every table with files has for those who name them, and that no star stands for."""

Columns: TypeAlias = tuple[tuple[str, str], ...]
"""Names and Glue types, in table order."""

FileFormat: TypeAlias = Literal["parquet", "csv", "json", "lines"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """
    An object of the table as a local file.

    ``partition`` are the values of the table's partition keys, as text; ``url`` is where it lies in S3, and
    ``modified`` when it was put there, in seconds since the epoch.
    """

    path: Path
    size: int
    partition: tuple[str | None, ...] = ()
    url: str = ""
    modified: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How a table's files are to be read; ``lines`` are those of LazySimpleSerDe, split at nothing but its delimiters.

    ``fields`` are pairs of a column and the field of JSON that it stands for, where that is called otherwise.
    """

    format: FileFormat
    delimiter: str = ","
    quote: str = '"'
    header_lines: int = 0
    item_delimiter: str = "\x02"
    key_delimiter: str = "\x03"
    fields: tuple[tuple[str, str], ...] = ()
    skips_malformed: bool = False


@dataclass(frozen=True, slots=True)
class FileSource:
    """
    A table of the catalog, named as the query names it, with the columns that the caller may read.

    ``stored`` are all columns of the files in their order, which CSV needs; ``cells`` are what of the columns can be
    read in which rows, by predicates in Trino's SQL; with none of them, everything.
    """

    database: str
    table: str
    columns: Columns
    stored: Columns
    partition_keys: Columns
    files: tuple[StoredFile, ...]
    layout: Layout
    cells: tuple[Cells, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that reading all of it scans."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class RowSource:
    """A table that the catalog itself answers: one of information_schema."""

    database: str
    table: str
    columns: Columns
    rows: tuple[tuple[str | int | None, ...], ...] = field(repr=False)
    size: int = 0


Source: TypeAlias = FileSource | RowSource


def layout(storage: Mapping[str, Any], parameters: Mapping[str, str]) -> Layout:
    """Return how to read the files of a table, from its StorageDescriptor and Parameters."""
    serde = storage.get("SerdeInfo", {})
    library, settings = serde.get("SerializationLibrary", "").lower(), serde.get("Parameters", {})
    if parameters.get("table_type", "").upper() == "ICEBERG":
        raise failure("NOT_SUPPORTED", "The sandbox does not read Iceberg tables")
    kind = f"{library} {storage.get('InputFormat', '').lower()} {parameters.get('classification', '').lower()}"
    if "parquet" in kind:
        return Layout("parquet")
    if "json" in kind:
        return _json(settings)
    if "csv" in library or "lazysimple" in library or "csv" in kind or "text" in kind:
        headers = int(parameters.get("skip.header.line.count", settings.get("skip.header.line.count", "0")))
        if "opencsv" in library:
            return Layout("csv", settings.get("separatorChar", ","), settings.get("quoteChar", '"'), headers)
        items, keys = settings.get("collection.delim", "\x02"), settings.get("mapkey.delim", "\x03")
        return Layout("lines", settings.get("field.delim", "\x01"), "", headers, items, keys)
    raise failure("NOT_SUPPORTED", f"The sandbox does not read files of {library or 'an unknown format'}")


def _json(settings: Mapping[str, str]) -> Layout:
    fields = ((name.removeprefix("mapping."), field) for name, field in settings.items() if name.startswith("mapping."))
    ignores = settings.get("ignore.malformed.json", "").lower() == "true"
    return Layout("json", fields=tuple(fields), skips_malformed=ignores)
