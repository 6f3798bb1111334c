"""Token buckets per account and Region, as AWS throttles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal

from lakeshare.sandbox.trouble.expect import UnexpectedError, fields, names, number, operation

Charge = Literal["call", "entry"]


@dataclass(frozen=True, slots=True)
class Limit:
    """
    ``rate`` tokens a second, at most ``burst`` of them saved.

    A call costs one token, or with ``charge="entry"`` as many as its batch has entries: it is admitted while one token
    is left, and may take the bucket into debt.
    """

    rate: float
    burst: float
    charge: Charge = "call"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Limits:
    """The limits that hold, by the operations that they are for, and what is left in their buckets."""

    def __init__(self, limits: Mapping[str, Limit] | None = None, clock: Callable[[], float] = monotonic) -> None:
        self.limits = dict(limits or {})
        self._clock = clock
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def admit(self, account: str, region: str, called: str, entries: int) -> bool:
        """
        Spend for the operation *called* from every bucket that it counts for: its own, its service's, everybody's.

        False, with nothing spent, when any holds less than one token.
        """
        if not self.limits:
            return True
        counted = [name for name in self.limits if names(name, called)]
        buckets = [(self.limits[name], self._filled(account, region, name)) for name in counted]
        if any(bucket.tokens < 1 for _, bucket in buckets):
            return False
        for limit, bucket in buckets:
            bucket.tokens -= entries if limit.charge == "entry" else 1
        return True

    def _filled(self, account: str, region: str, name: str) -> _Bucket:
        limit, now = self.limits[name], self._clock()
        bucket = self._buckets.setdefault((account, region, name), _Bucket(limit.burst, now))
        bucket.tokens = min(limit.burst, bucket.tokens + (now - bucket.filled_at) * limit.rate)
        bucket.filled_at = now
        return bucket


def read_limits(body: Any) -> dict[str, Limit]:
    """Read ``{"lakeformation:*": {"rate": 5, "burst": 5, "charge": "call"}}``; *charge* may be left out."""
    if not isinstance(body, dict):
        raise UnexpectedError(f'expected limits by operation, {{"glue:*": {{"rate": 5, "burst": 5}}}}, not {body!r}')
    return {operation(name, "each name of the limits"): _read_limit(name, limit) for name, limit in body.items()}


def _read_limit(name: str, body: Any) -> Limit:
    given = fields(body, {"rate", "burst", "charge"}, name)
    charge = given.get("charge", "call")
    if charge not in {"call", "entry"}:
        raise UnexpectedError(f'expected the charge of {name} to be "call" or "entry", not {charge!r}')
    rate = number(given.get("rate"), f"the rate of {name}")
    return Limit(rate, number(given.get("burst"), f"the burst of {name}", least=1), charge)
