"""The one clock that tests drive."""

from __future__ import annotations

import threading


class FakeClock:
    """
    A clock that stands still but for those who sleep, and for ``advance``.

    ``sleeps`` lists every sleep in seconds. Safe to use from several threads; all of them live in one time.
    """

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._epoch = now
        self._elapsed = 0.0  # by itself: added to the epoch it would lose the small digits
        self._lock = threading.Lock()
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self._epoch + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "nobody can sleep backwards"
        with self._lock:
            self.sleeps.append(seconds)
            self._elapsed += seconds

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._elapsed += seconds
