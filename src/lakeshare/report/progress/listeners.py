"""Shows a tally: as a bar that moves on a terminal, as a line every few seconds anywhere else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

from lakeshare.engine.events import Event, Finished, RunStarted
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
    return BarProgress(page) if page.is_live else LineProgress(page)


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


class BarProgress:
    """A bar with counts and the time left, and what is being waited for; nothing of it stays on the terminal."""

    def __init__(self, page: Page, clock: Callable[[], float] = time.monotonic) -> None:
        self._page, self._clock = page, clock
        self._tally = Tally()
        self._lock = threading.Lock()
        self._shown: RichProgress | None = None
        self._task = TaskID(0)

    def __call__(self, event: Event) -> None:
        """Take *event* in and show what changed."""
        with self._lock:
            now = self._clock()
            self._tally.hear(event, now)
            if isinstance(event, RunStarted):
                self._begin(self._bar())
            if self._shown and self._tally.is_running:
                self._shown.update(
                    self._task,
                    total=self._tally.total,
                    completed=self._tally.over,
                    counts=self._tally.counts(),
                    left=self._tally.left(now),
                    note=self._tally.note(now),
                )
            if not self._tally.is_running and isinstance(event, Finished):
                self._end()

    def look(self, what: str) -> None:
        """Show a spinner with *what* beside it."""
        with self._lock:
            if self._shown and not self._tally.is_running:
                self._shown.update(self._task, note=what)
                return
            columns = SpinnerColumn("line"), TextColumn("{task.fields[note]}")
            self._begin(RichProgress(*columns, console=self._page.console, transient=True), note=what)

    def hush(self) -> None:
        """Take it off the terminal."""
        with self._lock:
            self._end()

    def _bar(self) -> RichProgress:
        return RichProgress(
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counts]}"),
            TextColumn("{task.fields[left]}", style="bold"),
            TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
            console=self._page.console,
            transient=True,
            expand=True,
        )

    def _begin(self, shown: RichProgress, note: str = "") -> None:
        self._end()
        self._shown = shown
        self._task = shown.add_task("", total=None, counts="", left="", note=note)
        shown.start()

    def _end(self) -> None:
        if self._shown:
            self._shown.stop()
            self._shown = None
