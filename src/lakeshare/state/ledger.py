"""
The ledger: a database that says what lakeshare made and what it was about to make; a SQLite file, or objects in S3.

A thing may be deleted because the ledger says that it is ours, so nothing is ever ours by accident: an intent is on
disk before its call is sent, and only what was seen absent before the intent becomes ours by it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lakeshare.errors import LedgerError, UsageError
from lakeshare.state.connection import connect, make_file
from lakeshare.state.database import Database, Sql
from lakeshare.state.journal import Journal
from lakeshare.state.lease import Lease
from lakeshare.state.lock import LockOwner, host, user
from lakeshare.state.locking import LeaseLock, Lock, TableLock
from lakeshare.state.object_store import ObjectStore
from lakeshare.state.records import Entry, Intent, Run, Settlement

__all__ = ["Entry", "Intent", "Ledger", "LockOwner", "Run", "Settlement", "new_run_id", "open_ledger"]

_ENTRIES = "SELECT address, kind, resource, depends_on, made_at, run_id FROM entries"
_SORTS = f"{_ENTRIES} GROUP BY kind, substr(address, 1, instr(address, '/')), address GLOB '*:{'[0-9]' * 12}/*'"
_RUNS = "SELECT run_id, command, spec_digest, user, host, started_at, ended_at, status FROM runs"
_ENTER = (
    "INSERT OR REPLACE INTO entries (address, kind, resource, depends_on, made_at, run_id) VALUES (?, ?, ?, ?, ?, ?)"
)
_OPEN_INTENTS = """
    SELECT address, kind, action, resource, depends_on, observed_absent_at
    FROM intents WHERE outcome IS NULL ORDER BY id
