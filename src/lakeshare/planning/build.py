"""
From what should be, what is, and what the ledger says is ours, to a plan. Pure.

Order: a step waits for the steps of everything it depends on, also through things that need no step themselves. Things
go in the opposite order of that in which they came. What is granted comes before what is revoked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from lakeshare.engine.graph import ordered
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Blocker, NoOp, Step, Unreadable, Verdict

FEW_GRANTS = 20
"""Up to this many grants of one principal, each of its revokes names all of them: what it waits for is then plain."""


@dataclass(frozen=True, slots=True)
class Ours:
    """
    What the ledger knows, as resources by address.

    ``made`` are things that we made; where a change of one was begun and its outcome is unknown, as all that it may be
    (see each kind's ``unfinished``). ``begun`` are things whose making was written down, after they were seen to be
    absent, by a run that did not live to write down the outcome: found there now, they are ours too. ``in_doubt`` are
    the addresses of both sorts that wait for an outcome.
    """

    made: Mapping[str, Any]
    begun: Mapping[str, Any]
    in_doubt: Collection[str] = frozenset()

    def __contains__(self, address: object) -> bool:
        return address in self.made or address in self.begun

    def last_known(self, address: str) -> Any:
        """Return our copy of what stands at *address*, or None."""
        return self.made.get(address) or self.begun.get(address)

    def addresses(self) -> list[str]:
        """List everything that is, or may be, ours."""
        return list(dict.fromkeys((*self.made, *self.begun)))


def build_plan(
    graph: ResourceGraph,
    wanted: Mapping[str, Any],
    observed: Mapping[str, Any],
    ours: Ours,
    used: Mapping[str, str] | None = None,
) -> Plan:
    """
    Compare and decide.

    *used* says, by address, what of ours has come to be used by others and is therefore kept, and how.

    *wanted* are the graph's resources with their unknowns filled in as far as they are known; *observed* is what stands
    at each of their addresses and at each address of the ledger.
    """
    verdicts = _verdicts(graph, wanted, observed, ours)
    _keep_used(verdicts, used or {})
    _keep_below(verdicts)
    steps: dict[str, Step] = {}
    no_ops: list[NoOp] = []
    blockers = list(graph.blockers)
    for address, verdict in verdicts.items():
        match verdict:
            case Step():
                steps[address] = verdict
            case NoOp():
                no_ops.append(verdict)
            case Blocker():
                blockers.append(verdict)
    return Plan(
        steps=_in_order(steps, wanted),
        no_ops=tuple(no_ops),
        blockers=tuple(blockers),
        notes=graph.notes,
        is_complete=graph.is_complete,
    )


def _verdicts(
    graph: ResourceGraph, wanted: Mapping[str, Any], observed: Mapping[str, Any], ours: Ours
) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    for address, desired in wanted.items():
        kind = KINDS[desired.kind]
        verdicts[address] = kind.diff(desired, observed[address], ours.last_known(address))
    _recheck_dependents(graph, verdicts)
    # While part of the spec cannot be worked out, "no longer wanted" cannot be told from "not seen yet".
    for address in ours.addresses() if graph.is_complete else ():
        if address not in wanted:
            last_known = ours.last_known(address)
            verdicts[address] = KINDS[last_known.kind].diff(None, observed[address], last_known)
    return verdicts


def _recheck_dependents(graph: ResourceGraph, verdicts: dict[str, Verdict]) -> None:
    """
    Turn no-ops that rest on something about to be replaced into steps that look again.

    Lake Formation forgets the grants on a link that is dropped, and a share that is made anew takes with it what was
    granted on its tables.
    """
    replaced = {
        address for address, verdict in verdicts.items() if isinstance(verdict, Step) and verdict.action == "replace"
    }
    if not replaced:
        return
    dependents = _dependents({address: item.depends_on for address, item in graph.resources.items()})
    waiting = list(replaced)
    while waiting:
        below = waiting.pop()
        for address in dependents[below]:
            verdict = verdicts[address]
            if isinstance(verdict, Step):
                continue
            desired = graph.resources[address]
            again = Unreadable(f"{below} is made anew first")
            verdicts[address] = Step(
                address, desired.kind, "create", f"looked at again: {again.reason}", desired, again, desired.depends_on
            )
            waiting.append(address)


def _keep_used(verdicts: dict[str, Verdict], used: Mapping[str, str]) -> None:
    """Keep what others have come to use: what they hold on it would go with it."""
    for address, how in used.items():
        step = verdicts.get(address)
        if isinstance(step, Step) and step.action == "delete":
            verdicts[address] = NoOp(
                address, step.kind, f"kept: {how}", is_ours=True, observed=step.observed, is_kept=True
            )


def _keep_below(verdicts: dict[str, Verdict]) -> None:
    """Keep what a kept thing rests on: the right to see it, above all."""
    waiting = [verdict for verdict in verdicts.values() if isinstance(verdict, NoOp) and verdict.is_kept]
    while waiting:
        above = waiting.pop()
        for address in above.observed.depends_on:
            step = verdicts.get(address)
            if isinstance(step, Step) and step.action == "delete":
                why = f"kept: {above.address} still rests on it"
                kept = NoOp(address, step.kind, why, is_ours=True, observed=step.observed, is_kept=True)
                verdicts[address] = kept
                waiting.append(kept)


def _dependents(depends_on: Mapping[str, Collection[str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for address, needed in depends_on.items():
        for below in needed:
            found[below].append(address)
    return found


def _in_order(steps: Mapping[str, Step], wanted: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps, each with the addresses of exactly those steps that it waits for."""
    nearest_steps = _NearestSteps(steps, wanted)
    waits = {
        address: () if step.action == "delete" else nearest_steps.of(wanted[address].depends_on)
        for address, step in steps.items()
    }
    waits |= _delete_waits(steps)
    return tuple(_waiting_for(steps[address], waits[address]) for address in ordered(waits))


def _waiting_for(step: Step, needed: tuple[str, ...]) -> Step:
    return step if step.depends_on == needed else replace(step, depends_on=needed)


class _NearestSteps:
    """The steps that something rests on, through whatever needs no step. Linear in the size of the graph."""

    def __init__(self, steps: Mapping[str, Step], wanted: Mapping[str, Any]) -> None:
        self._steps, self._wanted = steps, wanted
        self._below: dict[str, tuple[str, ...]] = {}

    def of(self, depends_on: tuple[str, ...]) -> tuple[str, ...]:
        """Return the nearest steps of what *depends_on* names; *depends_on* itself where all of it has steps."""
        if all(self._is_step(address) for address in depends_on):
            return depends_on
        found: dict[str, None] = {}
        for address in depends_on:
            found.update(dict.fromkeys((address,) if self._is_step(address) else self._through(address)))
        return tuple(found)

    def _is_step(self, address: str) -> bool:
        step = self._steps.get(address)
        return step is not None and step.action != "delete"

    def _through(self, address: str) -> tuple[str, ...]:
        known = self._below.get(address)
        if known is None:
            item = self._wanted.get(address)
            known = self._below[address] = () if item is None else self.of(item.depends_on)
        return known


def _delete_waits(steps: Mapping[str, Step]) -> dict[str, tuple[str, ...]]:
    """For each step that takes something away, say what it waits for."""
    deletes = {address: step for address, step in steps.items() if step.action == "delete"}
    waits: dict[str, dict[str, None]] = {address: {} for address in deletes}
    for address, step in deletes.items():
        for below in step.depends_on:
            if below in waits:
                waits[below][address] = None
    _grant_before_revoke(steps, deletes, waits)
    _administer_before_revoke(steps, deletes, waits)
    return {address: tuple(needed) for address, needed in waits.items()}


def _grant_before_revoke(
    steps: Mapping[str, Step], deletes: Mapping[str, Step], waits: dict[str, dict[str, None]]
) -> None:
    """
    Make what somebody loses wait for what the same one gets: a reader who is moved loses nothing half-way.

    Where there is much of both, only the first loss waits for every gain, and the other losses wait for the first: a
    plan that named each pair would grow with the square of what a reader has.
    """
    lost, got = _by_holder(deletes.values()), dict[_Holder, list[str]]()
    if lost:
        got = _by_holder(step for step in steps.values() if step.action != "delete" and _holder(step) in lost)
    if not got:
        return
    position = {address: at for at, address in enumerate(ordered(waits))}
    for holder, granted in got.items():
        first, *others = sorted(lost[holder], key=position.__getitem__)
        waits[first].update(dict.fromkeys(granted))
        passed_on = granted if len(granted) <= FEW_GRANTS else [first]
        for address in others:
            waits[address].update(dict.fromkeys(passed_on))


_Holder: TypeAlias = tuple[str, Hashable]
"""A kind, and one who holds things of it."""


def _holder(step: Step) -> _Holder | None:
    whose = KINDS[step.kind].holder
    return (step.kind, whose(step.resource)) if whose else None


def _by_holder(steps: Iterable[Step]) -> dict[_Holder, list[str]]:
    found: dict[_Holder, list[str]] = defaultdict(list)
    for step in steps:
        if holder := _holder(step):
            found[holder].append(step.address)
    return found


def _administer_before_revoke(
    steps: Mapping[str, Step], deletes: Mapping[str, Step], waits: dict[str, dict[str, None]]
) -> None:
    """Make what Lake Formation rules wait, also on its way out, for the right without which it cannot be seen."""
    rights = {step.resource.place: address for address, step in steps.items() if deletes and _gives_right(step)}
    for address, step in deletes.items():
        right = rights.get(step.resource.place)
        if right and KINDS[step.kind].is_hidden_without_admin:
            waits[address][right] = None


def _gives_right(step: Step) -> bool:
    return KINDS[step.kind].gives_sight and step.action != "delete"
