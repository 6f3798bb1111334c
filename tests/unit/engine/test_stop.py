from __future__ import annotations

import os
import signal
import threading

import pytest

from lakeshare.engine.stop import StopSignal, pause, regardless_of_stop
from tests.fakes.clock import FakeClock


class StoppingClock(FakeClock):
    """Requests the stop once *after* seconds have been slept."""

    def __init__(self, stop: StopSignal, after: float) -> None:
        super().__init__()
        self._stop = stop
        self._after = after

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.monotonic() >= self._after:
            self._stop.request()


def test_pause_lasts_as_long_as_asked():
    """Without a stop a pause lasts exactly as long as asked."""
    clock = FakeClock()

    assert pause(1.1, clock, StopSignal())
    assert clock.monotonic() == pytest.approx(1.1)


def test_pause_without_anyone_to_stop_it_is_one_sleep():
    """Without a signal there is nothing to look at in between."""
    clock = FakeClock()

    assert pause(30, clock)
    assert clock.sleeps == [30]


def test_stop_is_noticed_soon():
    """A pause of half a minute ends within a quarter of a second of the stop."""
    stop = StopSignal()
    clock = StoppingClock(stop, after=2)

    assert not pause(30, clock, stop)
    assert clock.monotonic() <= 2.25


def test_stop_may_come_from_a_signal_handler():
    """A signal handler in the main thread may request the stop."""
    stop = StopSignal()
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.request())
    try:
        os.kill(os.getpid(), signal.SIGUSR1)

        assert not pause(10, FakeClock(), stop)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_must_be_put_right_goes_on_regardless():
    """Within the context this thread waits as if nobody had asked for a stop; others, and it afterwards, do not."""
    stop = StopSignal()
    stop.request()
    seen: list[bool] = []

    with regardless_of_stop():
        lasted = pause(1, FakeClock(), stop)
        other = threading.Thread(target=lambda: seen.append(stop.is_requested))
        other.start()
        other.join()

    assert lasted
    assert seen == [True]
    assert stop.is_requested
