"""
A ledger in an object store: a snapshot, and after it numbered segments, one for each group of transactions.

::

    snapshot-000000000042.db      a SQLite file with all that segments 1 to 42 say
    segment-000000000043.json     the rows that came or went next
    segment-000000000044.json
    lease.json                    who may write the next one; see ``lease``

The ledger is the newest snapshot with every segment after it. Segments are written where nothing is yet, so of two
writers at one position only one gets through, and the other finds out before it acts on what it meant to write.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from lakeshare.errors import LakeshareError, LedgerError, LockedError
from lakeshare.state.changes import Change, apply_changes, merged, take_changes, watch
from lakeshare.state.connection import ledger_errors
from lakeshare.state.database import Database
from lakeshare.state.object_store import ObjectStore, put_own
from lakeshare.state.schema import MIGRATIONS, migrate
from lakeshare.state.segments import Segment, numbered, segment_name, snapshot_name

_LOOKS: Final = 5
"""How often to list again when objects go while they are read: a compaction takes a moment, and then it is over."""
_READERS: Final = 8
COMPACTED_AFTER: Final = 256
"""How many segments may follow a snapshot before the next one is made in the middle of a run."""


class Journal:
    """
    The objects of one ledger: read them, write the next, and put them together into a snapshot.

    Transactions that are noted while a segment is on its way go out together in the next one, so sixteen threads wait
    for one write and not for sixteen. *may_write* is asked before each segment and raises when the lock is not held.

    Once a segment could not be written nothing is written any more: the database in memory is then ahead of what
    lasts, and every later transaction raises what went wrong.
    """

    def __init__(self, store: ObjectStore, may_write: Callable[[], None], where: str) -> None:
        self._store, self._may_write, self._where = store, may_write, where
        self._writer = secrets.token_hex(8)
        self._turn = threading.Condition()
        self._pending: list[list[Change]] = []
        self._noted = self._durable = 0
        self._is_writing = False
        self._failure: LakeshareError | None = None
        self._position = self._snapshot = 0
        self._fences: dict[int, bool] = {}
        self.database = Database(self._read(), where, self)

    # Reading

    @property
    def is_new(self) -> bool:
        """Whether nothing has ever been written."""
        return self._position == 0

    @property
    def is_sound(self) -> bool:
        """Whether every write so far has been answered; one that was not may still arrive."""
        with self._turn:
            return self._failure is None

    def refresh(self) -> None:
        """Read everything again, unless nothing has been written since."""
        newest = max((number for _, number in numbered(self._store.list())), default=0)
        if newest != self._position:
            self.database.replace(self._read())

    def _read(self) -> sqlite3.Connection:
        for _ in range(_LOOKS):
            names = numbered(self._store.list())
            snapshot = max((number for sort, number in names if sort == "snapshot"), default=0)
            numbers = sorted(number for sort, number in names if sort == "segment" and number > snapshot)
            image = self._store.get(snapshot_name(snapshot)) if snapshot else None
            bodies = self._bodies(numbers)
            is_whole = numbers == list(range(snapshot + 1, snapshot + 1 + len(numbers)))
            if is_whole and (image is not None or not snapshot) and None not in bodies:
                segments = [
                    Segment.from_bytes(body, f"{self._where}/{segment_name(number)}")
                    for number, body in zip(numbers, bodies, strict=True)
                    if body is not None
                ]
                connection = self._replayed(image.body if image else None, segments)
                self._snapshot, self._position = snapshot, snapshot + len(numbers)
                self._fences = {segment.number: segment.is_fence for segment in segments}
                return connection
        raise LedgerError(
            f"{self._where}: objects of the ledger are missing between snapshot {snapshot} and segment"
            f" {numbers[-1] if numbers else snapshot}",
            hint="bring them back from the bucket's versions; without them what is ours cannot be told",
        )

    def _bodies(self, numbers: Sequence[int]) -> list[bytes | None]:
        def body_of(number: int) -> bytes | None:
            there = self._store.get(segment_name(number))
            return None if there is None else there.body

        if len(numbers) < 2:
            return [body_of(number) for number in numbers]
        with ThreadPoolExecutor(min(_READERS, len(numbers)), thread_name_prefix="lakeshare-ledger") as pool:
            return list(pool.map(body_of, numbers))

    def _replayed(self, image: bytes | None, segments: Sequence[Segment]) -> sqlite3.Connection:
        with ledger_errors(self._where):
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA trusted_schema = OFF")
                if image is not None:
                    connection.deserialize(_for_memory(image))
                for segment in segments:
                    _migrate_to(connection, segment.version, self._where)
                    apply_changes(connection, segment.changes, self._where)
                migrate(connection, self._where)
                watch(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    # Writing

    def check(self) -> None:
        """Raise why nothing may be written, or no more, if there is a reason."""
        with self._turn:
            self._raise_failure()
        self._may_write()

    def note(self, connection: sqlite3.Connection) -> Callable[[], int]:
        """See ``database.Journal``."""
        changes = take_changes(connection)

        def add() -> int:
            with self._turn:
                if changes:
                    self._pending.append(changes)
                    self._noted += 1
                return self._noted

        return add

    def wait(self, ticket: int) -> None:
        """Return when the transaction with this *ticket* is in the store. Raises why it is not."""
        while True:
            with self._turn:
                while self._is_writing and self._durable < ticket and self._failure is None:
                    self._turn.wait()
                if self._durable >= ticket:
                    return
                self._raise_failure()
                self._is_writing = True
            self._write_pending()

    def fence(self) -> None:
        """
        Take the next number, whoever else may want it, before anything is decided on what has been read.

        A run that has lost the lock without knowing writes at most one more segment: this one's number, or the one
        before it, which then has been read when this returns.
        """
        for _ in range(_LOOKS):
            segment = Segment(self._position + 1, len(MIGRATIONS), self._writer, (), is_fence=True)
            if put_own(self._store, segment_name(segment.number), segment.to_bytes()) is not None:
                self._position = segment.number
                self._fences[segment.number] = True
                return
            self.database.replace(self._read())
        raise LockedError(
            f"{self._where}: somebody else keeps writing to the ledger without holding its lock",
            hint="find and end that run, then try again",
        )

    def compact(self) -> None:
        """Put everything into a new snapshot and drop what it replaces. Nothing may be under way."""
        self.check()
        if self._position > self._snapshot:
            self._may_write()
            self._write_snapshot(self.database.image())

    def close(self) -> None:
        """Close the database and the store."""
        self.database.close()
        self._store.close()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _write_pending(self) -> None:
        """Write what has been noted so far as one segment; whoever calls has the turn to write."""
        try:
            self._may_write()
            image = None
            with self.database.turn:  # nobody commits between the group and the image of it
                with self._turn:
                    group, self._pending, upto = self._pending, [], self._noted
                if self._position + 1 - self._snapshot >= COMPACTED_AFTER:
                    image = self.database.image()
            self._put(Segment(self._position + 1, len(MIGRATIONS), self._writer, merged(group)))
            if image is not None:
                self._write_snapshot(image)
        except BaseException as error:
            with self._turn:
                self._failure = error if isinstance(error, LakeshareError) else self._cut_short(error)
                self._is_writing = False
                self._turn.notify_all()
            raise
        with self._turn:
            self._durable, self._is_writing = upto, False
            self._turn.notify_all()

    def _put(self, segment: Segment) -> None:
        if put_own(self._store, segment_name(segment.number), segment.to_bytes()) is None:
            raise LockedError(
                f"{self._where}: another run has taken the ledger over and writes to it; this one has stopped",
                hint="what this run had written down before is in the ledger; look who runs, then apply again",
            )
        self._position = segment.number
        self._fences[segment.number] = False

    def _cut_short(self, error: BaseException) -> LedgerError:
        failure = LedgerError(f"{self._where}: writing to the ledger was cut short ({type(error).__name__})")
        failure.__cause__ = error
        return failure

    def _write_snapshot(self, image: bytes) -> None:
        """
        Write the snapshot first, then delete what it holds: whoever reads in between finds both, and takes the newer.

        Fences stay: a run that lost the lock may come back much later, and must find its number taken.
        """
        # One that is there already was written from the same segments.
        self._store.put_if_absent(snapshot_name(self._position), image)
        self._snapshot = self._position
        names = numbered(self._store.list())
        old = [snapshot_name(number) for sort, number in names if sort == "snapshot" and number < self._snapshot]
        done = [number for sort, number in names if sort == "segment" and number <= self._snapshot]
        self._store.delete([*old, *(segment_name(number) for number in done if not self._is_fence(number))])

    def _is_fence(self, number: int) -> bool:
        if number not in self._fences:
            there = self._store.get(segment_name(number))
            self._fences[number] = there is not None and Segment.from_bytes(there.body, self._where).is_fence
        return self._fences[number]


def _for_memory(image: bytes) -> bytes:
    """
    Return a SQLite file as one without a write-ahead log, which memory cannot have.

    The ledger's own file on disk has one, and may have been copied here as a snapshot. The two bytes that say so are
    documented (SQLite's file format, 1.3.3; sqlite3_deserialize tells to change them).
    """
    return image[:18] + b"\x01\x01" + image[20:] if image[18:20] == b"\x02\x02" else image


def _migrate_to(connection: sqlite3.Connection, version: int, where: str) -> None:
    """Bring the tables to *version* before rows of it come; newer ones than this program knows are refused."""
    tables: list[Any] = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchall()
    now = connection.execute("SELECT version FROM schema_version").fetchone()[0] if tables else 0
    if version > len(MIGRATIONS):
        raise LedgerError(
            f"{where}: written by a newer lakeshare (ledger version {version}, this one knows {len(MIGRATIONS)})",
            hint="use the version of lakeshare that wrote it, or a newer one",
        )
    if now < version:
        migrate(connection, where, MIGRATIONS[:version])
