"""Narrows a plan to some addresses and what goes with them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from itertools import islice

from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import UsageError
from lakeshare.planning.graph import Reading
from lakeshare.planning.plan import Plan
from lakeshare.resources.values import Absent, Step

_PARTS = re.compile(r"([/:.])")

MOST_COMPARED = 5_000
"""Looking for the nearest of many addresses takes time; among more than these the first ones do."""


IN_THE_PLAN = "`lakeshare plan --show-no-op` lists them all"
IN_THE_LEDGER = "`lakeshare state list` lists what is ours"


def narrow(
    plan: Plan,
    targets: Sequence[str],
    depends_on: Mapping[str, Collection[str]],
    where_listed: str = IN_THE_PLAN,
) -> Plan:
    """
    Keep the steps whose address matches one of *targets* (globs), and those that have to go with them.

    With them go the steps that they wait for, and, where one is made anew, those that look again at what rests on it.
    The plan that comes back says in ``pulled_in`` which steps these are and for which others they are there.

    A blocker stays when it stands at a kept step, at anything that a kept step rests on by way of *depends_on*, or at
    no resource at all: narrowing a plan is no way around what is in the way.

    Raises UsageError for a target that matches nothing in the plan, changed or not.
    """
    everything = [step.address for step in plan.steps]
    everything += [item.address for item in plan.no_ops] + [item.address for item in plan.blockers]
    check_targets(targets, everything, where_listed)
    named = {step.address for step in plan.steps if matches(step.address, targets)}
    pulled_in = _pulled_in(plan.steps, named)
    kept = [step for step in plan.steps if step.address in pulled_in or step.address in named]
    resting = _resting_on([step.address for step in kept], depends_on)
    return replace(
        plan,
        steps=tuple(kept),
        no_ops=tuple(item for item in plan.no_ops if matches(item.address, targets)),
        blockers=tuple(
            item
            for item in plan.blockers
            if item.address in resting or item.address not in depends_on or matches(item.address, targets)
        ),
        pulled_in=pulled_in,
        targets=tuple(targets),
    )


def narrow_readings(readings: Sequence[Reading], targets: Sequence[str]) -> tuple[Reading, ...]:
    """
    Keep the readings whose reader, link or grants match one of *targets*, all of them when there are none.

    Where somebody is to be refused, those who may read the same link stay too: that a link is refused shows nothing
    unless somebody else's query shows that it is there. Raises UsageError for a target that matches nothing.
    """
    if not targets:
        return tuple(readings)
    spots = {id(reading): _spots(reading) for reading in readings}
    check_targets(targets, list(dict.fromkeys(spot for found in spots.values() for spot in found)))
    chosen = [reading for reading in readings if any(matches(spot, targets) for spot in spots[id(reading)])]
    refused = {_link_of(reading) for reading in chosen if not reading.is_allowed or reading.hidden_columns}
    kept = {id(reading) for reading in chosen}
    return tuple(
        reading for reading in readings if id(reading) in kept or (reading.is_allowed and _link_of(reading) in refused)
    )


def _spots(reading: Reading) -> tuple[str, ...]:
    label = f"role:{reading.reader}" if reading.sort == "role" else reading.reader
    return (
        f"{reading.account}/global/{label}",
        f"{reading.account}/{reading.region}/{_link_of(reading)[-1]}",
        *reading.addresses,
    )


def _link_of(reading: Reading) -> tuple[str, str, str]:
    return reading.account, reading.region, f"link:{reading.database}.{reading.link}"


def check_targets(targets: Sequence[str], addresses: Collection[str], where_listed: str = IN_THE_PLAN) -> None:
    """
    Raise UsageError, with the nearest address, for the first of *targets* that matches none of *addresses*.

    *where_listed* is the hint that says what lists them.
    """
    for target in targets:
        if not any(fnmatchcase(address, target) for address in addresses):
            close = nearest_address(target, addresses)
            raise UsageError(
                f"no address matches --target '{target}'" + (f"; did you mean '{close}'?" if close else ""),
                hint=where_listed,
            )


def matches(address: str, targets: Iterable[str]) -> bool:
    """Tell whether *address* is one of *targets*, which may be globs."""
    return _pattern(tuple(targets)).match(address) is not None


@lru_cache(maxsize=8)
def _pattern(targets: tuple[str, ...]) -> re.Pattern[str]:
    """Return all *targets* as one expression: there may be a hundred thousand addresses to match."""
    return re.compile("|".join(map(translate, targets)) or r"(?!)")


def nearest_address(target: str, addresses: Collection[str]) -> str | None:
    """
    Return what was probably meant by *target*, which matches none of *addresses*; None when nothing is close.

    A glob is compared with what the addresses look like when the parts that it leaves open are left open in them too.
    """
    parts = _PARTS.split(target)
    shapes: dict[str, None] = {}
    for address in addresses:
        own = _PARTS.split(address)
        if parts[-1] == "*":
            own = own[: len(parts)]
        if len(own) == len(parts):
            shapes["".join("*" if part == "*" else there for part, there in zip(parts, own, strict=True))] = None
    return nearest(target, islice(shapes or addresses, MOST_COMPARED))


def _pulled_in(steps: Sequence[Step], named: Collection[str]) -> dict[str, tuple[str, ...]]:
    """
    Return the steps that go with those *named*, and are not named themselves, each with what it is there for: first
    what is named, then what is pulled in itself, both in the plan's order.
    """
    by_address = {step.address: step for step in steps}
    above = _waiting_for(steps)
    because: dict[str, dict[str, None]] = defaultdict(dict)
    seen: set[tuple[str, bool]] = set()
    waiting = [(address, False) for address in named]
    while waiting:
        address, was_reached_anew = waiting.pop()
        is_anew = was_reached_anew or by_address[address].action == "replace"
        if (address, is_anew) in seen:
            continue
        seen.add((address, is_anew))
        with_it = [(other, False) for other in by_address[address].depends_on]
        # What is made anew takes along what rests on it, and what is not there yet can wait.
        with_it += [
            (other, True) for other in above[address] if is_anew and not isinstance(by_address[other].observed, Absent)
        ]
        for other, _ in with_it:
            because[other][address] = None
        waiting += with_it
    place = {step.address: (step.address not in named, number) for number, step in enumerate(steps)}
    return {
        step.address: tuple(sorted(because[step.address], key=place.__getitem__))
        for step in steps
        if step.address in because and step.address not in named
    }


def _waiting_for(steps: Sequence[Step]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        for below in step.depends_on:
            found[below].append(step.address)
    return found


def _resting_on(kept: Collection[str], depends_on: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(kept)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting.extend(depends_on.get(address, ()))
    return found
