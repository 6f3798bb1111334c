"""Token buckets that keep calls under AWS's limits, and learn those limits where nobody has published them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lakeshare.engine.clock import Clock

WHOLE_SERVICE = "*"
"""The operation under which the rate of a whole service is asked for."""

_LOWEST_PER_SECOND = 0.1
_HIGHEST_OVER_START = 10.0
_SHARE_KEPT = 0.5
_NEAR_CEILING = 0.95
_FAST_GAIN = 0.10
_SLOW_GAIN = 0.01


class RateLike(Protocol):
    """How fast calls may go out; ``Rate`` is one."""

    @property
    def per_second(self) -> float:
        """Calls per second, sustained."""

    @property
    def burst(self) -> float:
        """Calls at once after a rest."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` calls sustained, ``burst`` at once after a rest."""

    per_second: float
    burst: float


class _Bucket:
    """
    A token bucket whose rate follows throttles down and successes up (AIMD).

    A throttle halves the rate. Successes add to it: quickly up to just under the rate that was last throttled,
    because most of what a halving gave away was fine; slowly from there on, because beyond it every step may be the
    one too many.
    """

    __slots__ = ("_burst", "_ceiling", "_cut_at", "_highest", "_settled_at", "_tokens", "per_second")

    def __init__(self, rate: RateLike, now: float) -> None:
        self.per_second = rate.per_second
        self._burst = max(rate.burst, 1.0)
        self._tokens = self._burst
        self._settled_at = now
        self._highest = rate.per_second * _HIGHEST_OVER_START
        self._ceiling = rate.per_second
        self._cut_at = float("-inf")

    def seconds_until(self, tokens: float, now: float) -> float:
        self._settle(now)
        return max(0.0, (tokens - self._tokens) / self.per_second)

    def spend(self) -> None:
        self._tokens -= 1.0

    def cut(self, now: float, admitted_at: float) -> None:
        if admitted_at < self._cut_at:
            return  # sent at the old rate, which has been answered for
        # Tokens earned so far were earned at the old rate; settle before it changes. None may be left for a burst
        # either: the other side has just said that its bucket is empty.
        self._settle(now)
        self._tokens = min(self._tokens, 0.0)
        self._ceiling = self.per_second
        self.per_second = max(_LOWEST_PER_SECOND, self.per_second * _SHARE_KEPT)
        self._cut_at = now

    def recover(self, now: float) -> None:
        self._settle(now)
        gain = _FAST_GAIN if self.per_second < self._ceiling * _NEAR_CEILING else _SLOW_GAIN
        # Per success, gain * ceiling / rate: at full speed that is gain * ceiling a second.
        self.per_second = min(self._highest, self.per_second + gain * self._ceiling / self.per_second)

    def _settle(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._settled_at) * self.per_second)
        self._settled_at = now


class _Line:
    """The calls that wait for one operation in one place, first come first served."""

    __slots__ = ("operation", "service", "tickets")

    def __init__(self, service: _Bucket, operation: _Bucket) -> None:
        self.service = service
        self.operation = operation
        self.tickets: deque[object] = deque()


class Limits:
    """
    Admits calls at the rate of their operation and of their service, per account and Region.

    *rates* answers with the starting rate of ``(service, operation)``, and of a whole service for ``(service, "*")``.
    A call spends a token of both buckets; a throttle halves both, a success lets both recover. Safe to use from many
    threads.
    """

    def __init__(self, rates: Callable[[str, str], RateLike], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._services: dict[tuple[str, str, str], _Bucket] = {}
        self._lines: dict[tuple[str, str, str, str], _Line] = {}

    def acquire(self, account: str, region: str, service: str, operation: str) -> float:
        """Block until the call may go out, and return the moment of its admission (monotonic seconds)."""
        ticket = object()
        with self._lock:
            line = self._line(account, region, service, operation)
            line.tickets.append(ticket)
        while True:
            with self._lock:
                now = self._clock.monotonic()
                ahead = line.tickets.index(ticket)
                delay = max(line.operation.seconds_until(ahead + 1, now), line.service.seconds_until(1, now))
                if ahead == 0 and delay <= 0:
                    line.tickets.popleft()
                    line.operation.spend()
                    line.service.spend()
                    return now
            # Somebody ahead who has yet to wake up: look again when the next token is due.
            self._clock.sleep(delay if delay > 0 else 1 / line.operation.per_second)

    def throttled(
        self, account: str, region: str, service: str, operation: str, *, admitted_at: float | None = None
    ) -> None:
        """
        Slow down: AWS has refused a call of this kind for going too fast.

        Calls admitted before the last slowing down (*admitted_at*, as ``acquire`` returned it) do not slow down again.
        """
        with self._lock:
            now = self._clock.monotonic()
            line = self._line(account, region, service, operation)
            for bucket in (line.service, line.operation):
                bucket.cut(now, now if admitted_at is None else admitted_at)

    def succeeded(self, account: str, region: str, service: str, operation: str) -> None:
        """Let the rates recover by one step: AWS has admitted a call of this kind."""
        with self._lock:
            now = self._clock.monotonic()
            line = self._line(account, region, service, operation)
            line.service.recover(now)
            line.operation.recover(now)

    def per_second(self, account: str, region: str, service: str, operation: str) -> float:
        """Return the rate at which such calls go out at present."""
        with self._lock:
            line = self._line(account, region, service, operation)
            return min(line.service.per_second, line.operation.per_second)

    def _line(self, account: str, region: str, service: str, operation: str) -> _Line:
        key = (account, region, service, operation)
        line = self._lines.get(key)
        if line is None:
            now = self._clock.monotonic()
            whole = self._services.get(key[:3])
            if whole is None:
                whole = self._services[key[:3]] = _Bucket(self._rates(service, WHOLE_SERVICE), now)
            line = self._lines[key] = _Line(whole, _Bucket(self._rates(service, operation), now))
        return line
