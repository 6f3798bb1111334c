"""Holding a ledger: a row of its SQLite file, or a lease among its objects."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from lakeshare.errors import LakeshareError, LockedError
from lakeshare.state.database import Database
from lakeshare.state.journal import Journal
from lakeshare.state.lease import Lease
from lakeshare.state.lock import LockOwner


class Lock(Protocol):
    """The one lock of a ledger."""

    def take(self, owner: LockOwner) -> None:
        """Take the lock for *owner*. Raises LockedError, which says who holds it and since when."""

    def release(self, owner: LockOwner) -> None:
        """Give the lock of *owner* back; somebody else's stays."""

    def holder(self) -> str | None:
        """Say who holds it, where and since when; None when nobody does."""

    def force(self) -> None:
        """Take it away from whoever holds it."""


class TableLock:
    """A row of the SQLite file: taken and looked at within one transaction, so that two cannot have it."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._now = database, clock

    def take(self, owner: LockOwner) -> None:
        """See ``Lock``. A lock whose process is gone from this host is taken over."""
        with self._database.transaction() as sql:
            for text, since in sql("SELECT owner, since FROM lock"):
                holder = LockOwner.from_json(text)
                if not holder.is_gone():
                    who = holder.describe(since)
                    raise LockedError(
                        f"{self._database.where} is locked by {who}",
                        owner=who,
                        hint="wait for that run, or use `lakeshare state unlock` when you are sure that it is no more",
                    )
            sql("INSERT OR REPLACE INTO lock VALUES (1, ?, ?)", (owner.to_json(), self._now()))

    def release(self, owner: LockOwner) -> None:
        """See ``Lock``."""
        with self._database.transaction() as sql:
            sql("DELETE FROM lock WHERE owner = ?", (owner.to_json(),))

    def holder(self) -> str | None:
        """See ``Lock``."""
        rows = self._database.rows("SELECT owner, since FROM lock")
        return LockOwner.from_json(rows[0][0]).describe(rows[0][1]) if rows else None

    def force(self) -> None:
        """See ``Lock``."""
        with self._database.transaction() as sql:
            sql("DELETE FROM lock")


class LeaseLock:
    """A lease in the object store, and what goes with its change of hands: reading anew, fencing off, compacting."""

    def __init__(self, lease: Lease, journal: Journal) -> None:
        self._lease, self._journal = lease, journal

    def take(self, owner: LockOwner) -> None:
        """
        See ``Lock``. What others have written since the ledger was opened is read.

        Unless the last holder let go itself it may yet come back, so the number that it would write next is taken.
        """
        before = self._lease.take(owner)
        try:
            self._journal.refresh()
            # A ledger without a lease has lost it; a new one has nothing in it.
            if before == "cut off" or (before == "nobody" and not self._journal.is_new):
                self._journal.fence()
        except BaseException:
            self._lease.release(is_clean=False)  # it may be that nobody has fenced the one before off yet
            raise

    def release(self, owner: LockOwner) -> None:  # noqa: ARG002 - a lease knows its own nonce
        """
        See ``Lock``. What this run has written is put together first.

        A compaction that fails loses nothing and is made up for by the next run, so it is no failure of this one.
        """
        try:
            with suppress(LakeshareError):
                self._journal.compact()
        finally:
            self._lease.release(is_clean=self._journal.is_sound)

    def holder(self) -> str | None:
        """See ``Lock``."""
        return self._lease.holder()

    def force(self) -> None:
        """See ``Lock``."""
        self._lease.force()
