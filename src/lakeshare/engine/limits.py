"""How fast calls go out: a bucket per account, Region and service, and one for each operation within it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from lakeshare.engine.belief import Sent
from lakeshare.engine.bucket import Bucket, RateLike
from lakeshare.engine.clock import Clock
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import WaitError

WHOLE_SERVICE = "*"
"""The operation under which the rate of a whole service is asked for."""

_INNOCENT = 0.9  # where a service's bucket had room with this chance, the operation's own must have been empty
_SHORTEST_SECONDS = 0.002  # that somebody who waits behind others sleeps: all who wait would spin else
_LONGEST_SECONDS = 0.5  # that anybody sleeps before asking again: what is believed may have changed for the better


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` calls sustained, ``burst`` at once after a rest; see ``bucket.RateLike``."""

    per_second: float
    burst: float
    is_most: bool = False
    is_per_entry: bool = False


class _Line:
    """The calls that wait for one operation in one place, first come first served."""

    __slots__ = ("operation", "pause_seconds", "service", "tickets")

    def __init__(self, service: Bucket, operation: Bucket) -> None:
        self.service = service
        self.operation = operation
        self.tickets: deque[object] = deque()
        self.pause_seconds = 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """The leave to send one call, to be handed back with what became of it: ``let_in``, ``throttled`` or ``lost``."""

    line: _Line
    of_service: Sent
    of_operation: Sent


class Limits:
    """
    Admits calls at the rate of their operation and of their service, per account and Region.

    *rates* answers with the rate of ``(account, service, operation)``; the operation ``"*"`` is the whole service. A
    call spends of both buckets, and what becomes of it teaches both. Safe to use from many threads.
    """

    def __init__(self, rates: Callable[[str, str, str], RateLike], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._services: dict[tuple[str, str, str], Bucket] = {}
        self._lines: dict[tuple[str, str, str, str], _Line] = {}

    def acquire(
        self,
        account: str,
        region: str,
        service: str,
        operation: str,
        *,
        entries: int = 1,
        is_repeat: bool = False,
        stop: StopSignal | None = None,
    ) -> Admission:
        """
        Block until the call may go out. *entries* are those of a batch; a repeat goes before whoever waits.

        Every admission must be handed back. Raises WaitError when a *stop* is requested before the call's turn comes:
        it has not been sent, and under a slow limit its turn may be far away.
        """
        where, began = f"{service}:{operation}'s turn in {account}", self._clock.monotonic()
        ticket = object()
        with self._lock:
            line = self._line(account, region, service, operation)
            if is_repeat:
                line.tickets.appendleft(ticket)
            else:
                line.tickets.append(ticket)
        try:
            while isinstance(turn := self._turn(line, ticket, entries), float):
                self._clock.sleep(turn)
                _give_up_when_asked(stop, where, self._clock.monotonic() - began)
        except BaseException:
            with self._lock:
                line.tickets.remove(ticket)  # whoever is behind must not wait for someone who has left
            raise
        return turn

    def let_in(self, admission: Admission) -> None:
        """AWS has let the call in, whatever came of it."""
        with self._lock:
            now = self._clock.monotonic()
            admission.line.service.let_in(admission.of_service, now)
            admission.line.operation.let_in(admission.of_operation, now)

    def throttled(self, admission: Admission) -> None:
        """
        AWS has refused the call for going too fast.

        It does not say which of its buckets was empty. The service's is taken to be, unless it is known to have had
        room; then it was the operation's own.
        """
        with self._lock:
            now = self._clock.monotonic()
            service, operation = admission.line.service, admission.line.operation
            innocence = service.chance(admission.of_service) if service.has_throttled else 0.0
            service.refused(admission.of_service, now, blame=1.0)
            if operation.has_throttled or innocence >= _INNOCENT:
                operation.refused(admission.of_operation, now, blame=innocence)
            else:
                operation.forget(admission.of_operation)

    def lost(self, admission: Admission) -> None:
        """Nobody knows whether AWS ever saw the call."""
        with self._lock:
            admission.line.service.forget(admission.of_service)
            admission.line.operation.forget(admission.of_operation)

    def per_second(self, account: str, region: str, service: str, operation: str) -> float:
        """Return the rate at which single calls go out in the long run, as far as is known."""
        with self._lock:
            line = self._line(account, region, service, operation)
            return 1.0 / max(line.service.seconds_per_call(1), line.operation.seconds_per_call(1))

    def _turn(self, line: _Line, ticket: object, entries: int) -> float | Admission:
        """Spend of each bucket for the first in line, or return after how many seconds to ask again."""
        with self._lock:
            if line.tickets[0] is not ticket:
                return _SHORTEST_SECONDS + line.pause_seconds / 2
            now = self._clock.monotonic()
            seconds = max(line.operation.seconds_until(now), line.service.seconds_until(now))
            line.pause_seconds = min(seconds, _LONGEST_SECONDS)
            if seconds > 0:
                return line.pause_seconds
            line.tickets.popleft()
            return Admission(line, line.service.send(entries, now), line.operation.send(entries, now))

    def _line(self, account: str, region: str, service: str, operation: str) -> _Line:
        key = (account, region, service, operation)
        line = self._lines.get(key)
        if line is None:
            now = self._clock.monotonic()
            whole = self._services.get(key[:3])
            if whole is None:
                whole = self._services[key[:3]] = Bucket(self._rates(account, service, WHOLE_SERVICE), now)
            line = self._lines[key] = _Line(whole, Bucket(self._rates(account, service, operation), now))
        return line


def _give_up_when_asked(stop: StopSignal | None, condition: str, waited: float) -> None:
    if stop is not None and stop.is_requested:
        raise WaitError(
            f"{condition}: interrupted after {waited:.1f} s; the call was not sent",
            condition=condition,
            waited_seconds=waited,
            last_seen="the limit's bucket was empty",
            was_interrupted=True,
        )
