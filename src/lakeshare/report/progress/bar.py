"""Shows a tally on a terminal, as a bar that moves. Imported only there: rich takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

from lakeshare.engine.events import Event, Finished, RunStarted
from lakeshare.report.progress.tally import Tally
from lakeshare.report.text.page import Page


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
