"""A source as something that DuckDB can query: a view over its files, or a table of its rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import sqlglot

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import quoted
from lakeshare.sandbox.services.athena.sources import DataFile, FileSource, RowSource, Source


def attach(engine: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make *source* readable in *engine* under its database and table name."""
    engine.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(source.database)}")
    name = f"{quoted(source.database)}.{quoted(source.table)}"
    match source:
        case RowSource():
            shape = ", ".join(f"{quoted(column)} {_engine_type(of)}" for column, of in source.columns)
            engine.execute(f"CREATE TABLE {name} ({shape})")
            if source.rows:
                engine.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(source.columns))})", source.rows)
        case FileSource():
            engine.execute(f"CREATE VIEW {name} AS {_query(engine, source)}")


def _query(engine: duckdb.DuckDBPyConnection, source: FileSource) -> str:
    shown = ", ".join(quoted(column) for column, _ in source.columns)
    # The rights go around the filters: a filter may look at columns that the caller may not.
    return f"SELECT {shown} FROM ({_filtered(engine, source)})"


def _filtered(engine: duckdb.DuckDBPyConnection, source: FileSource) -> str:
    everything = _rows(engine, source)
    if not source.row_filters:
        return everything
    allowed = [sqlglot.transpile(predicate, read="athena", write="duckdb")[0] for predicate in source.row_filters]
    return f"SELECT * FROM ({everything}) WHERE {' OR '.join(f'({predicate})' for predicate in allowed)}"


def _rows(engine: duckdb.DuckDBPyConnection, source: FileSource) -> str:
    """Return a query of every row with every column: one SELECT for the files of each partition."""
    partitions: dict[tuple[str | None, ...], list[DataFile]] = {}
    for file in source.files:
        partitions.setdefault(file.partition, []).append(file)
    selects = []
    for values, files in partitions.items():
        keys = [
            f"CAST({_literal(value)} AS {_engine_type(of)}) AS {quoted(key)}"
            for (key, of), value in zip(source.partition_keys, values, strict=True)
        ]
        selects.append(f"SELECT {', '.join([*_stored(engine, source, files), *keys])} FROM {_reader(source, files)}")
    if not selects:
        nothing = [f"CAST(NULL AS {_engine_type(of)}) AS {quoted(name)}" for name, of in _all_columns(source)]
        return f"SELECT {', '.join(nothing)} WHERE false"
    return " UNION ALL ".join(selects)


def _all_columns(source: FileSource) -> tuple[tuple[str, str], ...]:
    return source.stored + source.partition_keys


def _stored(engine: duckdb.DuckDBPyConnection, source: FileSource, files: list[DataFile]) -> Iterator[str]:
    """Yield the columns of the files as the catalog types them; a column that the files lack is null, as in Athena."""
    names = {name.lower() for name, _ in source.stored}
    if source.layout.format == "parquet":
        described = engine.execute(f"DESCRIBE SELECT * FROM {_reader(source, files)}").fetchall()
        names = {row[0].lower() for row in described}
    for name, of in source.stored:
        value = quoted(name) if name.lower() in names else "NULL"
        if source.layout.format == "csv" and not _is_text(of):
            value = f"nullif({value}, '')"
        yield f"CAST({value} AS {_engine_type(of)}) AS {quoted(name)}"


def _reader(source: FileSource, files: list[DataFile]) -> str:
    paths = f"[{', '.join(_literal(str(file.path)) for file in files)}]"
    match source.layout.format:
        case "parquet":
            return f"read_parquet({paths}, union_by_name = true)"
        case "json":
            shape = ", ".join(f"{_literal(name)}: {_literal(_engine_type(of))}" for name, of in source.stored)
            return f"read_json({paths}, format = 'newline_delimited', columns = {{{shape}}})"
        case "csv":
            shape = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name, _ in source.stored)
            layout = source.layout
            return (
                f"read_csv({paths}, auto_detect = false, columns = {{{shape}}}, delim = {_literal(layout.delimiter)}, "
                f"quote = {_literal(layout.quote)}, skip = {layout.header_lines}, header = false, null_padding = true)"
            )


def _engine_type(glue_type: str) -> str:
    return glue_types.parse(glue_type).engine()


def _is_text(glue_type: str) -> bool:
    return _engine_type(glue_type) == "VARCHAR"


def _literal(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
