"""
Takes over what exists: the way out for a ledger that is lost.

Nothing in AWS says who made a thing, so nobody but a person can. What may be taken over on that person's word is what
an apply would leave alone if it were ours: then the first plan after it has nothing to do about it, and destroy takes
away what the spec describes and nothing that differs from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from lakeshare.app.deciding import plan_apply
from lakeshare.app.guarding import remember
from lakeshare.app.values import Options, Planned
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import UsageError
from lakeshare.planning.build import Ours
from lakeshare.planning.plan import Plan
from lakeshare.resources.compare import EXISTS_NOT_OURS
from lakeshare.resources.observe import Observation
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, Blocker, NoOp, Step, Unreadable, Verdict, has_unknowns, resolve
from lakeshare.state.ledger import Intent

ANOTHER_ID = "its proof trust asks for an ExternalId that is not known here any more; the next apply writes another"


@dataclass(frozen=True, slots=True)
class Found:
    """
    What was found at one address.

    ``fits``: it can be taken over; then ``resource`` is what the ledger holds of it. ``ours``: it is in the ledger.
    ``absent``: it is not there. ``differs``: it is there and not as the spec wants it, as ``reason`` says. ``unclear``:
    it cannot be told. ``theirs``: the spec names it as something of somebody else's to be used; such a thing is taken
    over only by its whole address.
    """

    address: str
    status: Literal["fits", "ours", "absent", "differs", "unclear", "theirs"]
    reason: str
    resource: Any = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left for the next apply to change about it."""
        return self.reason != ANOTHER_ID


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was found at each address that was asked for; what of it ``fits`` is ours now, if ``is_confirmed``."""

    found: tuple[Found, ...]
    run_id: str
    is_confirmed: bool = True

    @property
    def taken(self) -> tuple[Found, ...]:
        """What is ours now and was not before."""
        return tuple(item for item in self.found if item.status == "fits" and self.is_confirmed)

    @property
    def left(self) -> tuple[Found, ...]:
        """What was left as it is, each with its reason."""
        return tuple(item for item in self.found if item.status != "fits")


def adopt(
    settings: Settings,
    patterns: Sequence[str],
    *,
    confirm: Callable[[Sequence[Found]], bool] = lambda _found: True,
) -> Adopted:
    """
    Take over what *patterns* (addresses, or globs) name, as far as it is exactly as the spec wants it.

    Nothing in AWS is touched. *confirm* sees what would be taken over; it is not asked when that is nothing. Raises
    UsageError for a pattern that names nothing, LockedError while another run holds the ledger.
    """
    with opened(settings, "adopt", writes=True) as space:
        planned = plan_apply(space, Options())
        verdicts = {item.address: item for item in _verdicts(planned.plan)}
        found = tuple(
            _found(planned, verdicts.get(address), address, patterns) for address in _chosen(planned, patterns)
        )
        fitting = [item for item in found if item.status == "fits"]
        if fitting and not confirm(fitting):
            return Adopted(found, space.run_id, is_confirmed=False)
        if fitting:
            _enter(space, planned, fitting)
        return Adopted(found, space.run_id)


def _enter(space: Workspace, planned: Planned, fitting: Sequence[Found]) -> None:
    # Ids that were made up now must still be known when roles are written with them.
    space.rename()
    space.ledger.adopt(
        space.run_id,
        [
            Intent(
                item.address,
                item.resource.kind,
                "adopt",
                to_json(item.resource),
                tuple(planned.graph.resources[item.address].depends_on),
                None,
            )
            for item in fitting
        ],
    )
    made = {**planned.ours.made, **{item.address: item.resource for item in fitting}}
    remember(space.ledger, replace(planned, ours=Ours(made, planned.ours.begun)))


def _verdicts(plan: Plan) -> Iterator[Verdict]:
    yield from plan.steps
    yield from plan.no_ops
    yield from plan.blockers


def _chosen(planned: Planned, patterns: Sequence[str]) -> list[str]:
    """List the addresses that *patterns* name, of those that the spec or the ledger knows."""
    known = list(dict.fromkeys((*planned.graph.resources, *planned.ours.addresses())))
    for pattern in patterns:
        if not any(fnmatchcase(address, pattern) for address in known):
            close = nearest(pattern, known)
            raise UsageError(
                f"the spec asks for no {pattern}" + (f"; did you mean {close}?" if close else ""),
                hint="`lakeshare plan --show-no-op` lists what it asks for",
            )
    return [address for address in known if any(fnmatchcase(address, pattern) for pattern in patterns)]


def _found(planned: Planned, verdict: Verdict | None, address: str, patterns: Collection[str]) -> Found:
    if address in planned.ours or verdict is None:
        return Found(address, "ours", "it is in the ledger already")
    there = planned.observed.get(address)
    if isinstance(there, Absent):
        return Found(address, "absent", "it is not there")
    desired = _desired(planned, verdict)
    if there is None or isinstance(there, Unreadable) or has_unknowns(desired):
        return Found(address, "unclear", verdict.reason)
    if isinstance(verdict, NoOp) and verdict.reason != EXISTS_NOT_OURS and address not in patterns:
        return Found(address, "theirs", f"{verdict.reason}; its whole address takes it over")
    return _compared(verdict, desired, there)


def _desired(planned: Planned, verdict: Verdict) -> Any:
    """Return what the spec wants there, with what it leaves to the accounts to tell filled in."""
    if not isinstance(verdict, Blocker):
        return verdict.desired
    return resolve(planned.graph.resources[verdict.address], Observation(found=dict(planned.observed)).lookup)


def _compared(verdict: Verdict, desired: Any, there: Any) -> Found:
    """Say what an apply would do about *there* if it were ours as *desired*: nothing, if it is to be taken over."""
    address, kind = verdict.address, KINDS[desired.kind]
    if_ours = kind.diff(desired, there, desired)
    match if_ours:
        case NoOp():
            return Found(address, "fits", "as the spec wants it", kind.our_part(desired, if_ours.observed))
        case Step() if kind.lacks_secret_only(desired, there):
            return Found(address, "fits", ANOTHER_ID, there)
        case Step() | Blocker():
            return Found(address, "differs", verdict.reason if isinstance(verdict, Blocker) else if_ours.reason)
