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
_PROBING_GAIN = 0.05
_FAST_GAIN = 0.10
_SLOW_GAIN = 0.0005
_QUIET_SUCCESSES = 100
_ENOUGH_SUCCESSES = 8
_ROUNDING = 1e-6  # of a token: a wait may end a rounding error too early


class RateLike(Protocol):
    """How fast calls may go out; ``Rate`` is one."""

    @property
    def per_second(self) -> float:
        """Calls per second, sustained."""

    @property
    def burst(self) -> float:
        """Calls at once after a rest."""

    @property
    def is_most(self) -> bool:
        """Whether calls never go faster than this; else it is where to start."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` calls sustained, ``burst`` at once after a rest."""

    per_second: float
    burst: float
    is_most: bool = False


class _Bucket:
    """
    A token bucket whose rate follows throttles down and successes up (AIMD).

    A throttle halves the rate; each success adds a piece to it. Before the first throttle the piece is a share of the
    rate itself, so that a careful guess is outgrown soon. After it, the piece is large up to just under the
    rate that was throttled last, because most of what a halving gave away was fine, and small from there on, because
    each step may be the one too many: so small that at a steady limit about one call in a hundred meets it. When that
    rate proves harmless (it may have been a burst that was throttled, not a rate) the pieces grow again, with the cube
    of the successes in a row, as TCP's CUBIC grows.
    """

    __slots__ = (
        "_admitted",
        "_burst",
        "_ceiling",
        "_cut_at",
        "_highest",
        "_quiet",
        "_settled_at",
        "_tokens",
        "per_second",
    )

    def __init__(self, rate: RateLike, now: float) -> None:
        self.per_second = rate.per_second
        self._burst = max(rate.burst, 1.0)
        self._tokens = self._burst
        self._settled_at = now
        self._highest = rate.per_second * (1.0 if rate.is_most else _HIGHEST_OVER_START)
        self._ceiling: float | None = None
        self._quiet = self._admitted = 0
        self._cut_at = float("-inf")

    def seconds_until(self, tokens: float, now: float) -> float:
        self._settle(now)
        missing = tokens - self._tokens
        return missing / self.per_second if missing > _ROUNDING else 0.0

    def spend(self) -> None:
        self._tokens -= 1.0

    def cut(self, now: float, admitted_at: float) -> None:
        if admitted_at < self._cut_at:
            return  # sent at the old rate, which has been answered for
        # Tokens earned so far were earned at the old rate; settle before it changes. None may be left for a burst
        # either: the other side has just said that its bucket is empty.
        self._settle(now)
        self._tokens = min(self._tokens, 0.0)
        self._ceiling = self._admitted_rate(now)
        self._quiet = self._admitted = 0
        self.per_second = max(_LOWEST_PER_SECOND, self.per_second * _SHARE_KEPT)
        self._cut_at = now

    def recover(self, now: float) -> None:
        self._admitted += 1
        self._settle(now)
        if self._tokens >= max(1.0, self._burst / 2):
            return  # nobody waits for this bucket, so a success says nothing about a higher rate
        if self._ceiling is None:
            piece = self.per_second * _PROBING_GAIN
        elif self.per_second < self._ceiling * _NEAR_CEILING:
            piece = min(self._ceiling * _FAST_GAIN, self._ceiling * _NEAR_CEILING - self.per_second)
        else:
            self._quiet += 1
            piece = self._ceiling * _SLOW_GAIN * (1 + (self._quiet / _QUIET_SUCCESSES) ** 3)
        self.per_second = min(self._highest, self.per_second + piece)

    def _admitted_rate(self, now: float) -> float:
        """
        Estimate the rate that the other side really admits, at the moment of a throttle.

        Its bucket is empty now, and was when it throttled last: what it admitted in between is what flowed into it.
        Where little was asked of it in between that says too little, so it counts for no less than half of what we
        tried.
        """
        if self._ceiling is None or self._admitted < _ENOUGH_SUCCESSES:
            return self.per_second
        return min(self.per_second, max(self.per_second / 2, self._admitted / (now - self._cut_at)))

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

    *rates* answers with the rate of ``(account, service, operation)``; the operation ``"*"`` is the whole service.
    A call spends a token of both buckets; a throttle halves both, a success lets both recover. Safe to use from many
    threads.
    """

    def __init__(self, rates: Callable[[str, str, str], RateLike], clock: Clock) -> None:
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
        try:
            while (delay := self._wait_seconds(line, ticket)) > 0:
                self._clock.sleep(delay)
        except BaseException:
            with self._lock:
                line.tickets.remove(ticket)  # whoever is behind must not wait for someone who has left
            raise
        return self._clock.monotonic()

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

    def _wait_seconds(self, line: _Line, ticket: object) -> float:
        """Take a token of each bucket and return 0.0, or return after how many seconds to ask again."""
        with self._lock:
            now = self._clock.monotonic()
            ahead = line.tickets.index(ticket)
            delay = max(bucket.seconds_until(ahead + 1, now) for bucket in (line.operation, line.service))
            if ahead:
                # Half the way only: the rate may go up while this one sleeps. And never quite at once, lest the ones
                # behind spin while the first one wakes up.
                return max(delay / 2, 0.5 / line.operation.per_second)
            if delay <= 0:
                line.tickets.popleft()
                line.operation.spend()
                line.service.spend()
            return delay

    def _line(self, account: str, region: str, service: str, operation: str) -> _Line:
        key = (account, region, service, operation)
        line = self._lines.get(key)
        if line is None:
            now = self._clock.monotonic()
            whole = self._services.get(key[:3])
            if whole is None:
                whole = self._services[key[:3]] = _Bucket(self._rates(account, service, WHOLE_SERVICE), now)
            line = self._lines[key] = _Line(whole, _Bucket(self._rates(account, service, operation), now))
        return line
