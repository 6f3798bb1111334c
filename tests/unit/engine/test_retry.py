from __future__ import annotations

from dataclasses import dataclass

import pytest

from lakeshare.engine.retry import Backoff, GiveUp, Repeat, RetryBudget, RetryPolicy


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


@dataclass(frozen=True, slots=True)
class FakeVerdict:
    is_throttle: bool = False
    is_transient: bool = True
    was_answered: bool = True
    patience_seconds: float | None = None


THROTTLE = FakeVerdict(is_throttle=True)


@pytest.mark.parametrize(
    ("failure", "attempts", "waited_seconds", "decision"),
    [
        (FakeVerdict(is_transient=False), 1, 0.0, GiveUp()),
        (FakeVerdict(), 1, 0.0, Repeat(0.5)),
        (FakeVerdict(), 4, 0.0, Repeat(4.0)),
        (FakeVerdict(), 8, 500.0, Repeat(30.0)),
        (FakeVerdict(), 9, 0.0, GiveUp()),
        (FakeVerdict(patience_seconds=120), 50, 60.0, Repeat(30.0)),
        (FakeVerdict(patience_seconds=120), 2, 119.5, GiveUp()),
        (THROTTLE, 1, 0.0, Repeat(0.0)),
        (THROTTLE, 4, 0.0, Repeat(0.0)),
        (THROTTLE, 5, 0.0, Repeat(0.5)),
        (THROTTLE, 20, 25.0, Repeat(30.0)),
        (THROTTLE, 20, 31.0, GiveUp()),
        (THROTTLE, 8, 100.0, Repeat(4.0)),
    ],
)
def test_the_policy_decides(
    failure: FakeVerdict, attempts: int, waited_seconds: float, decision: Repeat | GiveUp
) -> None:
    """What is transient is repeated while that makes sense, after pauses that grow; the first throttles have none."""
    policy = RetryPolicy(Backoff(), RetryBudget(), jitter=lambda: 1.0)

    assert policy.judge(failure, attempts, waited_seconds) == decision


def test_one_attempt_means_no_repeat() -> None:
    """With a single attempt not even a throttle, or what is known to take time, is repeated."""
    policy = RetryPolicy(Backoff(attempts=1), RetryBudget(), jitter=lambda: 0.0)

    assert policy.judge(THROTTLE, 1, 0.0) == GiveUp()
    assert policy.judge(FakeVerdict(patience_seconds=120), 1, 0.0) == GiveUp()


def test_only_repeats_cost_budget() -> None:
    """A failure that stands costs the run nothing; the first one past the budget says why it stands."""
    budget = RetryBudget(1)
    policy = RetryPolicy(Backoff(), budget, jitter=lambda: 0.0)

    policy.judge(FakeVerdict(is_transient=False), 1, 0.0)
    decisions = [policy.judge(FakeVerdict(), 1, 0.0) for _ in range(2)]

    assert decisions[0] == Repeat(0.0)
    assert isinstance(decisions[1], GiveUp)
    assert "budget of repeats (1)" in (decisions[1].because or "")
