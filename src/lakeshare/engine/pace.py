"""One call under limits and retries. Which calls there are, and what their failures mean, is the caller's knowledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from lakeshare.engine.clock import Clock, SystemClock
from lakeshare.engine.events import Listener, Throttled, nobody
from lakeshare.engine.limits import Limits, RateLike
from lakeshare.engine.retry import Backoff, Jitter, RetryBudget
from lakeshare.engine.retry import jitter as system_jitter
from lakeshare.engine.stop import StopSignal, pause

T = TypeVar("T")


class Verdict(Protocol):
    """What a failure means for the next attempt."""

    @property
    def is_throttle(self) -> bool:
        """AWS refused the call for going too fast."""

    @property
    def is_transient(self) -> bool:
        """The same call may well succeed later. Throttles are transient."""

    @property
    def patience_seconds(self) -> float | None:
        """For how long repeating makes sense, where that is known; else the number of attempts decides."""


class Pace:
    """
    Sends calls no faster than AWS admits them and repeats those that deserve it: the one place that limits and retries.

    A repeat takes its turn in the limits like any other call. Once a stop is requested nothing is repeated any more:
    the call in flight ends with the failure it has. Safe to use from many threads.
    """

    def __init__(
        self,
        rates: Callable[[str, str, str], RateLike],
        *,
        clock: Clock | None = None,
        listener: Listener = nobody,
        stop: StopSignal | None = None,
        backoff: Backoff | None = None,
        budget: RetryBudget | None = None,
        jitter: Jitter = system_jitter,
    ) -> None:
        self._clock = clock or SystemClock()
        self._limits = Limits(rates, self._clock)
        self._listener = listener
        self._stop = stop
        self._backoff = backoff or Backoff()
        self._budget = budget or RetryBudget()
        self._jitter = jitter

    def run(
        self,
        account: str,
        region: str,
        service: str,
        operation: str,
        send: Callable[[], T],
        sort: Callable[[Exception], Verdict],
    ) -> T:
        """
        Return what *send* returns; raise what it raised last, when *sort* or patience says that repeating is
        over.
        """
        where = (account, region, service, operation)
        started = self._clock.monotonic()
        attempts = 0
        while True:
            admitted_at = self._limits.acquire(*where)
            attempts += 1
            try:
                answer = send()
            except Exception as error:
                verdict = sort(error)
                if verdict.is_throttle:
                    self._limits.throttled(*where, admitted_at=admitted_at)
                seconds = self._backoff.pause_seconds(attempts, self._jitter())
                waited = self._clock.monotonic() - started
                if not self._is_worth_repeating(verdict, attempts, waited + seconds):
                    raise
                if verdict.is_throttle:
                    self._listener(Throttled(account, service, operation, seconds))
                if not pause(seconds, self._clock, self._stop):
                    raise
            else:
                self._limits.succeeded(*where)
                return answer

    def _is_worth_repeating(self, verdict: Verdict, attempts: int, until_seconds: float) -> bool:
        if not verdict.is_transient:
            return False
        if verdict.patience_seconds is None:
            has_patience = attempts < self._backoff.attempts
        else:
            has_patience = until_seconds <= verdict.patience_seconds
        return has_patience and self._budget.spend()
