"""How a run is asked to end early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lakeshare.engine.clock import Clock

_SLICE_SECONDS = 0.25
_IS_HEEDED: ContextVar[bool] = ContextVar("lakeshare_stop_is_heeded", default=True)


class StopSignal:
    """
    A request to stop: what flies is finished, nothing new starts.

    Requesting is one attribute write on purpose. A lock (``threading.Event`` has one) could be held by the very
    thread that a signal handler interrupts, and the handler would wait for it for ever.
    """

    __slots__ = ("_is_requested",)

    def __init__(self) -> None:
        self._is_requested = False

    def request(self) -> None:
        """Ask for the stop. Safe from any thread and from a signal handler; asking again changes nothing."""
        self._is_requested = True

    @property
    def is_requested(self) -> bool:
        """Whether the stop has been asked for; to whoever works `regardless_of_stop` it has not."""
        return self._is_requested and _IS_HEEDED.get()


@contextmanager
def regardless_of_stop() -> Iterator[None]:
    """
    Let this thread send, wait and repeat as if no stop were requested: for what must be put right before the end.

    It lasts as long as the context, and holds for no other thread.
    """
    before = _IS_HEEDED.set(False)
    try:
        yield
    finally:
        _IS_HEEDED.reset(before)


def pause(seconds: float, clock: Clock, stop: StopSignal | None = None) -> bool:
    """
    Sleep for *seconds* and return True, or return False soon after a stop is requested.

    A stop is noticed within a quarter of a second: the sleep is cut into slices, since nothing may wake a sleeper
    from a signal handler without taking a lock.
    """
    if stop is None:
        clock.sleep(max(seconds, 0.0))
        return True
    while not stop.is_requested:
        if seconds <= 0:
            return True
        slice_seconds = min(seconds, _SLICE_SECONDS)
        clock.sleep(slice_seconds)
        seconds -= slice_seconds
    return False
