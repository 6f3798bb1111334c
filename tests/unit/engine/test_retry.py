from __future__ import annotations

import pytest

from lakeshare.engine.retry import Backoff, RetryBudget


@pytest.mark.parametrize(
    ("attempts_made", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (10_000, 30.0)]
)
def test_pause_doubles_up_to_the_cap(attempts_made: int, longest: float):
    """The longest pause doubles with each attempt, from half a second to thirty."""
    backoff = Backoff()

    assert backoff.pause_seconds(attempts_made, 1.0) == longest


def test_jitter_is_full():
    """A pause lies anywhere between nothing and its longest."""
    backoff = Backoff()

    assert backoff.pause_seconds(3, 0.0) == 0.0
    assert backoff.pause_seconds(3, 0.25) == 0.5


def test_budget_runs_out():
    """A run has only so many repeats altogether."""
    budget = RetryBudget(2)

    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]
    assert budget.left == 0
