"""Waiting for a condition that has a name and a deadline; there are no fixed sleeps anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lakeshare.engine.clock import Clock
from lakeshare.engine.events import Listener, Waiting, nobody
from lakeshare.engine.retry import Jitter
from lakeshare.engine.retry import jitter as system_jitter
from lakeshare.engine.stop import StopSignal, pause
from lakeshare.errors import WaitError

T = TypeVar("T")

_GROWTH = 1.6


@dataclass(frozen=True, slots=True)
class NotYet:
    """The condition has not come true; ``last_seen`` is what there was instead, in a few words."""

    last_seen: str


def wait_for(
    condition: str,
    probe: Callable[[], T | NotYet],
    *,
    deadline_seconds: float,
    clock: Clock,
    listener: Listener = nobody,
    first_poll_seconds: float = 0.2,
    longest_poll_seconds: float = 5.0,
    stop: StopSignal | None = None,
    jitter: Jitter = system_jitter,
) -> T:
    """
    Return what *probe* returns as soon as that is not NotYet.

    The first look is at once, the last one at the deadline itself. Between looks the pause grows from
    *first_poll_seconds* to *longest_poll_seconds*, each cut by up to a half at random so that many waiters do not
    look in step. What *probe* raises goes through.

    Raises WaitError, which names the condition, how long was waited and what was seen last, at the deadline or when a
    stop is requested in between.
    """
    started = clock.monotonic()
    poll = first_poll_seconds
    while True:
        seen = probe()
        if not isinstance(seen, NotYet):
            return seen
        waited = clock.monotonic() - started
        if waited >= deadline_seconds:
            raise _gave_up(condition, waited, seen, "not true after {seconds:.1f} s")
        listener(Waiting(condition, waited))
        if not pause(min(poll * (1 - jitter() / 2), deadline_seconds - waited), clock, stop):
            interrupted = _gave_up(condition, clock.monotonic() - started, seen, "interrupted after {seconds:.1f} s")
            interrupted.was_interrupted = True
            raise interrupted
        poll = min(poll * _GROWTH, longest_poll_seconds)


def _gave_up(condition: str, waited: float, seen: NotYet, how: str) -> WaitError:
    return WaitError(
        f"{condition}: {how.format(seconds=waited)}; last seen: {seen.last_seen}",
        condition=condition,
        waited_seconds=waited,
        last_seen=seen.last_seen,
    )
