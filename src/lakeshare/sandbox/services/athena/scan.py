"""A source as something that DuckDB can query: a view over its files, or a table of its rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import duckdb
import sqlglot

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import quoted
from lakeshare.sandbox.services.athena.sources import Columns, FileSource, Layout, RowSource, Source, StoredFile
from lakeshare.sandbox.services.lakeformation.access import Cells


class Scanner:
    """Makes sources readable in one engine, and remembers what columns the Parquet files have that it has seen."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine
        self._parquet: dict[tuple[StoredFile, ...], dict[str, str]] = {}
        self._sizes: dict[tuple[StoredFile, ...], dict[str, int]] = {}

    def attach(self, catalog: str, source: Source, wanted: Collection[str] | None, hidden: Sequence[str] = ()) -> None:
        """
        Make *source* readable in *catalog* under its database and table name.

        *wanted* are the names that the query uses, in lower case, None for all: a view of a few columns of a wide table
        is made in a fraction of the time. *hidden* are the hidden columns that it uses.
        """
        self._engine.execute(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{quoted(source.database)}")
        name = f"{catalog}.{quoted(source.database)}.{quoted(source.table)}"
        match source:
            case RowSource():
                shape = ", ".join(f"{quoted(column)} {_engine_type(of)}" for column, of in source.columns)
                self._engine.execute(f"CREATE TABLE {name} ({shape})")
                if source.rows:
                    places = ", ".join("?" * len(source.columns))
                    self._engine.executemany(f"INSERT INTO {name} VALUES ({places})", source.rows)
            case FileSource():
                self._engine.execute(f"CREATE VIEW {name} AS {self._query(source, wanted, hidden)}")

    def scanned(self, source: Source, wanted: Collection[str] | None) -> int:
        """
        Return how many bytes reading *source* scans: of Parquet the columns that are used, and what is no column.

        *wanted* as in ``attach``.
        """
        if not isinstance(source, FileSource) or source.layout.format != "parquet" or not source.files:
            return source.size
        sizes = self._column_sizes(source.files)
        used = {name.lower() for name, _ in source.columns if wanted is None or name.lower() in wanted}
        used |= {
            name
            for name in sizes
            for each in source.cells
            if re.search(rf"\b{re.escape(name)}\b", each.predicate or "", re.IGNORECASE)
        }
        return source.size - sum(size for name, size in sizes.items() if name not in used)

    def _column_sizes(self, files: tuple[StoredFile, ...]) -> dict[str, int]:
        """Return the bytes that each column has in Parquet files, by name in lower case; nested ones as a whole."""
        if files not in self._sizes:
            paths = ", ".join(literal(str(file.path)) for file in files)
            found = self._engine.execute(
                f"SELECT lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size)::BIGINT "
                f"FROM parquet_metadata([{paths}]) GROUP BY 1"
            )
            self._sizes[files] = dict(found.fetchall())
        return self._sizes[files]

    def _query(self, source: FileSource, wanted: Collection[str] | None, hidden: Sequence[str]) -> str:
        shown = [column for column, _ in source.columns if wanted is None or column.lower() in wanted] + [*hidden]
        if source.cells:
            return self._cells(source, shown, hidden)
        # A query that names no column, count(*) say, still needs one to count over.
        rows = self._rows(source, {name.lower() for name in shown}, hidden)
        return f"SELECT {', '.join(map(quoted, shown)) or '1'} FROM ({rows})"

    def _cells(self, source: FileSource, shown: list[str], hidden: Sequence[str]) -> str:
        """
        Return a query of the rows of which some cell can be read, cells that cannot be read being null in them.

        The rights go around the filters: a filter may look at columns that the caller may not.
        """
        keys = {name.lower() for name, _ in source.partition_keys} | {*hidden}
        columns = [
            quoted(name)
            if name.lower() in keys
            else _cell(name, [each for each in source.cells if name.lower() in each.columns])
            for name in shown
        ]
        where = _rows_of(source.cells)
        return f"SELECT {', '.join(columns) or '1'} FROM ({self._rows(source, None, hidden)}) WHERE {where}"

    def _rows(self, source: FileSource, wanted: Collection[str] | None, hidden: Sequence[str]) -> str:
        """Return a query of every row: one SELECT for the files of each partition, or for each where that shows."""
        together: dict[tuple[str | None, ...], list[StoredFile]] = {}
        for file in source.files:
            together.setdefault((*file.partition, file.url) if hidden else file.partition, []).append(file)
        if not together:
            nothing = [
                f"CAST(NULL AS {_engine_type(of)}) AS {quoted(name)}"
                for name, of in source.stored + source.partition_keys
            ] + [f"NULL AS {quoted(name)}" for name in hidden]
            return f"SELECT {', '.join(nothing)} WHERE false"
        return " UNION ALL ".join(
            f"SELECT {', '.join([*self._columns(source, tuple(files), wanted, hidden)]) or '1'} "
            f"FROM {_reader(source, tuple(files))}"
            for files in together.values()
        )

    def _columns(
        self,
        source: FileSource,
        files: tuple[StoredFile, ...],
        wanted: Collection[str] | None,
        hidden: Sequence[str],
    ) -> Iterator[str]:
        yield from self._stored(source, files, wanted)
        yield from _keys(source, files[0].partition)
        for name in hidden:
            yield f"{_of_file(name, source, files[0])} AS {quoted(name)}"

    def _stored(
        self, source: FileSource, files: tuple[StoredFile, ...], wanted: Collection[str] | None
    ) -> Iterator[str]:
        """Yield the columns of the files as the catalog types them; one that the files lack is null, as in Athena."""
        if source.layout.format == "lines":
            yield from _fields(source, wanted)
            return
        found = self._types(source, files)
        for place, (name, of) in enumerate(source.stored):
            if wanted is not None and name.lower() not in wanted:
                continue
            value, type_ = quoted(name), _engine_type(of)
            if name.lower() not in found:
                yield f"CAST(NULL AS {type_}) AS {value}"
            elif found[name.lower()] == type_:
                yield value
            elif source.layout.format == "csv":
                yield f"{_value_or_failure(value, type_, place)} AS {value}"
            else:
                yield f"CAST({value} AS {type_}) AS {value}"

    def _types(self, source: FileSource, files: tuple[StoredFile, ...]) -> dict[str, str]:
        """Return the columns that the files have, by name in lower case, with the engine's types."""
        if source.layout.format == "csv":
            return {name.lower(): "VARCHAR" for name, _ in source.stored}
        if source.layout.format == "json":
            return {name.lower(): _engine_type(of) for name, of in source.stored}
        if files not in self._parquet:
            described = self._engine.execute(f"DESCRIBE SELECT * FROM {_reader(source, files)}").fetchall()
            self._parquet[files] = {name.lower(): of for name, of, *_ in described}
        return self._parquet[files]


def _cell(name: str, cells: list[Cells]) -> str:
    """Return a column that is null in the rows where none of *cells*, which have it, are."""
    condition = _rows_of(cells)
    column = quoted(name)
    return column if condition == "true" else f"CASE WHEN {condition} THEN {column} END AS {column}"


def _rows_of(cells: Collection[Cells]) -> str:
    """Return the condition that a row is in one of *cells*."""
    predicates = dict.fromkeys(each.predicate for each in cells)
    if None in predicates:
        return "true"
    return " OR ".join(f"({sqlglot.transpile(each, read='athena', write='duckdb')[0]})" for each in predicates if each)


def _keys(source: FileSource, values: tuple[str | None, ...]) -> Iterator[str]:
    for (key, of), value in zip(source.partition_keys, values, strict=True):
        yield f"CAST({'NULL' if value is None else literal(value)} AS {_engine_type(of)}) AS {quoted(key)}"


def _of_file(name: str, source: FileSource, file: StoredFile) -> str:
    """Return what a hidden column says of a file."""
    match name:
        case "$path":
            return literal(file.url)
        case "$file_size":
            return f"CAST({file.size} AS BIGINT)"
        case "$file_modified_time":
            return f"to_timestamp({file.modified})"
    pairs = zip(source.partition_keys, file.partition, strict=True)
    return literal("/".join(f"{key}={value}" for (key, _), value in pairs))


def _reader(source: FileSource, files: tuple[StoredFile, ...]) -> str:
    paths = f"[{', '.join(literal(str(file.path)) for file in files)}]"
    match source.layout.format:
        case "parquet":
            return f"read_parquet({paths}, union_by_name = true)"
        case "json":
            return f"read_json({paths}, format = 'newline_delimited', columns = {_shape(source.stored)})"
        case "lines":
            # One column: the separator of groups in ASCII is in no text file.
            return (
                f"read_csv({paths}, auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = chr(29), quote = '', "
                f"escape = '', header = false, null_padding = true, skip = {source.layout.header_lines})"
            )
        case "csv":
            layout = source.layout
            return (
                f"read_csv({paths}, auto_detect = false, columns = {_shape(source.stored, 'VARCHAR')}, "
                f"delim = {literal(layout.delimiter)}, quote = {literal(layout.quote)}, skip = {layout.header_lines}, "
                "header = false, null_padding = true, nullstr = '\\N')"
            )


def _fields(source: FileSource, wanted: Collection[str] | None) -> Iterator[str]:
    """Yield the columns of lines that LazySimpleSerDe splits: what a line lacks, or what does not parse, is null."""
    for place, (name, of) in enumerate(source.stored, 1):
        if wanted is None or name.lower() in wanted:
            text = f"nullif(string_split(line, {literal(source.layout.delimiter)})[{place}], '\\N')"
            yield f"{_parsed(text, glue_types.parse(of), source.layout)} AS {quoted(name)}"


def _parsed(text: str, of: glue_types.GlueType, how: Layout) -> str:
    items = f"string_split(nullif({text}, ''), {literal(how.item_delimiter)})"
    members = [member.engine() for _, member in of.members]
    match of.base:
        case "string" | "varchar" | "char":
            return text
        case "array":
            return f"list_transform({items}, lambda each: TRY_CAST(each AS {members[0]}))"
        case "map":
            pair = [f"split_part(each, {literal(how.key_delimiter)}, {place})" for place in (1, 2)]
            key, value = (f"TRY_CAST({part} AS {member})" for part, member in zip(pair, members, strict=True))
            return f"map_from_entries(list_transform({items}, lambda each: {{'k': {key}, 'v': {value}}}))"
        case _:
            return f"TRY_CAST({text} AS {of.engine()})"


def _value_or_failure(value: str, type_: str, place: int) -> str:
    """Fail on what does not parse, as OpenCSVSerde does (observed: what people report); an empty field is null."""
    text = f"nullif({value}, '')"
    said = f"'HIVE_BAD_DATA: Error parsing field value ' || {value} || ' for field {place}'"
    fails = f"{text} IS NOT NULL AND TRY_CAST({text} AS {type_}) IS NULL"
    return f"CASE WHEN {fails} THEN error({said}) ELSE TRY_CAST({text} AS {type_}) END"


def _shape(columns: Columns, engine_type: str | None = None) -> str:
    pairs = (f"{literal(name)}: {literal(engine_type or _engine_type(of))}" for name, of in columns)
    return f"{{{', '.join(pairs)}}}"


def _engine_type(glue_type: str) -> str:
    return glue_types.parse(glue_type).engine()


def literal(text: str) -> str:
    """Quote *text* as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
