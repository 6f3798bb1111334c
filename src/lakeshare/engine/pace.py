"""One call under limits and retries. Which calls there are, and what their failures mean, is the caller's knowledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lakeshare.engine.bucket import RateLike
from lakeshare.engine.clock import Clock, SystemClock
from lakeshare.engine.events import Listener, Throttled, nobody
from lakeshare.engine.limits import Admission, Limits
from lakeshare.engine.retry import Backoff, GiveUp, Jitter, RetryBudget, RetryPolicy, Verdict
from lakeshare.engine.retry import jitter as system_jitter
from lakeshare.engine.stop import StopSignal, pause

T = TypeVar("T")


class Pace:
    """
    Sends calls no faster than AWS admits them and repeats those that deserve it.

    The one place that does either: ``limits`` says when a call may go out, ``retry`` whether it goes again. Once a stop
    is requested nothing is repeated any more: the call in flight ends with the failure it has. Safe to use from many
    threads.
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
        self._policy = RetryPolicy(backoff or Backoff(), budget or RetryBudget(), jitter)
        self._listener = listener
        self._stop = stop

    def run(
        self,
        account: str,
        region: str,
        service: str,
        operation: str,
        send: Callable[[], T],
        sort: Callable[[Exception], Verdict],
        *,
        entries: int = 1,
    ) -> T:
        """
        Return what *send* returns; raise what it raised last, when *sort* or the policy says that repeating is over.

        *entries* are those of the batch that *send* sends. What a person should know beyond the failure itself, such as
        that the run's budget of repeats is spent, stands on the exception as a note.
        """
        started = self._clock.monotonic()
        attempts = 0
        while True:
            admission = self._limits.acquire(
                account, region, service, operation, entries=entries, is_repeat=attempts > 0, stop=self._stop
            )
            attempts += 1
            try:
                answer = send()
            except Exception as error:
                verdict = sort(error)
                self._learn(admission, verdict)
                decision = self._policy.judge(verdict, attempts, self._clock.monotonic() - started)
                if isinstance(decision, GiveUp):
                    if decision.because:
                        error.add_note(decision.because)
                    raise
                if verdict.is_throttle:
                    self._listener(Throttled(account, service, operation, decision.seconds))
                if not pause(decision.seconds, self._clock, self._stop):
                    raise
            except BaseException:
                self._limits.lost(admission)
                raise
            else:
                self._limits.let_in(admission)
                return answer

    def _learn(self, admission: Admission, verdict: Verdict) -> None:
        if verdict.is_throttle:
            self._limits.throttled(admission)
        elif verdict.was_answered:
            self._limits.let_in(admission)
        else:
            self._limits.lost(admission)
