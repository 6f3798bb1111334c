"""Sandbox time: real time plus whatever the control interface has advanced it by."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """
    Seconds since the epoch, in sandbox time.

    Invitations, tokens and propagation delays follow this clock; rate limits and latency run on real time.
    """

    offset_seconds: float = field(default=0.0)

    def now(self) -> float:
        """Return the current sandbox time, in seconds since the epoch."""
        return time.time() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        """Move the clock forward by *seconds*."""
        self.offset_seconds += seconds
