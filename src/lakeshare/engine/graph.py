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
    position = {address: at for at, address in enumerate(edges)}
    names = list(edges)
    unmet = {address: {need for need in needs if need in position} for address, needs in edges.items()}
    dependents: dict[str, list[str]] = {address: [] for address in names}
    for address, needs in unmet.items():
        for need in needs:
            dependents[need].append(address)

    free = [at for at, address in enumerate(names) if not unmet[address]]
    order: list[str] = []
    while free:
        address = names[heapq.heappop(free)]
        order.append(address)
        for dependent in dependents[address]:
            unmet[dependent].discard(address)
            if not unmet[dependent]:
                heapq.heappush(free, position[dependent])

    if len(order) < len(names):
        cycle = _one_cycle({address: needs for address, needs in unmet.items() if needs})
        raise CycleError(f"these depend on each other: {' -> '.join(cycle)}", cycle=cycle)
    return order


def _one_cycle(unmet: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Walk from need to need, each of which has unmet needs itself, until an address comes round again."""
    trail: dict[str, int] = {}
    address = next(iter(unmet))
    while address not in trail:
        trail[address] = len(trail)
        address = min(unmet[address])
    return (*list(trail)[trail[address] :], address)
