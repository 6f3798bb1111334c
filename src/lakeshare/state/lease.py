"""
The lock of a ledger in an object store: one object, ``lease.json``, that says who may write and is renewed meanwhile.

It is never deleted, only written over on the condition that nobody else has: a run that lets go writes that too.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from lakeshare.errors import LakeshareError, LedgerError, LockedError
from lakeshare.state.lock import LockOwner
from lakeshare.state.object_store import ObjectStore, Stored, put_own, replace_own

_NAME: Final = "lease.json"
LIFETIME_SECONDS: Final = 120.0
"""A lease that has not been renewed for so long may be taken over, from any host."""
_RENEWALS_IN_A_LIFETIME: Final = 6
_TRIES: Final = 5

Before: TypeAlias = Literal["nobody", "let go", "cut off"]
"""Whether the lease was new, its last holder had let go itself, or it was taken away and may not know."""


@dataclass(frozen=True, slots=True)
class Held:
    """
    What the lease says. Without an ``owner`` nobody holds it; ``is_clean`` then tells that the last one let go itself.

    ``nonce`` makes every writing of it another: its writer recognises it by that.
    """

    owner: LockOwner | None
    since: float
    lifetime_seconds: float
    nonce: str
    is_clean: bool = False

    def to_bytes(self) -> bytes:
        """Return the lease as it is stored."""
        owner = None if self.owner is None else json.loads(self.owner.to_json())
        document = {
            "format": 1,
            "owner": owner,
            "since": self.since,
            "lifetime_seconds": self.lifetime_seconds,
            "nonce": self.nonce,
            "is_clean": self.is_clean,
        }
        return json.dumps(document, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, body: bytes, where: str) -> Held:
        """Read what ``to_bytes`` wrote; LedgerError for anything else."""
        try:
            document = json.loads(body)
            owner = LockOwner(**document["owner"]) if document["owner"] else None
            return cls(
                owner,
                float(document["since"]),
                float(document["lifetime_seconds"]),
                document["nonce"],
                bool(document["is_clean"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise LedgerError(
                f"{where}/{_NAME} is no lease: {error}", hint="if no run is under way, delete that object"
            ) from error


class Lease:
    """
    The lease of one ledger, as one process sees it. Safe to use from many threads.

    It is renewed by a thread of its own. Whether it is still held is never assumed for long: ``check`` renews it there
    and then when the last renewal is half a lifetime old.
    """

    def __init__(
        self,
        store: ObjectStore,
        where: str,
        *,
        clock: Callable[[], float] = time.time,
        lifetime_seconds: float = LIFETIME_SECONDS,
    ) -> None:
        self._store, self._where, self._now = store, where, clock
        self._lifetime_seconds = lifetime_seconds
        self._lock = threading.RLock()
        self._held: Held | None = None
        self._lost: LockedError | None = None
        self._etag = ""
        self._renewed_at = 0.0
        self._over = threading.Event()

    def take(self, owner: LockOwner) -> Before:
        """
        Take the lease for *owner*; tell what had become of the one before.

        Raises LockedError while it is held: by a process that is not certainly gone from this host, and that has
        renewed it within its lifetime.
        """
        for _ in range(_TRIES):
            there = self._store.get(_NAME)
            before = None if there is None else Held.from_bytes(there.body, self._where)
            if there is not None and before is not None:
                self._refuse_while_held(before, there)
            held = self._new(owner, self._now())
            began = self._now()
            etag = (
                put_own(self._store, _NAME, held.to_bytes())
                if there is None
                else replace_own(self._store, _NAME, held.to_bytes(), there.etag)
            )
            if etag is not None:
                self._begin(held, etag, began)
                return _before(before)
        raise LockedError(
            f"{self._where}: several runs are after the lock at this moment", hint="try again in a moment"
        )

    def release(self, *, is_clean: bool) -> None:
        """
        Let go; *is_clean* says that nothing of this run's, nor of one before it, may still be on its way to the store.

        What fails here is not told: the run is over, and a lease that nobody renews runs out.
        """
        self._over.set()
        with self._lock, suppress(LakeshareError):
            if self._held is not None:
                held = Held(None, self._now(), self._lifetime_seconds, secrets.token_hex(8), is_clean=is_clean)
                replace_own(self._store, _NAME, held.to_bytes(), self._etag)
        self._held = None

    def holder(self) -> str | None:
        """Say who holds the lease, where, since when, and when it was renewed last; None when nobody does."""
        there = self._store.get(_NAME)
        held = None if there is None else Held.from_bytes(there.body, self._where)
        return None if there is None or held is None or held.owner is None else _described(held, held.owner, there)

    def force(self) -> None:
        """Take the lease away from whoever holds it."""
        for _ in range(_TRIES):
            there = self._store.get(_NAME)
            if there is None or Held.from_bytes(there.body, self._where).owner is None:
                return
            free = Held(None, self._now(), self._lifetime_seconds, secrets.token_hex(8))
            if replace_own(self._store, _NAME, free.to_bytes(), there.etag) is not None:
                return
        raise LedgerError(
            f"{self._where}: the lock is renewed faster than it can be taken away",
            hint="its run is alive: end that first",
        )

    def check(self) -> None:
        """Raise LockedError unless the lease is certainly held right now."""
        with self._lock:
            if self._held is None:
                raise self._lost or LockedError(f"{self._where}: whoever writes must hold the lock, and this does not")
            if self._now() - self._renewed_at > self._lifetime_seconds / 2:
                self.renew()

    def renew(self) -> None:
        """Renew the lease. Raises LockedError when somebody else has it."""
        with self._lock:
            if self._held is None or self._held.owner is None:
                return
            held = self._new(self._held.owner, self._held.since)
            began = self._now()
            etag = replace_own(self._store, _NAME, held.to_bytes(), self._etag)
            if etag is None:
                self._held, self._lost = None, self._taken_away()
                self._over.set()
                raise self._lost
            self._held, self._etag, self._renewed_at = held, etag, began

    def _taken_away(self) -> LockedError:
        holder = self.holder()
        return LockedError(
            f"{self._where}: the lock was taken away from this run" + (f"; it is held by {holder}" if holder else ""),
            owner=holder or "",
            hint="what this run had written down before is in the ledger; look who runs, then run it again",
        )

    def _new(self, owner: LockOwner, since: float) -> Held:
        return Held(owner, since, self._lifetime_seconds, secrets.token_hex(8))

    def _begin(self, held: Held, etag: str, began: float) -> None:
        with self._lock:
            self._held, self._lost, self._etag, self._renewed_at = held, None, etag, began
        self._over = threading.Event()
        threading.Thread(target=self._keep_renewing, args=(self._over,), name="lakeshare-lease", daemon=True).start()

    def _keep_renewing(self, over: threading.Event) -> None:
        while not over.wait(self._lifetime_seconds / _RENEWALS_IN_A_LIFETIME):
            # What went wrong shows when somebody wants to write: `check` tries again, and tells.
            with suppress(LakeshareError):
                self.renew()

    def _refuse_while_held(self, held: Held, there: Stored) -> None:
        if held.owner is None or held.owner.is_gone() or there.age_seconds >= held.lifetime_seconds:
            return
        who = _described(held, held.owner, there)
        raise LockedError(
            f"{self._where} is locked by {who}",
            owner=who,
            hint="wait for that run, or use `lakeshare state unlock` when you are sure that it is no more;"
            f" a lock that nobody renews for {held.lifetime_seconds:.0f} s is taken over by itself",
        )


def _before(held: Held | None) -> Before:
    if held is None:
        return "nobody"
    return "let go" if held.owner is None and held.is_clean else "cut off"


def _described(held: Held, owner: LockOwner, there: Stored) -> str:
    return f"{owner.describe(held.since)}, renewed {there.age_seconds:.0f} s ago"
