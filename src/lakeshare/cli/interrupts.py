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


class Interrupts:
    """
    Turns SIGINT and SIGTERM into a request to stop, while the context lasts.

    Until ``is_graceful`` is set nothing is being changed, so the first signal ends the command there and then.
    """

    def __init__(self) -> None:
        self.stop = StopSignal()
        self.is_graceful = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        if self.stop.is_requested and isinstance(error, LakeshareError):
            # Whatever waits gives up when a stop is requested; the interruption is what ended this.
            raise KeyboardInterrupt from error

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_requested:
            os._exit(130)
        self.stop.request()
        if not self.is_graceful:
            raise KeyboardInterrupt
        # Not sys.stderr: the signal may have come in the middle of a write to it.
        os.write(2, _SAID)
