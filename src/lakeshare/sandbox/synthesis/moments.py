"""Time inside the synthesis: milliseconds since the epoch, so that durations add up exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
INTERVAL = 30 * MINUTE
"""The length of the intervals over which Connect adds up an agent's time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(milliseconds: int | None) -> datetime | None:
    """Return the point in time, in UTC; None stays None, for what never took place."""
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)


def midnight(day: date) -> int:
    """Return the first millisecond of *day*, in UTC."""
    return (day - _EPOCH.date()).days * DAY


def overlap(start: int, end: int, other_start: int, other_end: int) -> int:
    """Return for how long two spans share the clock; 0 when they do not."""
    return max(0, min(end, other_end) - max(start, other_start))


def intervals(start: int, end: int, length: int = INTERVAL) -> range:
    """Return the starts of the intervals, aligned to the clock, that the span touches."""
    return range(start - start % length, end, length)
