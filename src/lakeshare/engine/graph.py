"""An order in which nothing comes before what it needs."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from lakeshare.errors import LakeshareError


@dataclass(eq=False)
class CycleError(LakeshareError):
    """
    Things that need each other in a circle. ``cycle`` walks it once: each needs the next, the last is the
    first again.
    """

    cycle: tuple[str, ...] = ()
    code: ClassVar[str] = "cycle"


def ordered(edges: Mapping[str, Collection[str]]) -> list[str]:
    """
    Return the keys of *edges* so that each comes after everything it needs.

    *edges* maps an address to the addresses it depends on; addresses that are not keys themselves are ignored. Among
    those that could come next, the one named first in *edges* does, so the same input gives the same order and an
    input already in order comes back unchanged.

    Raises CycleError, naming one cycle.
    """
    if _is_in_order(edges):
        return list(edges)
    names = list(edges)
    position = {address: at for at, address in enumerate(names)}
    unmet = [0] * len(names)
    dependents: dict[int, list[int]] = {}
    for at, needs in enumerate(edges.values()):
        for need in {position[need] for need in needs if need in position}:
            dependents.setdefault(need, []).append(at)
            unmet[at] += 1

    free = [at for at, count in enumerate(unmet) if not count]
    order: list[str] = []
    while free:
        at = heapq.heappop(free)
        order.append(names[at])
        for dependent in dependents.get(at, ()):
            unmet[dependent] -= 1
            if not unmet[dependent]:
                heapq.heappush(free, dependent)

    if len(order) < len(names):
        stuck = {address: needs for (address, needs), count in zip(edges.items(), unmet, strict=True) if count}
        cycle = _one_cycle({address: [need for need in needs if need in stuck] for address, needs in stuck.items()})
        raise CycleError(f"these depend on each other: {' -> '.join(cycle)}", cycle=cycle)
    return order


def _is_in_order(edges: Mapping[str, Collection[str]]) -> bool:
    """Tell whether nothing comes before what it needs. Most graphs are built that way, and need no sorting."""
    # A million things need the same few thousand: only these are looked up again and again.
    to_come = {need for needs in edges.values() for need in needs} & edges.keys()
    for address, needs in edges.items():
        if not to_come.isdisjoint(needs):
            return False
        to_come.discard(address)
    return True


def _one_cycle(unmet: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Walk from need to need, each of which has unmet needs itself, until an address comes round again."""
    trail: dict[str, int] = {}
    address = next(iter(unmet))
    while address not in trail:
        trail[address] = len(trail)
        address = min(unmet[address])
    return (*list(trail)[trail[address] :], address)
