"""What a check has to say about an account, and of what a check is made. Pure values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from lakeshare.errors import LakeshareError
from lakeshare.planning.graph import Reading, ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Step
from lakeshare.spec import Share, Spec

Status: TypeAlias = Literal["ok", "warning", "blocker"]
STATUSES: Final[tuple[Status, ...]] = ("blocker", "warning", "ok")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that a check saw.

    ``fix`` is what mends it, with the exact command; a finding that is not ok always has one. ``part`` tells the
    findings of one check apart where it looks at several things: which quota, for one. ``address`` is what the finding
    is about, as plans name it.
    """

    status: Status
    saw: str
    fix: str | None = None
    detail: str | None = None
    part: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A finding with the check and the account that it is of; *account* is the account's name in the spec."""

    id: str
    title: str
    account: str
    account_id: str
    finding: Finding

    @property
    def status(self) -> Status:
        """How bad it is."""
        return self.finding.status


@dataclass(slots=True)
class Part:
    """
    What one account has of a spec, of what that comes to, and of a plan, each in its order.

    ``sources`` are the shares that come from the account, ``destinations`` those that go to it, ``wanted`` the
    resources in it, ``readings`` what is read there, and ``steps`` what would be done there.
    """

    sources: list[Share] = field(default_factory=list)
    destinations: list[Share] = field(default_factory=list)
    wanted: list[Any] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def parts_of(spec: Spec, graph: ResourceGraph, plan: Plan | None) -> Mapping[str, Part]:
    """Return the part of every account, by its name: all is gone through once, for there may be thousands."""
    found: dict[str, Part] = {alias: Part() for alias in spec.accounts}
    for share in spec.shares.values():
        found[share.source.account].sources.append(share)
        found[share.to.account].destinations.append(share)
    for item in graph.resources.values():
        found[item.place.alias].wanted.append(item)
    for reading in graph.readings:
        found[reading.account].readings.append(reading)
    for step in plan.steps if plan else ():
        # What is left over of an account that the spec has no more is of no account here.
        if step.resource.place.alias in found:
            found[step.resource.place.alias].steps.append(step)
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """
    One account, and all that is to be done in it, as the checks look at it.

    ``operator`` is the principal that lakeshare is there, ``part`` what the account has of all. ``plan`` is None where
    none could be made: then ``no_plan`` says why, ``graph`` is what the spec comes to without a look, and ``observed``
    is empty. ``is_for_plan``: a plan asks, which wants to know only of what it is about to do.
    """

    spec: Spec
    place: Place
    operator: str
    graph: ResourceGraph
    part: Part
    plan: Plan | None = None
    observed: Mapping[str, Any] = field(default_factory=dict)
    no_plan: LakeshareError | None = None
    is_for_plan: bool = False

    @property
    def alias(self) -> str:
        """The account's name in the spec."""
        return self.place.alias

    @property
    def sources(self) -> list[Share]:
        """The shares that come from this account."""
        return self.part.sources

    @property
    def destinations(self) -> list[Share]:
        """The shares that go to this account."""
        return self.part.destinations

    @property
    def is_between(self) -> bool:
        """Whether no share is from or to it, and it is there only for others to be entered by way of it."""
        return not self.sources and not self.destinations

    @property
    def is_governed(self) -> bool:
        """Whether lakeshare works with Lake Formation there: in consumers, and in producers of their own tables."""
        return any(resource.kind == "lake_settings" for resource in self.wanted)

    @property
    def wanted(self) -> list[Any]:
        """What the spec wants in this account."""
        return self.part.wanted

    @property
    def existing_roles(self) -> list[str]:
        """The names of roles here that matter and are there or may be: the operator's own, and all readers'."""
        readers = [reader.role_name for share in self.destinations for reader in share.readers if reader.role]
        own = [self.operator.rpartition("/")[2]] if ":role/" in self.operator else []
        return list(dict.fromkeys([*own, *readers]))

    @property
    def steps(self) -> list[Step]:
        """What would be done in this account; nothing where there is no plan."""
        return self.part.steps


def never_in_plan(_case: Case) -> bool:
    """For checks that only doctor makes."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One thing to look at in every account.

    ``look`` reads, ``judge`` is pure; a check without anything to say about an account makes no finding. ``reads`` are
    the actions that IAM must allow for it. ``in_plan`` tells of a case whether a plan asks this by itself: what
    planning would not find, and an apply would fail on half-way. ``is_for_all``: it has something to say of accounts,
    too, that others are only entered by way of.
    """

    id: str
    title: str
    look: Callable[[Run, Case], Any]
    judge: Callable[[Case, Any], Iterable[Finding]]
    reads: tuple[str, ...] = ()
    in_plan: Callable[[Case], bool] = never_in_plan
    is_for_all: bool = False


def worst(checked: Iterable[Checked]) -> Status:
    """Return the worst status of all; ok of none."""
    found = {item.status for item in checked}
    return next((status for status in STATUSES if status in found), "ok")