"""
_INTEND = """
    INSERT INTO intents (run_id, address, kind, action, resource, depends_on, observed_absent_at, intended_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_REOPEN = """
    UPDATE intents SET outcome = NULL, settled_at = NULL
    WHERE outcome = 'superseded' AND id = (
        SELECT id FROM intents WHERE address = ? ORDER BY id DESC LIMIT 1 OFFSET 1)
"""

_MOVE_ENTRY = "UPDATE entries SET address = ?, resource = ?, depends_on = ? WHERE address = ?"
_MOVE_GUARD = "UPDATE OR REPLACE guards SET address = ? WHERE address = ?"
_MOVE_INTENT = """
    UPDATE intents SET address = ?, resource = ?, depends_on = ?
    WHERE address = ? AND (outcome IS NULL OR outcome = 'superseded')
"""


def new_run_id(now: float) -> str:
    """Make the id of a run that begins at *now*: the moment and eight random digits, so that ids sort by time."""
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


class Ledger:
    """
    One ledger, open. Safe to use from many threads: transactions go one at a time.

    What a method has written lasts when it returns: on disk (WAL with ``synchronous=FULL``), or in the object store.
    Raises LedgerError when what is there is no ledger, is newer than this program, or cannot be read or written. In an
    object store whoever writes must hold the lock: LockedError when it does not, or does not any more.
    """

    def __init__(
        self,
        database: Database,
        lock: Lock,
        clock: Callable[[], float] = time.time,
        *,
        close: Callable[[], None] | None = None,
        store: ObjectStore | None = None,
    ) -> None:
        self.store = store
        """The object store that the ledger lies in; None for a file."""
        self._database = database
        self._lock = lock
        self._now = clock
        self._close = close or database.close

    @classmethod
    def open(cls, path: Path, *, create: bool = True, clock: Callable[[], float] = time.time) -> Ledger:
        """
        Open the ledger at *path*; where there is none, make one, or with ``create=False`` give an empty one in memory.

        A file made here is readable by its owner alone, and so is each folder made for it.
        """
        is_there = path.exists() or create
        if create:
            make_file(path)
        database = Database(connect(str(path) if is_there else ":memory:", str(path)), str(path))
        return cls(database, TableLock(database, clock), clock)

    @classmethod
    def open_in(cls, store: ObjectStore, *, clock: Callable[[], float] = time.time) -> Ledger:
        """Open the ledger in *store*, which is closed with it. Nothing is written there before the lock is taken."""
        lease = Lease(store, store.where, clock=clock)
        try:
            journal = Journal(store, lease.check, store.where)
        except BaseException:
            store.close()
            raise
        return cls(journal.database, LeaseLock(lease, journal), clock, close=journal.close, store=store)

    def close(self) -> None:
        """Close the file, or the connections. Closing twice is fine."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What there is

    @property
    def serial(self) -> int:
        """A number that goes up with each transaction that touches entries or intents, and only then."""
        return int(self._rows("SELECT value FROM serial")[0][0])

    def entries(self) -> dict[str, Entry]:
        """Return everything that is ours, by address, in order of address."""
        return {entry.address: entry for entry in self.each_entry()}

    def each_entry(self) -> Iterator[Entry]:
        """Yield everything that is ours, in order of address, for those who need not hold all of it at once."""
        return map(_entry, self._database.each(f"{_ENTRIES} ORDER BY address"))

    def samples(self) -> list[Entry]:
        """Return one entry of each sort: kind, account, and whether its address names a whole account as its holder."""
        return [_entry(row) for row in self._rows(_SORTS)]

    def get(self, address: str) -> Entry | None:
        """Return what is ours at *address*, or None."""
        rows = self._rows(f"{_ENTRIES} WHERE address = ?", (address,))
        return _entry(rows[0]) if rows else None

    def intents(self) -> dict[str, Intent]:
        """Return the open intents by address, oldest first: what a run that is no more may or may not have done."""
        rows = self._rows(_OPEN_INTENTS)
        return {row[0]: _intent(row) for row in rows}

    def history(self, limit: int = 20) -> list[Run]:
        """Return the last *limit* runs, newest first."""
        return self._runs("ORDER BY rowid DESC LIMIT ?", limit)

    def run(self, run_id: str) -> Run | None:
        """Return the run of that id, None when there was none."""
        return next(iter(self._runs("WHERE run_id = ?", run_id)), None)

    def _runs(self, which: str, value: Any) -> list[Run]:
        runs = self._rows(f"{_RUNS} {which}", (value,))
        counts = "SELECT coalesce(outcome, 'open'), count(*) FROM intents WHERE run_id = ? GROUP BY 1"
        return [_run(row, dict(self._rows(counts, row[:1]))) for row in runs]

    # Runs

    def begin_run(self, command: str, spec_digest: str, run_id: str | None = None) -> str:
        """Write down that a run begins and return its id, one of the moment unless it has one already."""
        now = self._now()
        run_id = run_id or new_run_id(now)
        with self._transaction(counts=False) as sql:
            sql(
                "INSERT INTO runs (run_id, command, spec_digest, user, host, started_at) VALUES (?, ?, ?, ?, ?, ?)",
                (run_id, command, spec_digest, user(), host(), now),
            )
        return run_id

    def end_run(self, run_id: str, status: str) -> None:
        """Write down how the run ended."""
        with self._transaction(counts=False) as sql:
            sql("UPDATE runs SET ended_at = ?, status = ? WHERE run_id = ?", (self._now(), status, run_id))

    # Intents and what became of them

    def intend(self, run_id: str, intents: Sequence[Intent]) -> None:
        """
        Write down what is about to be done, all of it in one transaction. On disk when this returns.

        An open intent of an earlier run for the same address gives way, but what it knew of the thing's absence stays:
        what has appeared since then may be our doing.
        """
        with self._transaction() as sql:
            for intent in intents:
                absent_at = intent.observed_absent_at
                open_one = sql(
                    "SELECT id, observed_absent_at FROM intents WHERE address = ? AND outcome IS NULL",
                    (intent.address,),
                )
                for number, earlier_absent_at in open_one:
                    absent_at = earlier_absent_at if absent_at is None else absent_at
                    sql("UPDATE intents SET outcome = 'superseded', settled_at = ? WHERE id = ?", (self._now(), number))
                sql(
                    _INTEND,
                    (
                        run_id,
                        intent.address,
                        intent.kind,
                        intent.action,
                        _to_json(intent.resource),
                        _to_json(intent.depends_on),
                        absent_at,
                        self._now(),
                    ),
                )

    def settle(self, run_id: str, settlements: Sequence[Settlement]) -> None:
        """
        Write down what became of intents, this run's or an earlier one's, all in one transaction.

        When one is undone, the one that gave way to it is open again: of that nobody has learnt the outcome yet.

        Raises LedgerError when something is said to be made that was never intended and is not in the ledger.
        """
        with self._transaction() as sql:
            for settlement in settlements:
                if settlement.outcome == "made":
                    self._record(sql, run_id, settlement)
                elif settlement.outcome == "gone":
                    sql("DELETE FROM entries WHERE address = ?", (settlement.address,))
                outcome = None if settlement.outcome == "unknown" else settlement.outcome
                sql(
                    "UPDATE intents SET outcome = ?, error = ?, settled_at = ? WHERE address = ? AND outcome IS NULL",
                    (outcome, settlement.error, self._now(), settlement.address),
                )
                if outcome == "undone":
                    sql(_REOPEN, (settlement.address,))

    def forget(self, addresses: Collection[str]) -> None:
        """Drop entries and open intents without touching what they stand for: it is ours no more."""
        with self._transaction() as sql:
            for address in addresses:
                sql("DELETE FROM entries WHERE address = ?", (address,))
                sql(
                    "UPDATE intents SET outcome = 'forgotten', settled_at = ? WHERE address = ? AND outcome IS NULL",
                    (self._now(), address),
                )

    def adopt(self, run_id: str, intents: Sequence[Intent]) -> None:
        """
        Enter things that exist as ours on a person's word, all in one transaction; the run's history counts them.

        Raises LedgerError for one that is in the ledger, or was about to be.
        """
        with self._transaction() as sql:
            for intent in intents:
                known = "SELECT address FROM entries UNION SELECT address FROM intents WHERE outcome IS NULL"
                if sql(f"SELECT 1 FROM ({known}) WHERE address = ?", (intent.address,)):  # noqa: S608 - ours
                    raise LedgerError(f"{intent.address} is in the ledger already", address=intent.address)
                now, resource, depends_on = self._now(), _to_json(intent.resource), _to_json(intent.depends_on)
                sql(_ENTER, (intent.address, intent.kind, resource, depends_on, now, run_id))
                sql(_INTEND, (run_id, intent.address, intent.kind, intent.action, resource, depends_on, None, now))
                sql(
                    "UPDATE intents SET outcome = 'adopted', settled_at = ? WHERE address = ? AND outcome IS NULL",
                    (now, intent.address),
                )

    def rename(self, entries: Mapping[str, Entry], intents: Mapping[str, Intent]) -> None:
        """
        Put what is at each old address under the address of its new record, all in one transaction.

        When it was made, and by which run, stays. Raises LedgerError when something else is at a new address.
        """
        with self._transaction() as sql:
            for old, entry in entries.items():
                sql(_MOVE_ENTRY, (entry.address, _to_json(entry.resource), _to_json(entry.depends_on), old))
            moves = {old: intent.address for old, intent in intents.items()}
            moves |= {old: entry.address for old, entry in entries.items()}
            for old, address in moves.items():
                sql(_MOVE_GUARD, (address, old))
            for old, intent in intents.items():
                sql(_MOVE_INTENT, (intent.address, _to_json(intent.resource), _to_json(intent.depends_on), old))

    def guards(self) -> dict[str, Mapping[str, Any]]:
        """Return what is remembered, by address, about taking things away. What it says is the caller's business."""
        return {address: json.loads(guard) for address, guard in self._rows("SELECT address, guard FROM guards")}

    def guard(self, guards: Mapping[str, Mapping[str, Any] | None]) -> None:
        """
        Remember *guards* (JSON by address; None: nothing) in place of what was remembered of these addresses, in one
        transaction.

        The serial stays: whoever plans again reads the guards again.
        """
        with self._transaction(counts=False) as sql:
            for address, guard in guards.items():
                if guard is None:
                    sql("DELETE FROM guards WHERE address = ?", (address,))
                else:
                    sql("INSERT OR REPLACE INTO guards VALUES (?, ?)", (address, _to_json(guard)))

    # The lock

    @contextmanager
    def lock(self, owner: LockOwner) -> Iterator[None]:
        """
        Hold the ledger for *owner*, so that no other run writes to it or to AWS on its word.

        A lock whose process is gone from this host is taken over. Raises LockedError, which says who holds it and
        since when.
        """
        self._lock.take(owner)
        try:
            yield
        finally:
            self._lock.release(owner)

    def lock_holder(self) -> str | None:
        """Say who holds the ledger, where and since when; None when nobody does."""
        return self._lock.holder()

    def force_unlock(self) -> None:
        """Take the lock away from whoever holds it."""
        self._lock.force()

    # SQL

    def _record(self, sql: Sql, run_id: str, settlement: Settlement) -> None:
        address = settlement.address
        intended = sql(
            "SELECT kind, resource, depends_on, action FROM intents WHERE address = ? AND outcome IS NULL", (address,)
        )
        entered = sql("SELECT kind, resource, depends_on, made_at FROM entries WHERE address = ?", (address,))
        if not intended and not entered:
            raise LedgerError(f"{address} is said to be made, but nobody intended to", address=address)
        kind, resource, depends_on = (intended or entered)[0][:3]
        is_new = not entered or (bool(intended) and intended[0][3] == "replace")
        made_at = self._now() if is_new else entered[0][3]
        if settlement.resource is not None:
            resource = _to_json(settlement.resource)
        sql(
            _ENTER,
            (address, kind, resource, depends_on, made_at, run_id),
        )

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._database.rows(statement, values)

    @contextmanager
    def _transaction(self, *, counts: bool = True) -> Iterator[Sql]:
        with self._database.transaction() as sql:
            yield sql
            if counts:
                sql("UPDATE serial SET value = value + 1")


def open_ledger(
    url_or_path: str | None,
    beside: Path,
    name: str,
    create: bool,  # noqa: FBT001
    *,
    store_at: Callable[[str], ObjectStore] | None = None,
) -> Ledger:
    """
    Open the ledger that ``--state`` names; by default ``.lakeshare/NAME.db`` in the folder *beside* which the spec
    lies.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db`` and plain paths are files. With ``create=False`` a missing
    file is not made. *store_at* gives the objects behind an ``s3://`` URL. Raises LedgerError for a place that cannot
    hold a ledger, UsageError for a URL of an unknown kind.
    """
    if url_or_path is None:
        return Ledger.open(beside / ".lakeshare" / f"{name}.db", create=create)
    scheme, separator, rest = url_or_path.partition("://")
    if not separator:
        return Ledger.open(Path(url_or_path), create=create)
    if scheme == "sqlite":
        return Ledger.open(Path(rest.removeprefix("/")), create=create)
    if scheme == "s3" and store_at is not None:
        return Ledger.open_in(store_at(url_or_path))
    raise UsageError(
        f"--state {url_or_path}: not a place for a ledger", hint="a path, sqlite:///PATH, or s3://BUCKET/KEY"
    )


def neighbours(beside: Path, name: str) -> dict[str, int]:
    """
    Return the other specs that have a ledger with something in it in the folder *beside*, and how much that is.

    A spec that was renamed has left its own among them. What cannot be read is left out.
    """
    found = {}
    for path in sorted((beside / ".lakeshare").glob("*.db")):
        with suppress(LedgerError), Ledger.open(path, create=False) as ledger:
            found[path.stem] = len(ledger.entries())
    return {other: count for other, count in found.items() if count and other != name}


def _to_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _entry(row: Sequence[Any]) -> Entry:
    address, kind, resource, depends_on, made_at, run_id = row
    return Entry(address, kind, json.loads(resource), tuple(json.loads(depends_on)), made_at, run_id)


def _intent(row: Sequence[Any]) -> Intent:
    address, kind, action, resource, depends_on, observed_absent_at = row
    return Intent(address, kind, action, json.loads(resource), tuple(json.loads(depends_on)), observed_absent_at)


def _run(row: Sequence[Any], outcomes: Mapping[str, int]) -> Run:
    run_id, command, spec_digest, by, on, started_at, ended_at, status = row
    return Run(run_id, command, spec_digest, by, on, started_at, ended_at, status, outcomes)
