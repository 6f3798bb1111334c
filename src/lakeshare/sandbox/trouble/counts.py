"""How many calls each account made, and what became of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal["accepted", "throttled", "failed"]


@dataclass(slots=True)
class Count:
    """Calls of one operation by one account. A call that was never admitted is throttled, not failed."""

    accepted: int = 0
    throttled: int = 0
    failed: int = 0


class Counts:
    """Calls by account and ``service:Operation``."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, Count]] = {}

    def add(self, account: str, called: str, outcome: Outcome) -> None:
        """Count one call."""
        count = self._counts.setdefault(account, {}).setdefault(called, Count())
        setattr(count, outcome, getattr(count, outcome) + 1)

    def document(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return ``{account: {"service:Operation": {"accepted": 3, "throttled": 0, "failed": 1}}}``, sorted."""
        return {
            account: {called: asdict(count) for called, count in sorted(calls.items())}
            for account, calls in sorted(self._counts.items())
        }
