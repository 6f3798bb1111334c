from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from lakeshare.engine.events import Event, Finished, Interrupted, RunStarted, Started
from lakeshare.engine.execute import INTERRUPTED, Done, Failed, Lane, Skipped, StopSignal, execute
from lakeshare.engine.graph import CycleError
from lakeshare.errors import CallError, LakeshareError
from tests.fakes.clock import FakeClock


@dataclass(frozen=True, slots=True)
class FakeWork:
    address: str
    depends_on: tuple[str, ...] = ()
    lane: Lane = field(default=Lane("any"))


Perform = Callable[[Sequence[FakeWork]], Mapping[str, Done[Any] | Failed]]


def do_all(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
    return {work.address: Done(work.address.upper()) for work in batch}


def failing(*addresses: str) -> Perform:
    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        return {
            work.address: Failed(LakeshareError("no")) if work.address in addresses else Done(None) for work in batch
        }

    return perform


def run(works: Sequence[FakeWork], perform: Perform = do_all, **options: Any) -> dict[str, Any]:
    return dict(execute(works, perform=perform, lane_of=lambda work: work.lane, **options))


def test_outcomes_are_in_the_order_given():
    """Each work's outcome is found under its address, in the order in which the works were given."""
    outcomes = run([FakeWork("b", ("a",)), FakeWork("a")])

    assert list(outcomes.items()) == [("b", Done("B")), ("a", Done("A"))]


def test_nothing_to_do():
    """No works, no outcomes."""
    assert run([]) == {}


def test_needs_outside_the_run_are_met():
    """An address that is no part of the run holds nothing up."""
    assert run([FakeWork("a", ("elsewhere",))]) == {"a": Done("A")}


def test_failure_stops_what_depends_on_it_and_nothing_else():
    """What depends on a failed work is skipped, at any distance, because of the root cause; the rest is done."""
    works = [FakeWork("a"), FakeWork("b", ("a",)), FakeWork("c", ("b",)), FakeWork("d"), FakeWork("e", ("d",))]

    outcomes = run(works, failing("a"))

    assert isinstance(outcomes["a"], Failed)
    assert outcomes["b"] == outcomes["c"] == Skipped("a")
    assert outcomes["d"] == outcomes["e"] == Done(None)


def test_our_error_fails_the_batch_as_it_is():
    """A LakeshareError out of perform is the error of every work of the batch."""
    error = CallError("denied", aws_code="AccessDenied")
    lane = Lane("pair", size=2)

    def perform(_batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        raise error

    outcomes = run([FakeWork("a", lane=lane), FakeWork("b", lane=lane)], perform)

    assert outcomes["a"].error is error
    assert outcomes["b"].error is error


def test_foreign_error_is_wrapped_with_the_address():
    """Any other exception fails the work with an error that names the address and keeps the cause."""

    def perform(_batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        raise OSError("disk full")

    outcomes = run([FakeWork("a")], perform)

    assert outcomes["a"].error.address == "a"
    assert "disk full" in outcomes["a"].error.message
    assert isinstance(outcomes["a"].error.__cause__, OSError)


def test_programming_error_is_raised_when_the_rest_is_done():
    """A bug in perform comes out of execute, but only after everything else was performed."""
    performed: list[str] = []

    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        performed.extend(work.address for work in batch)
        if batch[0].address == "a":
            raise TypeError("a bug")
        return do_all(batch)

    with pytest.raises(TypeError, match="a bug"):
        run([FakeWork("a"), FakeWork("b", ("c",)), FakeWork("c")], perform)

    assert sorted(performed) == ["a", "b", "c"]


def test_missing_answer_is_a_bug():
    """A perform that does not answer for a work of its batch is a programming error, not a success."""
    with pytest.raises(KeyError, match="a"):
        run([FakeWork("a")], lambda _batch: {})


def test_cycle_is_refused():
    """Works that need each other are refused before anything is performed."""
    with pytest.raises(CycleError):
        run([FakeWork("a", ("b",)), FakeWork("b", ("a",))], lambda _batch: pytest.fail("performed"))


def test_two_works_of_one_address_are_refused():
    """Two works cannot have the same address."""
    with pytest.raises(ValueError, match="same address"):
        run([FakeWork("a"), FakeWork("a")])


def test_stop_lets_what_flies_land():
    """After a stop what flies is finished, nothing new starts, and the rest is skipped as interrupted."""
    stop = StopSignal()
    events: list[Event] = []

    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        stop.request()
        return do_all(batch)

    outcomes = run(
        [FakeWork("a"), FakeWork("b", ("a",)), FakeWork("c", ("b",))], perform, stop=stop, listener=events.append
    )

    assert outcomes == {"a": Done("A"), "b": Skipped(INTERRUPTED), "c": Skipped(INTERRUPTED)}
    assert Interrupted(2) in events


def test_stop_before_the_start():
    """A stop that was requested before the run starts nothing at all."""
    stop = StopSignal()
    stop.request()

    assert run([FakeWork("a")], lambda _batch: pytest.fail("performed"), stop=stop) == {"a": Skipped(INTERRUPTED)}


def test_independent_works_fly_together():
    """Works that do not depend on each other are performed at the same time, up to the number of workers."""
    meeting = threading.Barrier(3, timeout=10)

    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        meeting.wait()
        return do_all(batch)

    outcomes = run([FakeWork("a"), FakeWork("b"), FakeWork("c")], perform, workers=3)

    assert all(isinstance(outcome, Done) for outcome in outcomes.values())


def test_listener_hears_the_story():
    """The listener hears the size of the run, each start, and each end with its status and time."""
    clock = FakeClock()
    events: list[Event] = []

    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        clock.sleep(2)
        return dict(failing("a")(batch))

    run([FakeWork("a"), FakeWork("b", ("a",))], perform, clock=clock, listener=events.append)

    started, start, failed, skipped = events
    assert started == RunStarted(2)
    assert start == Started(("a",))
    assert isinstance(failed, Finished)
    assert (failed.address, failed.status, failed.seconds) == ("a", "failed", 2)
    assert failed.error is not None
    assert skipped == Finished("b", "skipped", None, 0.0)


def test_large_run_is_scheduled_quickly():
    """Ten thousand grants behind a thousand links, in batches of twenty, cost the scheduler well under ten seconds."""
    links = [FakeWork(f"link{at}", lane=Lane(("link", at))) for at in range(1000)]
    lane = Lane("grants", size=20)
    grants = [FakeWork(f"grant{at}", (f"link{at % 1000}",), lane) for at in range(10_000)]
    sizes: list[int] = []

    def perform(batch: Sequence[FakeWork]) -> dict[str, Done[Any] | Failed]:
        if batch[0].lane is lane:
            sizes.append(len(batch))
        return do_all(batch)

    began = time.process_time()  # what others do on the machine does not count
    run([*grants, *links], perform)

    assert time.process_time() - began < 10
    assert len(sizes) == 500
