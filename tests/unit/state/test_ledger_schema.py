from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lakeshare.errors import LedgerError
from lakeshare.state.ledger import Intent, Ledger
from lakeshare.state.schema import MIGRATIONS, migrate

RENAME = ("ALTER TABLE entries ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",)


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def columns(path: Path) -> list[str]:
    connection = connect(path)
    names = [row[1] for row in connection.execute("PRAGMA table_info(entries)")]
    connection.close()
    return names


def test_newer_ledger_is_refused(tmp_path: Path):
    """A ledger that a newer program wrote is not touched, and the way out is told."""
    path = tmp_path / "lake.db"
    Ledger.open(path).close()
    connection = connect(path)
    connection.execute("UPDATE schema_version SET version = 99")
    connection.close()

    with pytest.raises(LedgerError, match="newer lakeshare") as caught:
        Ledger.open(path)

    assert str(path) in caught.value.message
    assert caught.value.hint is not None


def test_foreign_database_is_refused(tmp_path: Path):
    """A SQLite file of something else is not taken for a ledger, and gets no tables of ours."""
    path = tmp_path / "theirs.db"
    connection = connect(path)
    connection.execute("CREATE TABLE photos (name TEXT)")

    with pytest.raises(LedgerError, match="not a lakeshare ledger"):
        Ledger.open(path)

    assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["photos"]
    connection.close()


def test_older_ledger_is_brought_up_to_date(tmp_path: Path):
    """A ledger of an older version goes through the steps it lacks and keeps what it holds."""
    path = tmp_path / "lake.db"
    with Ledger.open(path) as ledger:
        ledger.intend(ledger.begin_run("apply", "digest"), [Intent("a", "k", "create", {}, (), None)])
    connection = connect(path)

    migrate(connection, "here", (*MIGRATIONS, RENAME))

    assert "colour" in columns(path)
    assert connection.execute("SELECT count(*) FROM intents").fetchone() == (1,)
    assert connection.execute("SELECT version FROM schema_version").fetchall() == [(len(MIGRATIONS) + 1,)]
    connection.close()


def test_half_a_migration_leaves_nothing(tmp_path: Path):
    """When a step fails the ledger is what it was before."""
    path = tmp_path / "lake.db"
    Ledger.open(path).close()
    connection = connect(path)

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "here", (*MIGRATIONS, (*RENAME, "NONSENSE")))

    assert "colour" not in columns(path)
    assert connection.execute("SELECT version FROM schema_version").fetchall() == [(len(MIGRATIONS),)]
    connection.close()


def test_opening_again_writes_nothing(tmp_path: Path):
    """A ledger that is up to date is opened without a write."""
    path = tmp_path / "lake.db"
    Ledger.open(path).close()
    before = path.read_bytes()

    Ledger.open(path).close()

    assert path.read_bytes() == before
