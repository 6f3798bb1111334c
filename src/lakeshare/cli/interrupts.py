"""What Ctrl-C means: once, finish what flies and save; twice, leave."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from lakeshare.engine.stop import StopSignal
from lakeshare.errors import LakeshareError

_SAID = b"\nstopping: what has been sent is finished and written down (Ctrl-C again leaves at once)\n"
_LEFT = b"\nleft at once; what was under way is in the ledger; safe to run again\n"
_NUDGE = signal.SIGURG
"""Ignored unless somebody handles it, so one that comes late is harmless."""

_BETWEEN_NUDGES_SECONDS = 0.25


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal whose coming is all that matters."""


class Interrupts:
    """
    Turns SIGINT and SIGTERM into a request to stop, while the context lasts.

    Until ``is_graceful`` is set nothing is being changed, so the first signal ends the command there and then.
    *last_word* is written to stdout when a second signal leaves no time for an answer.
    """

    def __init__(self, last_word: str = "") -> None:
        self._last_word = last_word.encode()
        self.stop = StopSignal()
        self.is_graceful = False
        self._before: dict[int, Any] = {}
        self._over = threading.Event()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before[_NUDGE] = signal.signal(_NUDGE, _nothing)
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._on_signal)
            threading.Thread(target=self._nudge, args=(threading.get_ident(),), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        for number, before in self._before.items():
            signal.signal(number, before)
        if self.stop.is_requested and isinstance(error, LakeshareError):
            # Whatever waits gives up when a stop is requested; the interruption is what ended this.
            raise KeyboardInterrupt from error

    def _nudge(self, main: int) -> None:
        """
        Keep the main thread's blocking calls short.

        A signal that comes just before a call blocks does not interrupt it, and Python's handler would wait until the
        call is over: an answer from the network, a line from the keyboard. Another signal, which means nothing,
        interrupts the call, and then every handler that waits is run.
        """
        while not self._over.wait(_BETWEEN_NUDGES_SECONDS):
            signal.pthread_kill(main, _NUDGE)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_requested:
            os.write(1, self._last_word)
            os.write(2, _LEFT)
            os._exit(130)
        self.stop.request()
        if not self.is_graceful:
            raise KeyboardInterrupt
        # Not sys.stderr: the signal may have come in the middle of a write to it.
        os.write(2, _SAID)
