"""
Whether a failed call is sent again, and when: the whole policy is here.

``RetryPolicy.judge`` answers for one failure. ``pace`` asks it and does what it says; the figures come from the spec's
``limits: retries:``.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Jitter = Callable[[], float]
"""Returns a number in [0, 1)."""

jitter: Jitter = random.Random().random  # noqa: S311 - spreads attempts, guards nothing

BUDGET_SPENT = (
    "this run has spent its budget of repeats ({repeats}), so nothing is tried again any more: look for what "
)
BUDGET_SPENT += "makes AWS fail so often, then run again, or raise `limits: {{retries: {{budget: ...}}}}` in the spec"

_THROTTLE_PATIENCE_SECONDS = 60.0
_UNPAUSED_THROTTLES = 4


class Verdict(Protocol):
    """What a failure means for the next attempt."""

    @property
    def is_throttle(self) -> bool:
        """AWS refused the call for going too fast."""

    @property
    def is_transient(self) -> bool:
        """The same call may well succeed later. Throttles are transient."""

    @property
    def was_answered(self) -> bool:
        """AWS has seen the call and said so; else nobody knows."""

    @property
    def patience_seconds(self) -> float | None:
        """For how long repeating makes sense, where that is known; else the number of attempts decides."""


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
        self.repeats = repeats
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


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send the call again after a pause of so many *seconds*, and when the limits let it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The failure stands. *because* is what a person should know beyond the failure itself."""

    because: str | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    The rules, in order.

    1. What is not transient is never repeated.
    2. Where it is known for how long repeating makes sense, that time decides. A throttle says nothing about the call
       itself, so it is repeated for a minute however many attempts that takes. For everything else the number of
       attempts decides. With one attempt nothing is repeated.
    3. Each repeat costs one of the run's budget; when it is spent, nothing is repeated.
    4. The pause is exponential backoff with full jitter. The first throttles of a call have none of their own: the
       limits have just learnt from them when to send it next, and a pause on top would only waste what AWS admits.
    """

    backoff: Backoff
    budget: RetryBudget
    jitter: Jitter = jitter

    def judge(self, failure: Verdict, attempts: int, waited_seconds: float) -> Repeat | GiveUp:
        """Decide about a call that failed with *failure* after *attempts* attempts in *waited_seconds*."""
        if not failure.is_transient:
            return GiveUp()
        seconds = self._pause_seconds(failure, attempts)
        if not self._has_patience(failure, attempts, waited_seconds + seconds):
            return GiveUp()
        if not self.budget.spend():
            return GiveUp(BUDGET_SPENT.format(repeats=self.budget.repeats))
        return Repeat(seconds)

    def _pause_seconds(self, failure: Verdict, attempts: int) -> float:
        counted = attempts - _UNPAUSED_THROTTLES if failure.is_throttle else attempts
        return self.backoff.pause_seconds(counted, self.jitter()) if counted > 0 else 0.0

    def _has_patience(self, failure: Verdict, attempts: int, until_seconds: float) -> bool:
        if self.backoff.attempts == 1:
            return False
        if failure.patience_seconds is not None:
            return until_seconds <= failure.patience_seconds
        is_patient = failure.is_throttle and until_seconds <= _THROTTLE_PATIENCE_SECONDS
        return is_patient or attempts < self.backoff.attempts
