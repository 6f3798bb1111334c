"""The ledger's tables, and the steps from one version of them to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from lakeshare.errors import LedgerError

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        "CREATE TABLE serial (value INTEGER NOT NULL)",
        "INSERT INTO serial VALUES (0)",
        """CREATE TABLE runs (
            run_id TEXT PRIMARY KEY, command TEXT NOT NULL, spec_digest TEXT NOT NULL, user TEXT NOT NULL, host TEXT
            NOT NULL,
            started_at REAL NOT NULL, ended_at REAL, status TEXT)""",
        """CREATE TABLE entries (
            address TEXT PRIMARY KEY, kind TEXT NOT NULL, resource TEXT NOT NULL, depends_on TEXT NOT NULL,
            made_at REAL NOT NULL, run_id TEXT NOT NULL)""",
        # Settled intents stay: they are the history of what each run did. An open one has no outcome yet.
        """CREATE TABLE intents (
            id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT
            NULL, resource TEXT NOT NULL, depends_on TEXT NOT NULL, observed_absent_at REAL, intended_at REAL NOT
            NULL,
            outcome TEXT, error TEXT, settled_at REAL)""",
        "CREATE UNIQUE INDEX one_open_intent ON intents (address) WHERE outcome IS NULL",
        "CREATE INDEX intents_of_run ON intents (run_id)",
        """CREATE TABLE lock (
            only_one INTEGER PRIMARY KEY CHECK (only_one = 1), owner TEXT NOT NULL, since REAL NOT NULL)""",
    ),
    # What is remembered about taking things away, by address: of things that are ours, or about to be.
    ("CREATE TABLE guards (address TEXT PRIMARY KEY, guard TEXT NOT NULL)",),
)
"""What turns version *n* into *n + 1*, statement by statement. Never change a released step: add one."""


def migrate(connection: sqlite3.Connection, where: str, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """
    Bring the tables behind *connection* (in autocommit mode) to the newest version, all steps or none.

    Raises LedgerError when they are newer than this program.
    """
    if _version(connection, where) == len(migrations):
        return  # most openings write nothing
    connection.execute("BEGIN EXCLUSIVE")
    try:
        version = _version(connection, where)  # another process may have been first
        _refuse_newer(version, len(migrations), where)
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        for step in migrations[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute("DELETE FROM schema_version")
        connection.execute("INSERT INTO schema_version VALUES (?)", (len(migrations),))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _refuse_newer(version: int, known: int, where: str) -> None:
    if version > known:
        raise LedgerError(
            f"{where}: written by a newer lakeshare (ledger version {version}, this one knows {known})",
            hint="use the version of lakeshare that wrote it, or a newer one",
        )


def _version(connection: sqlite3.Connection, where: str) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "schema_version" not in tables:
        if tables:
            raise LedgerError(f"{where}: a SQLite database, but not a lakeshare ledger")
        return 0
    (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
    return int(version)
