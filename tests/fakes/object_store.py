"""A bucket in memory that keeps S3's promises, and clients of it that die when a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from lakeshare.errors import CallError

T = TypeVar("T")


class KilledError(BaseException):
    """Stands for SIGKILL: nobody catches it, and a client that has died answers nothing else any more."""


@dataclass(frozen=True, slots=True)
class FakeStored:
    """An object as it was read."""

    body: bytes
    etag: str
    age_seconds: float


@dataclass
class FakeBucket:
    """What all clients see. Time stands still unless a test moves it."""

    now: float = 0.0
    objects: dict[str, tuple[bytes, str, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    writes: int = 0

    def store(self, where: str = "s3://bucket/key") -> FakeObjectStore:
        """Return a client of its own."""
        return FakeObjectStore(self, where)

    def written(self, name: str, body: bytes) -> str:
        """Write an object, whatever is there, and return its etag."""
        self.writes += 1
        self.objects[name] = (body, f'"{self.writes}"', self.now)
        return f'"{self.writes}"'


@dataclass
class FakeObjectStore:
    """
    One client. ``operations`` are what it was asked, in order.

    ``dies_at`` is the number of the operation, counted from 0, at which it dies: before it acts, or, with
    ``acts_first``, after. ``before`` is called ahead of each operation. ``is_cut_off``: every call fails.
    ``loses_answers``: a write acts, its answer is lost, and the repeat of it finds what the first one wrote.
    """

    bucket: FakeBucket
    where: str
    dies_at: int | None = None
    acts_first: bool = False
    before: Callable[[str, str], None] = lambda _operation, _name: None
    is_cut_off: bool = False
    loses_answers: bool = False
    operations: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> FakeStored | None:
        """See ``ObjectStore``."""
        return self._act("get", name, lambda: self._read(name))

    def put_if_absent(self, name: str, body: bytes) -> str | None:
        """See ``ObjectStore``."""

        def put() -> str | None:
            return None if name in self.bucket.objects else self.bucket.written(name, body)

        return self._act("put", name, put)

    def put_if_match(self, name: str, body: bytes, etag: str) -> str | None:
        """See ``ObjectStore``."""

        def put() -> str | None:
            there = self.bucket.objects.get(name)
            return self.bucket.written(name, body) if there is not None and there[1] == etag else None

        return self._act("put", name, put)

    def list(self) -> list[str]:
        """See ``ObjectStore``."""
        return self._act("list", "", lambda: sorted(self.bucket.objects))

    def delete(self, names: Collection[str]) -> None:
        """See ``ObjectStore``; each name is an operation, since S3 may have done some when a process dies."""
        for name in names:
            self._act("delete", name, partial(self.bucket.objects.pop, name, None))

    def advice(self) -> str | None:
        """See ``ObjectStore``."""
        return None

    def close(self) -> None:
        """See ``ObjectStore``."""

    def _read(self, name: str) -> FakeStored | None:
        there = self.bucket.objects.get(name)
        return None if there is None else FakeStored(there[0], there[1], self.bucket.now - there[2])

    def _act(self, operation: str, name: str, act: Callable[[], T]) -> T:
        self.before(operation, name)
        with self.bucket.lock:
            number = len(self.operations)
            self.operations.append((operation, name))
            if self.is_cut_off:
                raise CallError("the network is down")
            if self.dies_at is not None and (number > self.dies_at or (number == self.dies_at and not self.acts_first)):
                raise KilledError
            answer = act()
            if number == self.dies_at:
                raise KilledError
            return act() if self.loses_answers and operation == "put" else answer
