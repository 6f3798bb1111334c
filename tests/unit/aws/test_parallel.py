from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from lakeshare.aws.parallel import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(4)
    yield made
    made.close()


def test_results_are_in_order(pool: Pool):
    """Results come in the order of the items, whoever was faster."""
    assert pool.map(lambda item: item * 2, range(100)) == [item * 2 for item in range(100)]


def test_nothing_gives_nothing(pool: Pool):
    """Of no items there are no results."""
    assert pool.map(str, []) == []


def test_items_are_worked_on_together(pool: Pool):
    """Four workers and the caller work at one time."""
    meeting = threading.Barrier(5, timeout=10)

    assert len(pool.map(lambda _item: meeting.wait(), range(5))) == 5


def test_first_error_is_raised_when_all_have_ended(pool: Pool):
    """The error of the first item that failed is raised, and not before every item has ended."""
    ended = []

    def work(item: int) -> None:
        ended.append(item)
        if item in (3, 5):
            raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 3"):
        pool.map(work, range(20))

    assert sorted(ended) == list(range(20))


def test_workers_may_ask_for_workers(pool: Pool):
    """Reads that start reads that start reads end, although there are fewer workers than askers."""

    def below(depth: int) -> int:
        return 1 if depth == 0 else sum(pool.map(below, [depth - 1] * 5))

    assert below(4) == 5**4
