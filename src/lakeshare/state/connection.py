"""Opening the ledger's SQLite file, and what can go wrong with it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakeshare.errors import LedgerError
from lakeshare.state.schema import migrate

_BUSY_SECONDS = 10.0


def make_file(path: Path) -> None:
    """Make sure that there is a file at *path*; a new one, and each folder made for it, is its owner's alone."""
    with ledger_errors(str(path)):
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        # SQLite would make the file with the umask's mode; its journal files take the mode of the file itself.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def connect(database: str, where: str) -> sqlite3.Connection:
    """
    Return a connection to *database* that any thread may use, its tables at the newest version; *where* names it.

    It is in autocommit mode: transactions begin and end where the ledger says so.
    """
    with ledger_errors(where):
        connection = sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, where)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def ledger_errors(where: str) -> Iterator[None]:
    """Turn what SQLite and the file system say into a LedgerError that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(f"ledger {where}: {error}") from error
    except OSError as error:
        raise LedgerError(f"ledger {where}: {error.strerror or error}") from error
