"""Narrows a plan to some addresses and what they need. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from lakeshare.errors import UsageError
from lakeshare.planning.plan import Plan


def narrow(plan: Plan, targets: Sequence[str], depends_on: Mapping[str, Collection[str]]) -> Plan:
    """
    Keep the steps whose address matches one of *targets* (globs), and the steps that those wait for.

    A blocker stays when it stands at a kept step, at anything that a kept step rests on by way of *depends_on*, or at
    no resource at all: narrowing a plan is no way around what is in the way.

    Raises UsageError for a target that matches nothing in the plan, changed or not.
    """
    everything = [step.address for step in plan.steps]
    everything += [item.address for item in plan.no_ops] + [item.address for item in plan.blockers]
    for target in targets:
        if not any(fnmatchcase(address, target) for address in everything):
            raise UsageError(
                f"no address matches --target {target}", hint="`lakeshare plan --show-no-op` lists them all"
            )
    by_address = {step.address: step for step in plan.steps}
    kept: set[str] = set()
    waiting = [address for address in by_address if _matches(address, targets)]
    while waiting:
        address = waiting.pop()
        if address not in kept:
            kept.add(address)
            waiting.extend(by_address[address].depends_on)
    resting = _resting_on(kept, depends_on)
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.address in kept),
        no_ops=tuple(item for item in plan.no_ops if _matches(item.address, targets)),
        blockers=tuple(
            item
            for item in plan.blockers
            if item.address in resting or item.address not in depends_on or _matches(item.address, targets)
        ),
    )


def _resting_on(kept: Collection[str], depends_on: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(kept)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting.extend(depends_on.get(address, ()))
    return found


def _matches(address: str, targets: Sequence[str]) -> bool:
    return any(fnmatchcase(address, target) for target in targets)
