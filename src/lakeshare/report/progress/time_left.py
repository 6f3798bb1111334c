"""How long a run will still take, as far as the speed of its last steps tells. Pure: time is handed in."""

from __future__ import annotations

from collections import deque
from typing import Final

FEWEST: Final = 10
"""Steps that must be over before their speed means anything."""

SHORTEST_SECONDS: Final = 3.0

WINDOW: Final = 60
"""How many of the last steps count: enough to even out batches of 20, few enough to notice that things got slower."""

PADDING: Final = 1.2
"""A guess that turns out long is forgiven; the last steps of a run are often those that wait."""


class TimeLeft:
    """
    Guesses the time left, in seconds, and never more than it guessed before.

    It says nothing until it knows something. When a guess runs out, it says nothing again rather than make up another.
    """

    def __init__(self, total: int, now: float) -> None:
        self._remaining = total
        self._ended: deque[float] = deque([now], maxlen=WINDOW)
        self._began = now
        self._over = 0
        self._end: float | None = None

    def finished(self, now: float) -> None:
        """One more step is over."""
        self._over += 1
        self._remaining -= 1
        self._ended.append(now)

    def seconds(self, now: float) -> float | None:
        """Return the guess at *now*, or None when there is none worth telling."""
        if self._remaining <= 0 or self._over < FEWEST or now - self._began < SHORTEST_SECONDS:
            return None
        # Up to now, not to the last step: a run that has stalled is getting slower while nothing happens.
        seconds_per_step = (now - self._ended[0]) / (len(self._ended) - 1)
        end = now + self._remaining * seconds_per_step * PADDING
        self._end = end if self._end is None else min(self._end, end)
        return self._end - now if self._end > now else None


def in_words(seconds: float | None) -> str:
    """Return ``about 40 s left``, no finer than the guess deserves; nothing for None."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 5) * 5} s left"
    return f"about {round(seconds / 60)} min left"
