"""Joins the ledger to the places that it can lie in, files here and objects in S3, and waits for its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakeshare.aws.object_store import S3ObjectStore, S3Place
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.clock import Clock
from lakeshare.engine.events import Listener
from lakeshare.engine.pace import Pace
from lakeshare.engine.stop import StopSignal
from lakeshare.engine.wait import NotYet, wait_for
from lakeshare.errors import LockedError, WaitError
from lakeshare.state.ledger import Ledger, LockOwner, open_ledger


def ledger_at(
    state: str | None, beside: Path, name: str, *, create: bool, run_id: str, endpoint_url: str | None
) -> Ledger:
    """
    Open the ledger that *state* means, for the spec called *name* in the folder *beside*; see ``open_ledger``.

    Calls for the ledger keep their own pace, which a request to stop does not cut short: what was done is saved.
    """

    def store_at(url: str) -> S3ObjectStore:
        return S3ObjectStore(S3Place.parse(url), run_id=run_id, pace=Pace(Quotas().rate), endpoint_url=endpoint_url)

    return open_ledger(state, beside, name, create, store_at=store_at)


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long to wait for somebody else's run (0 s: not at all), by which clock, and who hears of it."""

    seconds: float
    clock: Clock
    listener: Listener
    stop: StopSignal


@contextmanager
def held(ledger: Ledger, run_id: str, patience: Patience) -> Iterator[None]:
    """
    Hold *ledger* for the run *run_id*, as soon as nobody else does.

    Raises LockedError, which says who holds it, when that takes longer than the patience.
    """
    owner = LockOwner.current(run_id)
    refusals: list[LockedError] = []
    with ExitStack() as stack:

        def take() -> bool | NotYet:
            try:
                stack.enter_context(ledger.lock(owner))
            except LockedError as refusal:
                refusals.append(refusal)
                return NotYet(f"held by {refusal.owner}")
            return True

        try:
            wait_for(
                "the ledger's lock",
                take,
                deadline_seconds=patience.seconds,
                clock=patience.clock,
                listener=patience.listener,
                stop=patience.stop,
            )
        except WaitError as error:
            raise refusals[-1] from (error if patience.seconds else None)
        yield
