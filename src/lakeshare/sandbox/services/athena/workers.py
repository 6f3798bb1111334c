"""
The threads that queries run on: a few, each with an engine of its own.

They are daemons, unlike an executor's: a program that ends does not wait for a query that nobody will read. When the
workers are given up, their queries are stopped.
"""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from lakeshare.sandbox.services.athena.engine import Engine, Result, Work
from lakeshare.sandbox.services.athena.failures import QueryFailure

_BETWEEN_INTERRUPTS = 0.01
_PATIENCE_AT_EXIT = 5.0
"""Both in seconds."""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Run:
    """
    One execution of one piece of work, on some worker.

    ``future`` holds its result, or None when it was stopped, or the QueryFailure that it ended in.
    """

    work: Work
    future: Future[Result | None] = field(default_factory=Future)
    has_begun: bool = False
    _running: Engine | None = None
    _is_cancelled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, engine: Engine) -> None:
        """Run on *engine*, unless it was stopped before."""
        with self._lock:
            if self._is_cancelled:
                self.future.set_result(None)
                return
            self._running, self.has_begun = engine, True
        result: Result | None = None
        error: BaseException | None = None
        try:
            result = engine.answer(self.work)
        except QueryFailure as failure:
            # It outlives the engine, which its traceback would keep.
            error = QueryFailure(failure.reason, failure.error_type, failure.category)
        except BaseException as broken:  # noqa: BLE001 - told to whoever asks the future
            error = broken
        with self._lock:
            self._running = None
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)

    def cancel(self) -> None:
        """Stop it, soon; may be called from another thread, before or while it runs."""
        with self._lock:
            self._is_cancelled = True
            if self._running is not None:
                threading.Thread(target=self._interrupt, name="athena-stop", daemon=True).start()

    def _interrupt(self) -> None:
        # DuckDB forgets an interrupt that comes between two statements, so it is said until it is heard.
        while True:
            with self._lock:
                if self._running is None:
                    return
                self._running.interrupt()
            time.sleep(_BETWEEN_INTERRUPTS)


_Jobs: TypeAlias = "SimpleQueue[Run | None]"


class Workers:
    """So many threads, which can read *folder*; given up when nothing refers to them any more."""

    def __init__(self, folder: Path, count: int) -> None:
        self._jobs: _Jobs = SimpleQueue()
        self._runs: weakref.WeakSet[Run] = weakref.WeakSet()
        for number in range(count):
            thread = threading.Thread(target=_serve, args=(self._jobs, folder), name=f"athena-{number}", daemon=True)
            _THREADS.add(thread)
            thread.start()
        self._count = count
        weakref.finalize(self, _give_up, self._jobs, self._runs, count).atexit = False
        _EVERY.add(self)

    def submit(self, run: Run) -> None:
        """Let the next free thread take *run* up."""
        self._runs.add(run)
        self._jobs.put(run)

    def give_up(self) -> None:
        """Stop what runs and let the threads end."""
        _give_up(self._jobs, self._runs, self._count)


_EVERY: weakref.WeakSet[Workers] = weakref.WeakSet()
_THREADS: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


@atexit.register
def _end_every_thread() -> None:
    # A thread inside DuckDB when the interpreter goes aborts the whole program, and an open engine makes DuckDB's
    # binding complain of leaks; so the ends of the threads are awaited, which stopping their queries makes short.
    for workers in list(_EVERY):
        workers.give_up()
    deadline = time.monotonic() + _PATIENCE_AT_EXIT
    for thread in list(_THREADS):
        thread.join(max(0.0, deadline - time.monotonic()))


def _serve(jobs: _Jobs, folder: Path) -> None:
    engine = Engine(folder)
    while (run := jobs.get()) is not None:
        run.on(engine)
        del run
    engine.close()


def _give_up(jobs: _Jobs, runs: weakref.WeakSet[Run], count: int) -> None:
    for run in list(runs):
        run.cancel()
    for _ in range(count):
        jobs.put(None)
