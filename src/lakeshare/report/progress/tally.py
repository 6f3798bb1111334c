"""What the events of a run add up to. Pure: time is handed in."""

from __future__ import annotations

from typing import Final

from lakeshare.engine.events import Event, Finished, Interrupted, RunStarted, Throttled, Waiting
from lakeshare.errors import KeptError
from lakeshare.report.progress.time_left import TimeLeft, in_words

RECENT_SECONDS: Final = 6.0
"""How long a wait or a throttle is worth telling after it was last heard of."""


class Tally:
    """Counts of one run: *total* steps, how many are over and how, and what holds things up at the moment."""

    def __init__(self) -> None:
        self.total = self.done = self.failed = self.skipped = 0
        self._left = TimeLeft(0, 0.0)
        self._waiting: tuple[float, Waiting] | None = None
        self._throttled: tuple[float, Throttled] | None = None
        self._is_stopping = False

    @property
    def over(self) -> int:
        """How many steps need nothing more."""
        return self.done + self.failed + self.skipped

    @property
    def is_running(self) -> bool:
        """Whether a run has begun and has something left to do."""
        return self.over < self.total

    def hear(self, event: Event, now: float) -> None:
        """Take *event* in; *now* is in seconds, of any clock that never runs backwards."""
        match event:
            case RunStarted(total=total):
                self.total, self.done, self.failed, self.skipped = total, 0, 0, 0
                self._left = TimeLeft(total, now)
            case Finished(error=KeptError()):
                # Left in place on purpose: no failure, whatever the engine made of it for the sake of what rests on it.
                self.skipped += 1
                self._left.finished(now)
            case Finished(status=status):
                self.done += status == "done"
                self.failed += status == "failed"
                self.skipped += status == "skipped"
                self._left.finished(now)
            case Waiting():
                self._waiting = now, event
            case Throttled():
                self._throttled = now, event
            case Interrupted():
                self._is_stopping = True
            case _:
                pass

    def counts(self) -> str:
        """Return ``120 of 247, 2 failed``."""
        parts = [f"{self.over} of {self.total}"]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.skipped} left out"] if self.skipped else []
        return ", ".join(parts)

    def left(self, now: float) -> str:
        """Return the time left in words; nothing when it is not known."""
        return "stopping" if self._is_stopping else in_words(self._left.seconds(now))

    def note(self, now: float) -> str:
        """Say what holds things up; nothing when nothing does."""
        parts = []
        if self._waiting and now - self._waiting[0] < RECENT_SECONDS:
            waiting = self._waiting[1]
            parts.append(f"waiting for {waiting.condition} ({waiting.seconds:.0f} s)")
        if self._throttled and now - self._throttled[0] < RECENT_SECONDS:
            throttled = self._throttled[1]
            parts.append(f"AWS slows us down: {throttled.service}:{throttled.operation} in {throttled.account}")
        return "; ".join(parts)
