"""How long to pause before the next attempt, and how often at most."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

Jitter = Callable[[], float]
"""Returns a number in [0, 1)."""

jitter: Jitter = random.Random().random  # noqa: S311 - spreads attempts, guards nothing


@dataclass(frozen=True, slots=True)
class Backoff:
    """
    Exponential backoff with full jitter: the pause after attempt *n* is uniform between 0 and ``base * 2**(n-1)``,
    capped.

    Full jitter rather than half: workers throttled at one instant should not come back at one instant.
    ``attempts`` counts the first one, so ``Backoff(attempts=1)`` never repeats.
    """

    base_seconds: float = 0.5
    cap_seconds: float = 30.0
    attempts: int = 9

    def pause_seconds(self, attempts_made: int, random_share: float) -> float:
        """Return the pause after *attempts_made* attempts have failed; *random_share* is in [0, 1)."""
        # 2**63 base units are past any cap; the bound keeps the power from growing without one.
        ceiling = min(self.cap_seconds, self.base_seconds * 2.0 ** min(attempts_made - 1, 63))
        return ceiling * random_share


class RetryBudget:
    """The repeats one run may spend altogether, so that an outage ends a run instead of stretching it without end."""

    def __init__(self, repeats: int = 1000) -> None:
        self._left = repeats
        self._lock = threading.Lock()

    def spend(self) -> bool:
        """Take one repeat; False when none is left."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True

    @property
    def left(self) -> int:
        """Return how many repeats are left."""
        return self._left
