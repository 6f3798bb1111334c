"""The SQLite database that answers a ledger's questions: one connection, shared by all threads, one at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

from lakeshare.state.connection import ledger_errors

Sql: TypeAlias = Callable[..., list[Any]]
"""Runs one statement with its values and returns all rows."""


class Journal(Protocol):
    """What makes transactions last when the database itself is only in memory."""

    def check(self) -> None:
        """Raise the error for which nothing may be written any more, if there is one."""

    def note(self, connection: sqlite3.Connection) -> Callable[[], int]:
        """Read what the open transaction has changed; the answer, called once it is committed, gives its ticket."""

    def wait(self, ticket: int) -> None:
        """Return when the transaction with this *ticket*, and all before it, will survive this process."""


class Database:
    """
    A connection in autocommit mode and the turn in which threads use it.

    Without a *journal* what is committed is as durable as SQLite makes it. With one, ``transaction`` returns only
    when the journal says that what was written will last; threads that wait for that do not keep others from writing.
    """

    def __init__(self, connection: sqlite3.Connection, where: str, journal: Journal | None = None) -> None:
        self.where = where
        self.turn = threading.RLock()
        self._connection = connection
        self._journal = journal

    def replace(self, connection: sqlite3.Connection) -> None:
        """Go on with another connection."""
        with self.turn:
            self._connection.close()
            self._connection = connection

    def close(self) -> None:
        """Close the connection. Closing twice is fine."""
        with self.turn:
            self._connection.close()

    def image(self) -> bytes:
        """Return the whole database as the bytes of a SQLite file."""
        with self.turn, ledger_errors(self.where):
            return self._connection.serialize()

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return what a statement that reads finds."""
        with self.turn, ledger_errors(self.where):
            return self._connection.execute(statement, values).fetchall()

    def each(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield what a statement that reads finds, row by row; nobody else has the turn until the last one."""
        with self.turn, ledger_errors(self.where):
            yield from self._connection.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[Sql]:
        """One transaction, with every other thread and process kept out; all of it or nothing."""
        ticket: int | None = None
        with self.turn, ledger_errors(self.where):
            if self._journal is not None:
                self._journal.check()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda statement, values=(): self._connection.execute(statement, values).fetchall()
                noted = self._journal.note(self._connection) if self._journal is not None else None
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite rolls back by itself when the disk is full
                    self._connection.execute("ROLLBACK")
                raise
            if noted is not None:
                ticket = noted()
        if self._journal is not None and ticket is not None:
            self._journal.wait(ticket)
