"""
What a transaction has changed, as rows: what segments of a ledger in an object store are made of.

Rows as they stand afterwards, not statements: replaying them takes no code of the version that wrote them, and nobody
who may write to the store gets to run SQL here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from lakeshare.errors import LedgerError

Change: TypeAlias = tuple[str, int, dict[str, Any] | None]
"""A table, a rowid, and the row that now stands there, by column; None when there is none any more."""

_KEPT_OUT: Final = frozenset({"lock", "schema_version"})
"""A lease takes the place of the lock's table, and each segment says which version its rows are for."""


def watch(connection: sqlite3.Connection) -> None:
    """Have *connection* remember, in tables of its own that are saved nowhere, which rows are touched."""
    # Without this an INSERT OR REPLACE would not tell of the row that it replaces.
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("CREATE TEMP TABLE touched (place TEXT, number INTEGER, PRIMARY KEY (place, number))")
    for table in _rowid_names(connection):
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            note = f"INSERT OR REPLACE INTO touched VALUES ('{table}', {row}.rowid)"  # noqa: S608 - all of it ours
            trigger = f"CREATE TEMP TRIGGER touched_{table}_{event} AFTER {event} ON main.{table}"
            connection.execute(f"{trigger} BEGIN {note}; END")


def take_changes(connection: sqlite3.Connection) -> list[Change]:
    """Return the rows touched since the last call, as they stand now."""
    touched = connection.execute("SELECT place, number FROM touched ORDER BY place, number").fetchall()
    connection.execute("DELETE FROM touched")
    names = _rowid_names(connection)
    return [(table, number, _row(connection, table, names[table], number)) for table, number in touched]


def merged(groups: Iterable[Iterable[Change]]) -> list[Change]:
    """Return the changes of several transactions, in their order, as if they had been one."""
    last = {(table, number): row for group in groups for table, number, row in group}
    return [(table, number, row) for (table, number), row in last.items()]


def apply_changes(connection: sqlite3.Connection, changes: Iterable[Change], where: str) -> None:
    """
    Make the rows stand that *changes* say, all or none. Raises LedgerError for tables and columns that there are not.

    Rows go before rows come: an address may have moved from one row to another.
    """
    checked = list(changes)
    names = _rowid_names(connection)
    if unknown := {table for table, _, _ in checked} - set(names):
        raise LedgerError(f"{where}: no ledger has a table {min(unknown)}")
    connection.execute("BEGIN")
    try:
        for table, number, _ in checked:
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - one of ours
        for table, number, row in checked:
            if row is not None:
                _insert(connection, table, {names[table]: number, **row}, where)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _rowid_names(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the ledger's tables, and what each calls its rowid: only an INTEGER PRIMARY KEY is another name for it."""
    tables = [name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    return {table: _rowid_name(connection, table) for table in tables if table not in _KEPT_OUT}


def _rowid_name(connection: sqlite3.Connection, table: str) -> str:
    columns = connection.execute(f"PRAGMA main.table_info({table})")
    return next((str(name) for _, name, kind, _, _, is_key in columns if is_key and kind == "INTEGER"), "rowid")


def _row(connection: sqlite3.Connection, table: str, rowid: str, number: int) -> dict[str, Any] | None:
    found = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - one of ours
    names = [column[0] for column in found.description]
    row = found.fetchone()
    if row is None:
        return None
    return {name: value for name, value in zip(names, row, strict=True) if name != rowid}


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any], where: str) -> None:
    known = {"rowid", *(column[1] for column in connection.execute(f"PRAGMA main.table_info({table})"))}
    if unknown := set(row) - known:
        raise LedgerError(f"{where}: the ledger's {table} have no column {min(unknown)}")
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
