"""What holds for every run, whatever its graph, lanes, conflicts and failures."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshare.engine.batches import Batches
from lakeshare.engine.execute import INTERRUPTED, Done, Failed, Lane, Skipped, StopSignal, execute
from lakeshare.engine.graph import ordered
from lakeshare.errors import LakeshareError

LANES = (
    Lane("one"),
    Lane("pairs", size=2),
    Lane("triples", size=3, in_flight=2),
    Lane("many", size=20),
    Lane("single file", size=2, in_flight=1),
)
CONFLICTS = ("settings", "role", "table")


@dataclass(frozen=True, slots=True)
class Job:
    address: str
    depends_on: tuple[str, ...]
    lane: Lane
    conflicts: frozenset[str]
    fails: bool


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    count = draw(st.integers(0, 24))
    made = []
    for number in range(count):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        made.append(
            Job(
                address=f"job{number}",
                depends_on=(*(f"job{need}" for need in sorted(needs)), "elsewhere"),
                lane=draw(st.sampled_from(LANES)),
                conflicts=frozenset(draw(st.sets(st.sampled_from(CONFLICTS), max_size=2))),
                fails=draw(st.integers(0, 9)) == 0,
            )
        )
    return draw(st.permutations(made))


@dataclass
class RecordingPerform:
    """Performs jobs and complains at once when it is asked for something that may not be."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    flying: list[Sequence[Job]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    stop: StopSignal = field(default_factory=StopSignal)
    stop_after: int | None = None

    def __call__(self, batch: Sequence[Job]) -> dict[str, Done[Any] | Failed]:
        with self.lock:
            assert not self.stop.is_requested or self.stop_after is None, "nothing starts after a stop"
            self.check(batch)
            self.flying.append(batch)
            self.asked.extend(job.address for job in batch)
        with self.lock:
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                self.stop.request()
            self.done.update(job.address for job in batch if not job.fails)
            self.flying.remove(batch)
        return {job.address: Failed(LakeshareError("no")) if job.fails else Done(job.address) for job in batch}

    def check(self, batch: Sequence[Job]) -> None:
        lane = batch[0].lane
        assert 0 < len(batch) <= lane.size
        assert all(job.lane is lane for job in batch)
        assert sum(other[0].lane is lane for other in self.flying) < lane.in_flight
        for job in batch:
            assert self.done.issuperset(set(job.depends_on) - {"elsewhere"})
            assert job.address not in self.asked
            assert all(job.conflicts.isdisjoint(flying.conflicts) for other in self.flying for flying in other)


def run(works: Sequence[Job], perform: RecordingPerform, workers: int = 4) -> dict[str, Any]:
    return dict(
        execute(
            works,
            perform=perform,
            lane_of=lambda job: job.lane,
            conflicts_of=lambda job: job.conflicts,
            workers=workers,
            stop=perform.stop,
        )
    )


def ancestors(works: Sequence[Job]) -> dict[str, set[str]]:
    by_address = {job.address: job for job in works}
    found: dict[str, set[str]] = {}
    for address in ordered({job.address: job.depends_on for job in works}):
        needs = [need for need in by_address[address].depends_on if need in by_address]
        found[address] = set(needs).union(*(found[need] for need in needs))
    return found


@given(jobs(), st.integers(1, 6))
@settings(max_examples=150)
def test_every_run_keeps_order_batches_and_conflicts(works: list[Job], workers: int):
    """Order, lanes, conflicts and 'at most once' hold, and a failure stops exactly its descendants."""
    perform = RecordingPerform()

    outcomes = run(works, perform, workers)

    above = ancestors(works)
    assert list(outcomes) == [job.address for job in works]
    for job in works:
        outcome = outcomes[job.address]
        causes = {other.address for other in works if other.fails and other.address in above[job.address]}
        started = {cause for cause in causes if isinstance(outcomes[cause], Failed)}
        if started:
            assert isinstance(outcome, Skipped)
            assert outcome.because in started
            assert job.address not in perform.asked
        else:
            assert isinstance(outcome, Failed if job.fails else Done)
            assert perform.asked.count(job.address) == 1


@given(jobs(), st.integers(1, 10))
@settings(max_examples=60)
def test_a_stop_starts_nothing_new_and_loses_nothing(works: list[Job], stop_after: int):
    """After a stop each work is either performed with its real outcome, or skipped and never begun."""
    perform = RecordingPerform(stop_after=stop_after)

    outcomes = run(works, perform, workers=1)

    assert set(outcomes) == {job.address for job in works}
    for job in works:
        was_asked = job.address in perform.asked
        assert was_asked == (not isinstance(outcomes[job.address], Skipped))
    interrupted = [address for address, outcome in outcomes.items() if outcome == Skipped(INTERRUPTED)]
    assert not interrupted or perform.stop.is_requested


class Sky:
    """The oracle: what flies, what is over and what may start, worked out from scratch each time."""

    def __init__(self, works: Sequence[Job]) -> None:
        order = ordered({job.address: job.depends_on for job in works})
        number = {address: at for at, address in enumerate(order)}
        self.jobs = sorted(works, key=lambda job: number[job.address])
        self.needs = [sorted(number[need] for need in job.depends_on if need in number) for job in self.jobs]
        self.above = {number[address]: {number[need] for need in needs} for address, needs in ancestors(works).items()}
        self.flying: list[list[int]] = []
        self.over: set[int] = set()
        self.unstarted = set(number.values())

    def started(self, batch: list[int]) -> None:
        lane = self.jobs[batch[0]].lane
        _free, kept, waiting = self.startable(lane)
        in_the_air = {work for other in self.flying for work in other}
        if len(batch) < lane.size:
            assert not kept
            assert not any(self.above[work] - self.over <= in_the_air for work in waiting), "left too early"
        self.flying.append(batch)
        self.unstarted -= set(batch)

    def stands_still_for_a_reason(self, lane: Lane) -> bool:
        free, kept, waiting = self.startable(lane)
        has_room = sum(self.jobs[batch[0]].lane is lane for batch in self.flying) < lane.in_flight
        mine = free | kept | waiting
        return not (free and has_room) or bool(kept) or any(not self.above[work] & mine for work in waiting)

    def startable(self, lane: Lane) -> tuple[set[int], set[int], set[int]]:
        """The lane's unstarted works: free, kept by a conflict with what flies, waiting for others."""
        mine = {work for work in self.unstarted if self.jobs[work].lane is lane}
        ready = {work for work in mine if self.above[work] <= self.over}
        held = {conflict for batch in self.flying for work in batch for conflict in self.jobs[work].conflicts}
        kept = {work for work in ready if held & self.jobs[work].conflicts}
        return ready - kept, kept, mine - ready


@given(jobs(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_batches_fill_as_far_as_the_graph_allows_and_never_idle(works: list[Job], chance: random.Random):
    """
    A partial batch never leaves while what flies alone would make more of its lane ready; and when nothing may start,
    each lane that could has something still to come from elsewhere. Nothing is ever stuck.
    """
    sky = Sky(works)
    batches = Batches([job.lane for job in sky.jobs], sky.needs, [job.conflicts for job in sky.jobs])

    while True:
        while (batch := batches.next()) is not None:
            sky.started(batch)
        assert all(sky.stands_still_for_a_reason(lane) for lane in LANES)
        if not sky.flying:
            break
        landed = sky.flying.pop(chance.randrange(len(sky.flying)))
        batches.land(landed)
        sky.over.update(landed)
        for work in landed:
            batches.release(work)

    assert not sky.unstarted
