"""From what should be, what is, and what the ledger says is ours, to a plan. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.order import in_order
from lakeshare.planning.plan import Plan
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Blocker, NoOp, Step, Unreadable, Verdict


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
        steps=in_order(steps, wanted),
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
        if isinstance(step, Step) and step.desired is None:
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
            if isinstance(step, Step) and step.desired is None:
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
