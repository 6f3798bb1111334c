"""Waiting for a ledger that another run holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lakeshare.app.ledgers import Patience, held
from lakeshare.engine.events import Event, Waiting, nobody
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import LockedError
from lakeshare.state.ledger import Ledger
from lakeshare.state.lock import LockOwner
from tests.fakes.clock import FakeClock

ELSEWHERE = replace(LockOwner.current("other"), host="elsewhere")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: FakeClock) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "lake.db", clock=clock.now) as opened:
        yield opened


@pytest.mark.parametrize("seconds", [0.0, 30.0])
def test_patience_ends(ledger: Ledger, clock: FakeClock, seconds: float) -> None:
    """A lock that is not let go of in time is the same error as without waiting: who, where, since when."""
    patience = Patience(seconds, clock, nobody, StopSignal())

    with ledger.lock(ELSEWHERE), pytest.raises(LockedError, match="on elsewhere"), held(ledger, "mine", patience):
        pytest.fail("locked twice")

    assert clock.monotonic() == pytest.approx(seconds)


def test_it_goes_on_as_soon_as_the_lock_is_free(ledger: Ledger, clock: FakeClock) -> None:
    """The run begins once the other has let go, tells meanwhile what it waits for, and lets go itself at the end."""
    heard: list[Event] = []
    other = ledger.lock(ELSEWHERE)
    other.__enter__()

    def listener(event: Event) -> None:
        heard.append(event)
        if len(heard) == 3:
            other.__exit__(None, None, None)

    with held(ledger, "mine", Patience(60, clock, listener, StopSignal())):
        holder = ledger.lock_holder()

    assert "run mine" in (holder or "")
    assert len(heard) == 3
    assert all(isinstance(event, Waiting) and event.condition == "the ledger's lock" for event in heard)
    assert 0 < clock.monotonic() < 60
    assert ledger.lock_holder() is None
