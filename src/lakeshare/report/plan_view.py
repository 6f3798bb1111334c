"""A plan as it is shown: a tree of places, kinds and bunches of steps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from lakeshare.planning.plan import Plan
from lakeshare.report.bunches import Bunch, bunched
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Action, Step

VERBS: dict[Action, str] = {
    "create": "to create",
    "update": "to change",
    "replace": "to replace",
    "delete": "to delete",
}


@dataclass(frozen=True, slots=True)
class KindView:
    """The steps of one kind in one place; ``title`` is the plural that people read."""

    name: str
    title: str
    bunches: tuple[Bunch[Action], ...]

    def counts(self) -> dict[Action, int]:
        """Count the steps by action, in the order of first appearance."""
        found: dict[Action, int] = {}
        for bunch in self.bunches:
            found[bunch.action] = found.get(bunch.action, 0) + bunch.size
        return found

    def verb(self, action: Action) -> str:
        """Say what happens, as one says it of this kind."""
        made, taken_away = KINDS[self.name].verbs
        own = {"create": f"to {made}", "delete": f"to {taken_away}"}
        return own.get(action) or VERBS[action]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """What happens in one account and Region, and as whom, by way of whom; ``name`` is how addresses begin."""

    name: str
    account_id: str
    operator: str
    kinds: tuple[KindView, ...]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What is in the way, and what to do about it, once for all the addresses that it holds for."""

    addresses: tuple[str, ...]
    reason: str
    way_out: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan, and the tree that is shown of it."""

    plan: Plan
    places: tuple[PlaceView, ...]

    def pulled_in_for(self, bunch: Bunch[Action]) -> tuple[str, ...]:
        """Return the steps for which those of *bunch*, which no ``--target`` named, are in the plan."""
        return tuple(
            dict.fromkeys(other for address in bunch.addresses for other in self.plan.pulled_in.get(address, ()))
        )

    @property
    def revokes(self) -> int:
        """How many of the deletes are grants that are revoked."""
        return sum(KINDS[step.kind].verbs[1] == "revoke" and step.action == "delete" for step in self.plan.steps)

    @property
    def narrowed(self) -> int:
        """How many updates leave somebody with less than before."""
        return sum(step.takes_away and step.action == "update" for step in self.plan.steps)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What is in the way, each thing once for all the addresses that it holds for."""
        return gathered((item.address, item.reason, item.way_out) for item in self.plan.blockers)


def gathered(told: Iterable[tuple[str, str, str]]) -> tuple[Obstacle, ...]:
    """Gather (address, reason, way out) by what is in the way, in the order of first appearance."""
    found: dict[tuple[str, str], list[str]] = {}
    for address, *why in told:
        found.setdefault((why[0], why[1]), []).append(address)
    return tuple(Obstacle(tuple(addresses), *why) for why, addresses in found.items())


def view_plan(plan: Plan) -> PlanView:
    """Arrange *plan* by place and kind, in the order in which its steps come."""
    by_place: dict[str, list[Step]] = {}
    for step in plan.steps:
        by_place.setdefault(place_of(step.address), []).append(step)
    places = (
        PlaceView(name, steps[0].resource.place.account_id, _operator(plan, steps[0]), _kinds(steps, plan.pulled_in))
        for name, steps in by_place.items()
    )
    return PlanView(plan, tuple(places))


def _operator(plan: Plan, step: Step) -> str:
    """Say who acts, and through which accounts it gets there: ``role/op, via hub (999999999999, role/hub)``."""
    there = plan.operators.get(step.resource.place.alias)
    if there is None:
        return ""
    said = [there.shown]
    while there.via is not None:
        hub, there = there.via, plan.operators[there.via]
        said.append(f"via {hub} ({there.account_id}, {there.shown})")
    return ", ".join(said)


def _kinds(steps: Sequence[Step], pulled_in: Container[str]) -> tuple[KindView, ...]:
    by_kind: dict[str, list[Step]] = {}
    for step in steps:
        by_kind.setdefault(step.kind, []).append(step)
    return tuple(KindView(kind, title_of(kind), tuple(bunched(found, pulled_in))) for kind, found in by_kind.items())


def place_of(address: str) -> str:
    """Return ``consumer/eu-west-2`` of ``consumer/eu-west-2/link:...``."""
    return "/".join(address.split("/", 2)[:2])


def within_place(address: str) -> str:
    """Return what is left of an address without its place."""
    return address.split("/", 2)[-1]


def title_of(kind: str) -> str:
    """Return the plural that people read; the bare name for what is no kind of resource."""
    return KINDS[kind].title if kind in KINDS else kind.replace("_", " ")
