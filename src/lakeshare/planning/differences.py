"""
How what is there differs from the spec and from the ledger. Pure.

A plan says what would be done; here the same verdicts are read the other way round, as what somebody changed. What is
not ours and as the spec wants it is no difference, and neither is anything that neither spec nor ledger speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lakeshare.planning.build import Ours
from lakeshare.planning.plan import Plan
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Absent, Blocker, NoOp, Step, Unreadable

Change: TypeAlias = Literal["missing", "changed", "unwanted", "gone", "unseen", "blocked"]
"""
``missing``: wanted and not there. ``changed``: there, and not as it is wanted. ``unwanted``: ours, there, and wanted no
more. ``gone``: wanted no more, and what the ledger still lists is not there. ``unseen``: cannot be seen or compared, so
it may be anything. ``blocked``: in the way of the spec, and for a person to decide about.
"""


@dataclass(frozen=True, slots=True)
class Making:
    """
    When a thing was made, in seconds since the epoch, and which run of whose made it.

    ``is_changed_since``: that run did not make it but was the last to change it; the ledger's entry tells no more.
    """

    made_at: float
    run_id: str
    by: str | None
    host: str | None
    is_changed_since: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One thing that is not as the spec and the ledger say.

    ``is_ours``: the ledger says that we made it; then ``making`` tells when and by whom, once that is joined on.
    ``action`` is what an apply would do about it, None where it can do nothing or need only look again. ``line`` is
    where the spec asks for it: its reader, its share or its account; the first line where that cannot be told.
    """

    address: str
    kind: str
    change: Change
    reason: str
    is_ours: bool
    action: str | None = None
    account_id: str | None = None
    way_out: str | None = None
    depends_on: tuple[str, ...] = ()
    making: Making | None = None
    line: int = 1


def differences(plan: Plan, ours: Ours, observed: Mapping[str, Any]) -> tuple[Difference, ...]:
    """
    Return every difference that *plan* rests on, in the order of its steps; one for each address.

    *observed* is what stands at each address.
    """
    found: dict[str, Difference] = {}
    for difference in (
        *(_of_step(step, is_ours=step.address in ours) for step in plan.steps),
        *_of_blockers(plan.blockers, ours),
        *(_forgotten(item, observed.get(item.address)) for item in plan.no_ops if item.forget),
    ):
        found.setdefault(difference.address, difference)
    return tuple(found.values())


def ledger_differences(ours: Ours, observed: Mapping[str, Any]) -> tuple[Difference, ...]:
    """
    Return how what is there differs from what the ledger says we made, whatever the spec wants by now.

    Each kind compares the ledger's copy with what stands there, as if that copy were wanted.
    """
    found = []
    for address, made in ours.made.items():
        there = observed[address]
        match KINDS[made.kind].diff(made, there, made):
            case Step() as step:
                found.append(_of_step(step, is_ours=True))
            case Blocker() as blocker:
                found.extend(_of_blockers([blocker], ours))
            case NoOp():
                pass
    return tuple(found)


def _of_step(step: Step, *, is_ours: bool) -> Difference:
    change = _change(step)
    lost = change == "missing" and is_ours
    return Difference(
        step.address,
        step.kind,
        change,
        "the ledger says we made it, and it is not there any more" if lost else step.reason,
        is_ours,
        step.action,
        step.resource.place.account_id,
        depends_on=step.depends_on,
    )


def _change(step: Step) -> Change:
    if step.desired is None or step.action == "delete":
        return "unwanted"
    if isinstance(step.observed, Absent):
        return "missing"
    # What is wanted is not known in full, or what is there is not: nobody can say that somebody changed it.
    return "unseen" if step.is_provisional else "changed"


def _of_blockers(blockers: Sequence[Blocker], ours: Ours) -> Iterator[Difference]:
    for item in blockers:
        place = getattr(ours.last_known(item.address), "place", None)
        yield Difference(
            item.address,
            item.kind,
            "blocked",
            item.reason,
            item.address in ours,
            account_id=place and place.account_id,
            way_out=item.way_out,
        )


def _forgotten(item: NoOp, there: Any) -> Difference:
    """What the spec does not ask for any more, and what goes, or went, without us."""
    is_there = there is not None and not isinstance(there, (Absent, Unreadable))
    return Difference(
        item.address,
        item.kind,
        "unwanted" if is_there else "gone",
        f"the spec does not ask for it any more: {item.reason}",
        is_ours=True,
        account_id=item.observed.place.account_id,
    )
