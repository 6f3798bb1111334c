"""Shows a tally: as a line every few seconds; on a terminal as a bar that moves, see ``bar``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from lakeshare.engine.events import Event, RunStarted
from lakeshare.report.progress.tally import Tally
from lakeshare.report.text.page import Page

EVERY_SECONDS: Final = 5.0


class Progress(Protocol):
    """Something that shows how a run gets on. It is a listener: safe to call from many threads."""

    def __call__(self, event: Event) -> None:
        """Take *event* in and show what changed."""

    def look(self, what: str) -> None:
        """Say that *what* is being done, of which no counts are known."""

    def hush(self) -> None:
        """Leave the stream to others, until the next event."""


def progress_on(page: Page) -> Progress:
    """Return the progress that suits *page*."""
    if not page.is_live:
        return LineProgress(page)
    from lakeshare.report.progress.bar import BarProgress

    return BarProgress(page)


class LineProgress:
    """Writes a line when a run begins and then every few seconds, as long as there is something to tell."""

    def __init__(self, page: Page, clock: Callable[[], float] = time.monotonic) -> None:
        self._page, self._clock = page, clock
        self._tally = Tally()
        self._lock = threading.Lock()
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        """Take *event* in and show what changed."""
        with self._lock:
            now = self._clock()
            self._tally.hear(event, now)
            if isinstance(event, RunStarted):
                self._last = now
            elif self._tally.is_running and now - self._last >= EVERY_SECONDS:
                self._last = now
                told = [self._tally.counts(), self._tally.left(now), self._tally.note(now)]
                self._page.line("; ".join(filter(None, told)))

    def look(self, what: str) -> None:
        """Say nothing: a log has no use for it."""

    def hush(self) -> None:
        """Do nothing: a line that is written is written."""
