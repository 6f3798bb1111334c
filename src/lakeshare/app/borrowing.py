"""
Administrator rights that a run borrows: which are out, and how they are given back.

The ledger has a loan like anything else that we made, as an intent before the call is sent; only that no plan sees it.
It is given back at the end of the run that took it, or of the next one when that was killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lakeshare.app.recalling import recalled
from lakeshare.app.values import Loan
from lakeshare.app.workspace import Workspace
from lakeshare.engine.stop import regardless_of_stop
from lakeshare.errors import LakeshareError
from lakeshare.planning.borrowing import (
    becoming_administrator,
    borrows,
    is_loan,
    needing_administrator,
    with_loans,
)
from lakeshare.planning.build import Ours
from lakeshare.planning.plan import Plan
from lakeshare.resources.administrators import operator_administers
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_settings import LakeAdministrator, give_back_entry
from lakeshare.resources.values import Place
from lakeshare.state.ledger import Entry, Intent, Settlement


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """
    An administrator entry that a run borrowed and has not given back.

    ``address`` is what the ledger has it under, ``since`` when it was taken, in seconds since the epoch (None: the
    ledger does not tell), ``run_id`` the run that took it, where its outcome is known.
    """

    address: str
    entry: LakeAdministrator
    since: float | None
    run_id: str | None = None


def open_loans(space: Workspace) -> tuple[OpenLoan, ...]:
    """List what the ledger says is borrowed, by runs that were cut short or by one that is under way."""
    records: dict[str, Entry | Intent] = {**space.ledger.intents(), **space.ledger.entries()}
    borrowed = {address: record for address, record in records.items() if record.resource.get("is_borrowed")}
    names = space.renamed()
    found = []
    for address, item in recalled(borrowed.values()):
        now = replace(item, place=replace(item.place, alias=names.get(item.place.alias, item.place.alias)))
        if is_loan(now, space.spec) or now.address in space.borrowing:
            found.append(_open_loan(address, now, borrowed[address]))
    return tuple(found)


def _open_loan(address: str, item: LakeAdministrator, record: Entry | Intent) -> OpenLoan:
    if isinstance(record, Entry):
        return OpenLoan(address, item, record.made_at, record.run_id)
    return OpenLoan(address, item, record.observed_absent_at)


def borrowed_for(space: Workspace, run: Run, plan: Plan, ours: Ours) -> Plan:
    """
    Return *plan* with a step for each right that it needs and the operator has to borrow.

    That is so where the spec says so, and where it did when a thing that goes now was made: there is only the
    read-only entry then.
    """
    by_the_ledger = {
        item.place
        for item in (ours.last_known(address) for address in ours.addresses())
        if isinstance(item, LakeAdministrator) and item.level == "read_only"
    }
    places = [
        place
        for place in needing_administrator(plan)
        if borrows(space.spec, place) or (place in by_the_ledger and place not in becoming_administrator(plan))
    ]
    lent = with_loans(plan, _lacking(run, places))
    space.borrowing.update(step.address for step in lent.steps[: len(lent.steps) - len(plan.steps)])
    return lent


def _lacking(run: Run, places: Sequence[Place]) -> dict[Place, str]:
    """Return the operator of each of *places* in which it is no administrator."""
    administers = run.aws.in_parallel(lambda place: operator_administers(run, place), places)
    return {
        place: run.aws.identity(place.alias).principal_arn
        for place, is_one in zip(places, administers, strict=True)
        if not is_one
    }


def told_loans(space: Workspace) -> list[str]:
    """Say which rights a run that was cut short has left with the operator."""
    return [
        f"a run that was cut short left the operator a Lake Formation administrator of {loan.entry.place.alias}"
        f" (account {loan.entry.place.account_id}){_since(loan)}; the next apply or destroy takes it out again"
        for loan in open_loans(space)
        if loan.entry.address not in space.borrowing
    ]


def _since(loan: OpenLoan) -> str:
    return "" if loan.since is None else f" since {datetime.fromtimestamp(loan.since, UTC):%Y-%m-%dT%H:%M:%SZ}"


def give_back(space: Workspace) -> tuple[Loan, ...]:
    """
    Take out every entry that is borrowed, of this run or of one before, and say what came of each.

    It is done whether or not a stop is requested. What fails is in the answer; the ledger has that loan still.
    """
    try:
        loans = open_loans(space)
    except LakeshareError:
        return ()  # without its ledger the run ends with that error; the loan is in there for the next one
    return tuple(space.run.aws.in_parallel(lambda loan: _give_back(space, loan), loans))


def _give_back(space: Workspace, loan: OpenLoan) -> Loan:
    place = loan.entry.place
    told = Loan(loan.entry.address, place.alias, place.account_id, loan.entry.principal)
    try:
        with regardless_of_stop():
            give_back_entry(space.run, loan.entry)
        space.ledger.settle(space.run_id, [Settlement(loan.address, "gone")])
    except LakeshareError as error:
        return replace(told, error=error)
    return told


def not_given_back(loans: tuple[Loan, ...]) -> LakeshareError | None:
    """Return the error that a run ends with when it could not give back all that it had borrowed."""
    kept = [loan for loan in loans if loan.error is not None]
    if not kept:
        return None
    first = kept[0]
    return LakeshareError(
        f"the operator is still a Lake Formation administrator of {' and '.join(loan.alias for loan in kept)}: that was"
        f" borrowed for a run and could not be given back ({first.error})",
        hint="the ledger remembers it, and the next apply or destroy takes it out; or take the entry out by hand",
        account=first.account,
        address=first.address,
    )
