"""
Reads many resources, kind by kind in the registry's order, filling in on the way what an earlier kind tells.

What nobody can see yet stays a KnownAfter; what Lake Formation would hide from the operator is called Unreadable rather
than Absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeshare.resources.kind import Run
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Absent, KnownAfter, Place, Unreadable, resolve

HIDDEN = Unreadable("Lake Formation hides it until the operator is an administrator")


@dataclass(slots=True)
class Observation:
    """What was asked about, with its unknowns filled in as far as they are known, and what was found."""

    wanted: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def lookup(self, unknown: KnownAfter) -> Any:
        """Answer an unknown from what was found, or with itself."""
        there = self.found.get(unknown.address)
        if there is None or isinstance(there, (Absent, Unreadable)):
            return unknown
        value = getattr(there, unknown.attribute, None)
        return unknown if value is None else value


def observe(run: Run, resources: Iterable[Any], *, blind: Collection[Place] = ()) -> Observation:
    """
    Return what stands at the addresses of *resources*.

    *blind* are the places where the operator is no Lake Formation administrator yet. Calls: one bulk read per kind and
    place; see each kind's ``read.py``.
    """
    waiting: dict[str, list[Any]] = defaultdict(list)
    for resource in resources:
        waiting[resource.kind].append(resource)
    seen = Observation()
    for name, kind in KINDS.items():
        items = [resolve(item, seen.lookup) for item in waiting.get(name, ())]
        if not items:
            continue
        seen.wanted.update((item.address, item) for item in items)
        found: Mapping[str, Any] = kind.read(run, items)
        for item in items:
            there = found[item.address]
            if isinstance(there, Absent) and kind.is_hidden_without_admin and item.place in blind:
                there = HIDDEN
            seen.found[item.address] = there
    return seen
