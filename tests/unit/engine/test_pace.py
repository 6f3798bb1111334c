from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lakeshare.engine.events import Event, Throttled
from lakeshare.engine.limits import Rate
from lakeshare.engine.pace import Pace
from lakeshare.engine.retry import Backoff, RetryBudget
from lakeshare.engine.stop import StopSignal
from tests.fakes.clock import FakeClock

WHERE = ("111111111111", "ap-southeast-2", "lakeformation", "grant_permissions")


@dataclass(frozen=True, slots=True)
class FakeVerdict:
    is_throttle: bool = False
    is_transient: bool = True
    was_answered: bool = True
    patience_seconds: float | None = None


class RefusedError(Exception):
    """Says itself what it means."""

    def __init__(self, verdict: FakeVerdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


def sort(error: Exception) -> FakeVerdict:
    assert isinstance(error, RefusedError)
    return error.verdict


def refusing(times: int, verdict: FakeVerdict) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def send() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise RefusedError(verdict)
        return "answer"

    return send, calls


def make_pace(clock: FakeClock, **options: object) -> Pace:
    return Pace(lambda *_: Rate(1000, 1000), clock=clock, jitter=lambda: 1.0, **options)  # type: ignore[arg-type]


def test_transient_failures_are_repeated():
    """A call that fails for a moment is sent again after pauses that double."""
    clock = FakeClock()
    send, calls = refusing(3, FakeVerdict())

    assert make_pace(clock).run(*WHERE, send, sort) == "answer"
    assert len(calls) == 4
    assert clock.sleeps == [0.5, 1.0, 2.0]


def test_what_is_not_transient_is_told_at_once():
    """A call that is wrong is sent once."""
    send, calls = refusing(1, FakeVerdict(is_transient=False))

    with pytest.raises(RefusedError):
        make_pace(FakeClock()).run(*WHERE, send, sort)

    assert len(calls) == 1


def test_attempts_are_limited():
    """Without a known patience the number of attempts decides."""
    send, calls = refusing(99, FakeVerdict())

    with pytest.raises(RefusedError):
        make_pace(FakeClock(), backoff=Backoff(attempts=4)).run(*WHERE, send, sort)

    assert len(calls) == 4


def test_patience_decides_where_it_is_known():
    """What AWS needs two minutes for is repeated for two minutes, however many attempts that takes, and no longer."""
    clock = FakeClock()
    send, calls = refusing(99, FakeVerdict(patience_seconds=120))

    with pytest.raises(RefusedError):
        make_pace(clock, backoff=Backoff(attempts=2)).run(*WHERE, send, sort)

    assert len(calls) > 2
    assert 60 < clock.monotonic() <= 120


def test_run_has_a_budget_of_repeats():
    """When the run's repeats are spent the next failure is final."""
    pace = make_pace(FakeClock(), budget=RetryBudget(3))
    first, _ = refusing(3, FakeVerdict())
    second, second_calls = refusing(1, FakeVerdict())
    pace.run(*WHERE, first, sort)

    with pytest.raises(RefusedError):
        pace.run(*WHERE, second, sort)

    assert len(second_calls) == 1


def test_throttle_is_told_and_slows_down():
    """A throttle is told, and the call goes again when the limits let it, without a pause of its own."""
    clock = FakeClock()
    events: list[Event] = []
    pace = Pace(lambda *_: Rate(10, 1), clock=clock, listener=events.append, jitter=lambda: 1.0)
    send, _ = refusing(1, FakeVerdict(is_throttle=True))

    pace.run(*WHERE, send, sort)

    assert events == [Throttled("111111111111", "lakeformation", "grant_permissions", 0.0)]
    assert 0.01 < clock.monotonic() < 0.5


def test_endless_throttles_pause_longer_and_longer_for_a_minute():
    """A call that is throttled again and again backs off, and is given up after a minute."""
    clock = FakeClock()
    send, calls = refusing(10_000, FakeVerdict(is_throttle=True))

    with pytest.raises(RefusedError):
        make_pace(clock, backoff=Backoff(cap_seconds=4)).run(*WHERE, send, sort)

    assert 9 <= len(calls) < 40
    assert 50 < clock.monotonic() < 120


def test_a_spent_budget_says_so():
    """The failure that is final because the run has no repeats left carries a note with the way out."""
    send, _ = refusing(1, FakeVerdict())

    with pytest.raises(RefusedError) as caught:
        make_pace(FakeClock(), budget=RetryBudget(0)).run(*WHERE, send, sort)

    assert "budget of repeats (0)" in caught.value.__notes__[0]
    assert "limits: {retries: {budget: ...}}" in caught.value.__notes__[0]


def test_stop_ends_the_repeats():
    """Once a stop is requested a failing call ends with its failure instead of pausing."""
    clock = FakeClock()
    stop = StopSignal()
    stop.request()
    send, calls = refusing(99, FakeVerdict())

    with pytest.raises(RefusedError):
        make_pace(clock, stop=stop).run(*WHERE, send, sort)

    assert len(calls) == 1
    assert clock.sleeps == []
