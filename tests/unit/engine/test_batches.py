from __future__ import annotations

from collections.abc import Hashable, Sequence

from lakeshare.engine.batches import Batches, Lane

GRANTS = Lane("grants", size=3)
ROLES = Lane("roles", size=3)


def batches(
    lanes: Sequence[Lane], needs: dict[int, list[int]], conflicts: dict[int, set[Hashable]] | None = None
) -> Batches:
    numbers = range(len(lanes))
    return Batches(
        lanes,
        [needs.get(number, []) for number in numbers],
        [frozenset((conflicts or {}).get(number, ())) for number in numbers],
    )


def finish(ready: Batches, batch: Sequence[int]) -> None:
    ready.land(batch)
    for work in batch:
        ready.release(work)


def test_full_batch_goes_at_once():
    """A lane with enough ready works starts a full batch although more are to come."""
    ready = batches([GRANTS] * 4, {3: [0]})

    assert ready.next() == [0, 1, 2]


def test_partial_batch_goes_when_all_are_ready():
    """The last works of a lane go even when they fill no batch."""
    ready = batches([GRANTS] * 2, {})

    assert ready.next() == [0, 1]
    assert ready.next() is None


def test_partial_batch_waits_for_what_flies():
    """A partial batch waits while something in flight is about to make more of its lane ready."""
    ready = batches([Lane("link"), GRANTS, GRANTS], {2: [0]})

    link = ready.next()
    assert link == [0]
    assert ready.next() is None

    finish(ready, link)
    assert ready.next() == [1, 2]


def test_partial_batch_waits_for_what_flies_at_any_distance():
    """What flies may be several steps away from the work that it will make ready."""
    ready = batches([Lane("database"), Lane("link"), GRANTS, GRANTS], {1: [0], 3: [1]})

    database = ready.next()
    assert database == [0]
    assert ready.next() is None
    finish(ready, database)
    link = ready.next()
    assert link == [1]
    assert ready.next() is None
    finish(ready, link)

    assert ready.next() == [2, 3]


def test_partial_batch_does_not_wait_for_itself():
    """A work that waits for one in the batch cannot join it, so the batch goes."""
    ready = batches([GRANTS, GRANTS], {1: [0]})

    assert ready.next() == [0]


def test_partial_batch_does_not_wait_for_what_needs_it_elsewhere():
    """A work that waits, through another lane, for one in the batch cannot join it either."""
    ready = batches([GRANTS, Lane("link"), GRANTS], {1: [0], 2: [1]})

    assert ready.next() == [0]


def test_two_lanes_that_wait_for_each_other_both_go():
    """Lanes that could only grow through each other do not hold each other up."""
    ready = batches([GRANTS, ROLES, GRANTS, ROLES], {2: [1], 3: [0]})

    first = ready.next()
    assert first == [0]
    finish(ready, first)
    assert ready.next() == [1, 3]


def test_lanes_that_wait_for_each_other_go_beside_an_unrelated_flight():
    """A flight that has nothing to do with either does not keep such lanes on the ground."""
    ready = batches([Lane("slow"), GRANTS, ROLES, GRANTS, ROLES], {3: [2], 4: [1]})

    assert ready.next() == [0]

    assert ready.next() == [1]


def test_upstream_lane_goes_first():
    """Of two partial lanes the one that feeds the other goes, and the other waits to be fed."""
    ready = batches([GRANTS, ROLES, GRANTS], {2: [1]})

    roles = ready.next()
    assert roles == [1]
    assert ready.next() is None
    finish(ready, roles)

    assert ready.next() == [0, 2]


def test_lane_limits_its_calls():
    """A lane that allows one call at a time starts the next batch when the first has landed."""
    lane = Lane("settings", size=1, in_flight=1)
    ready = batches([lane, lane], {})

    first = ready.next()
    assert first == [0]
    assert ready.next() is None
    ready.land(first)

    assert ready.next() == [1]


def test_conflicts_never_fly_together():
    """A work whose conflict key is in flight waits, and others of its lane pass it."""
    lane = Lane("grants", size=1)
    ready = batches([lane] * 3, {}, {0: {"table"}, 1: {"table"}})

    first = ready.next()
    assert first == [0]
    assert ready.next() == [2]
    assert ready.next() is None
    ready.land(first)

    assert ready.next() == [1]


def test_partial_batch_waits_for_its_conflicts_to_land():
    """Works kept back by a conflict with what flies will join, so the partial batch waits for them."""
    ready = batches([Lane("other"), GRANTS, GRANTS], {}, {0: {"table"}, 2: {"table"}})

    other = ready.next()
    assert other == [0]
    assert ready.next() is None
    ready.land(other)

    assert ready.next() == [1, 2]


def test_failure_drops_what_depends_on_it():
    """Everything behind a failed work is dropped, at any distance, and no batch waits for it."""
    ready = batches([Lane("link"), GRANTS, GRANTS, GRANTS], {2: [0], 3: [2]})

    link = ready.next()
    assert link == [0]
    ready.land(link)

    assert sorted(ready.drop_dependents(0)) == [2, 3]
    assert ready.next() == [1]
    assert ready.unstarted() == []
