"""
Reads many resources in as few rounds as their unknowns allow, all kinds at once: each round fills in what it tells.

What nobody can see yet stays a KnownAfter; what Lake Formation would hide from the operator is called Unreadable rather
than Absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Memory, Run
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Absent, KnownAfter, Place, Unreadable, has_unknowns, resolve

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
    place, kept in *run*'s memory; see each kind's ``read.py``.
    """
    run = run if run.memory else replace(run, memory=Memory())
    seen = Observation()
    known, waiting = _parted(resources)
    while known or waiting:
        # When a round has told nothing new nobody will, and what still waits is read as it is.
        ready, waiting = (known, waiting) if known else (waiting, [])
        seen.wanted.update((item.address, item) for item in ready)
        for item, there in _read(run, ready):
            hidden = isinstance(there, Absent) and KINDS[item.kind].is_hidden_without_admin and item.place in blind
            seen.found[item.address] = HIDDEN if hidden else there
        known, waiting = _parted(resolve(item, seen.lookup) for item in waiting)
    return seen


def look_ahead(run: Run, resources: Iterable[Any]) -> None:
    """
    Read what a look at all of *resources*, which have no unknowns, will ask for, so that *run*'s memory has it.

    What cannot be read is for that look to tell, should it ask for it at all.
    """
    assert run.memory is not None, "nothing would be remembered"
    one_each = {(item.kind, _sight(item)): item for item in resources}
    with suppress(CallError):
        seen = observe(run, one_each.values())
        for address, item in seen.wanted.items():
            run.memory.keep(item, seen.found[address])


def _sight(item: Any) -> Hashable:
    sight = KINDS[item.kind].sight
    return item.address if sight is None else sight(item)


def _parted(resources: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Part what can be asked about from what has unknowns."""
    known: list[Any] = []
    waiting: list[Any] = []
    for item in resources:
        (waiting if has_unknowns(item) else known).append(item)
    return known, waiting


def _read(run: Run, items: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each of *items* with what stands in its place; all kinds are read at once, what is remembered not again."""
    assert run.memory is not None, "observe gives every run a memory"
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        there = run.memory.kept(item)
        if there is None:
            by_kind[item.kind].append(item)
        else:
            yield item, there
    groups = [by_kind[name] for name in KINDS if name in by_kind]
    for group, found in zip(groups, run.aws.in_parallel(lambda some: _read_kind(run, some), groups), strict=True):
        yield from ((item, found[item.address]) for item in group)


def _read_kind(run: Run, items: Sequence[Any]) -> Mapping[str, Any]:
    return KINDS[items[0].kind].read(run, items)


def probe_hidden(run: Run, seen: Observation, known: Mapping[str, Any]) -> None:
    """
    Ask by name for what no list has shown although it is *known* to have been made, and put what is found into *seen*.

    Lists that leave things out are no proof that these are gone; see each kind's ``probe``.
    """
    missing: dict[str, list[Any]] = defaultdict(list)
    for address in known:
        item = seen.wanted.get(address)
        if item is not None and isinstance(seen.found[address], Absent) and not has_unknowns(item):
            missing[item.kind].append(item)
    for name, items in missing.items():
        if probe := KINDS[name].probe:
            seen.found.update(probe(run, items))
