from __future__ import annotations

from collections.abc import Callable

import pytest

from lakeshare.engine.events import Event, Waiting
from lakeshare.engine.stop import StopSignal
from lakeshare.engine.wait import NotYet, wait_for
from lakeshare.errors import CallError, WaitError
from tests.fakes.clock import FakeClock


def true_on_look(number: int) -> Callable[[], str | NotYet]:
    looks = 0

    def probe() -> str | NotYet:
        nonlocal looks
        looks += 1
        return "there" if looks == number else NotYet(f"look {looks}")

    return probe


def test_true_at_once_sleeps_never():
    """A condition that holds at the first look costs no time."""
    clock = FakeClock()

    assert wait_for("the share is there", true_on_look(1), deadline_seconds=10, clock=clock) == "there"
    assert clock.sleeps == []


def test_pauses_grow_up_to_the_longest():
    """The pauses between looks grow from the first to the longest, and jitter only shortens them."""
    clock = FakeClock()

    wait_for("c", true_on_look(12), deadline_seconds=100, clock=clock, jitter=lambda: 0.0)

    assert clock.sleeps[0] == 0.2
    assert clock.sleeps == sorted(clock.sleeps)
    assert clock.sleeps[-1] == 5.0


def test_jitter_cuts_a_pause_by_half_at_most():
    """With the largest jitter a pause is half of what it would be."""
    clock = FakeClock()

    wait_for("c", true_on_look(2), deadline_seconds=100, clock=clock, jitter=lambda: 1.0)

    assert clock.sleeps == [0.1]


def test_deadline_says_what_and_how_long_and_what_was_seen():
    """When the condition does not come true the error names it, the time waited, and what was seen last."""
    clock = FakeClock()

    with pytest.raises(WaitError) as caught:
        wait_for("the share is active", lambda: NotYet("status PENDING"), deadline_seconds=7, clock=clock)

    assert caught.value.condition == "the share is active"
    assert caught.value.waited_seconds == pytest.approx(7)
    assert caught.value.last_seen == "status PENDING"
    assert caught.value.message == "the share is active: not true after 7.0 s; last seen: status PENDING"


def test_last_look_is_at_the_deadline():
    """The last pause is cut so that the last look is at the deadline, not after it."""
    clock = FakeClock()
    looked_at = []

    def probe() -> NotYet:
        looked_at.append(clock.monotonic())
        return NotYet("nothing")

    with pytest.raises(WaitError):
        wait_for("c", probe, deadline_seconds=3, clock=clock)

    assert looked_at[-1] == pytest.approx(3)


def test_listener_hears_of_each_wait():
    """Each look that fails is told, with the time waited so far."""
    clock = FakeClock()
    events: list[Event] = []

    wait_for("c", true_on_look(3), deadline_seconds=9, clock=clock, listener=events.append, jitter=lambda: 0.0)

    assert events == [Waiting("c", 0.0), Waiting("c", 0.2)]


def test_stop_ends_the_wait():
    """A stop ends the wait with an error that says it was interrupted."""
    clock = FakeClock()
    stop = StopSignal()

    def probe() -> NotYet:
        stop.request()
        return NotYet("nothing")

    with pytest.raises(WaitError, match=r"c: interrupted after 0\.0 s; last seen: nothing"):
        wait_for("c", probe, deadline_seconds=9, clock=clock, stop=stop)


def test_probe_errors_go_through():
    """What the probe raises is not taken for a condition that is not yet true."""

    def probe() -> NotYet:
        raise CallError("denied")

    with pytest.raises(CallError, match="denied"):
        wait_for("c", probe, deadline_seconds=9, clock=FakeClock())
