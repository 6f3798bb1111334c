"""
The order of a plan's steps. Pure.

A step waits for the steps of everything it depends on, also through things that need no step themselves. Things go in
the opposite order of that in which they came. What is granted comes before what is revoked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from lakeshare.engine.graph import ordered
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Step

FEW_GRANTS = 20
"""Up to this many grants of one principal, each of its revokes names all of them: what it waits for is then plain."""


def in_order(steps: Mapping[str, Step], wanted: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps, each with the addresses of exactly those steps that it waits for."""
    nearest_steps = _NearestSteps(steps, wanted)
    waits = {
        address: () if step.desired is None else nearest_steps.of(wanted[address].depends_on)
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
        return step is not None and step.desired is not None

    def _through(self, address: str) -> tuple[str, ...]:
        known = self._below.get(address)
        if known is None:
            item = self._wanted.get(address)
            known = self._below[address] = () if item is None else self.of(item.depends_on)
        return known


def _delete_waits(steps: Mapping[str, Step]) -> dict[str, tuple[str, ...]]:
    """For each step that takes something away, say what it waits for."""
    deletes = {address: step for address, step in steps.items() if step.desired is None}
    waits: dict[str, dict[str, None]] = {address: {} for address in deletes}
    for address, step in deletes.items():
        for below in step.depends_on:
            if below in waits:
                waits[below][address] = None
    _grant_before_revoke(steps, deletes, waits)
    _administer_before_revoke(steps, deletes, waits)
    _administer_to_the_end(steps, deletes, waits)
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
        got = _by_holder(step for step in steps.values() if step.desired is not None and _holder(step) in lost)
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


def _administer_to_the_end(
    steps: Mapping[str, Step], deletes: Mapping[str, Step], waits: dict[str, dict[str, None]]
) -> None:
    """
    Take the right to administer a place away after all else there that takes it.

    Things say what they rest on, but some rested on a right of another sort when they were made, such as a lasting one
    that is borrowed by now.
    """
    leaving = [step for step in deletes.values() if KINDS[step.kind].gives_sight]
    if not leaving:
        return
    ruled: dict[Any, list[str]] = defaultdict(list)
    for step in steps.values():
        if KINDS[step.kind].is_hidden_without_admin:
            ruled[step.resource.place].append(step.address)
    for right in leaving:
        waits[right.address].update(dict.fromkeys(ruled[right.resource.place]))


def _gives_right(step: Step) -> bool:
    return KINDS[step.kind].gives_sight and step.desired is not None
