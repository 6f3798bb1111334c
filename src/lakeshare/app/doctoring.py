"""The command doctor: what could keep an apply from working, account by account, before it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeshare.access.doctor.examine import blockers_for_plan, examine, identities, told_of_identities
from lakeshare.access.doctor.finding import Case, Checked, Status, parts_of, worst
from lakeshare.access.doctor.registry import READS
from lakeshare.app.deciding import plan_apply
from lakeshare.app.values import Calls, Options, Planned
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.aws.accounts import Identity
from lakeshare.errors import LakeshareError
from lakeshare.planning.expand import place_of
from lakeshare.planning.imagined import imagined_graph
from lakeshare.resources.kind import Memory
from lakeshare.resources.values import Blocker
from lakeshare.spec.ways import entered_accounts


@dataclass(frozen=True, slots=True)
class Examined:
    """What doctor found. ``spec_name`` and ``calls`` as everywhere."""

    spec_name: str
    checks: tuple[Checked, ...]
    calls: Calls

    @property
    def status(self) -> Status:
        """The worst of all."""
        return worst(self.checks)


def doctor(settings: Settings) -> Examined:
    """
    Look for what could keep an apply of this spec from working. Reads only, and raises no error for what it finds.

    Raises SpecError, and LedgerError when the ledger cannot be read.
    """
    # By which ExternalIds readers are acted as is known, where a parameter keeps them, only once one is there.
    with opened(settings, "doctor", writes=False, proves=False, also=READS) as space:
        found = identities(space.run, entered_accounts(space.spec))
        checks = told_of_identities(space.spec, found)
        there = {alias: each for alias, each in found.items() if isinstance(each, Identity)}
        planned = _planned(space) if len(there) == len(found) else None
        cases = _cases(space, there, planned)
        checks += examine(replace(space.run, memory=Memory()), cases)
        return Examined(space.spec.name, tuple(checks), space.run.aws.counts())


def in_the_way(space: Workspace, planned: Planned) -> list[Blocker]:
    """Return what would make an apply of *planned* fail half-way, and planning does not see; see `access.doctor`."""
    aliases = dict.fromkeys(step.resource.place.alias for step in planned.plan.steps)
    who = {alias: space.run.aws.identity(alias) for alias in aliases}
    cases = [replace(case, is_for_plan=True) for case in _cases(space, who, planned)]
    return blockers_for_plan(replace(space.run, memory=Memory()), cases)


def _planned(space: Workspace) -> Planned | LakeshareError:
    """Make the plan, which finds much of what is in the way by itself; or return what keeps it from being made."""
    try:
        return plan_apply(space.proving(), Options())
    except LakeshareError as error:
        return error


def _cases(space: Workspace, who: Mapping[str, Identity], planned: Planned | LakeshareError | None) -> list[Case]:
    """Return a case for each account in which we are somebody."""
    spec, plan = space.spec, None
    observed: Mapping[str, Any] = {}
    if isinstance(planned, Planned):
        graph, plan, observed, no_plan = planned.graph, planned.plan, planned.observed, None
    else:
        graph, no_plan = imagined_graph(spec), planned
    parts = parts_of(spec, graph, plan)
    return [
        Case(spec, place_of(spec, alias), each.principal_arn, graph, parts[alias], plan, observed, no_plan)
        for alias, each in who.items()
    ]
