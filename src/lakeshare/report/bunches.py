"""Finds steps that differ in one name only, so that 48 lines can be read as one. Pure; knows no kind of resource."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lakeshare.resources.values import Action, Step

FEWEST: Final = 4
"""Below this many, lines of their own are easier to read than a bunch."""

FEWEST_LONG: Final = 2
LONG: Final = 110
"""Addresses of more characters than this fill a line of their own each, so fewer of them make a bunch."""

EVERY: Final = "*"

_NAMES = re.compile(r"[^/:.]+")


@dataclass(frozen=True, slots=True)
class Bunch:
    """
    Steps of one kind and action that are alike but for one name.

    ``pattern`` is what their addresses have in common, with ``*`` for that name: a glob that ``--target`` takes.
    ``names`` are what ``*`` stands for; a single step has its whole address as the pattern and no names.
    """

    action: Action
    pattern: str
    reason: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    is_provisional: bool

    @property
    def size(self) -> int:
        """How many steps there are in it."""
        return len(self.addresses)


@dataclass(frozen=True, slots=True)
class _Family:
    """What alike steps have in common: everything but one name."""

    action: Action
    pattern: str
    reason: str
    is_provisional: bool


def bunched(steps: Sequence[Step]) -> list[Bunch]:
    """
    Gather *steps*, which are of one kind and place, into bunches, in the order of their first members.

    A step goes with the largest family that it could be part of: 48 tables for one reader rather than three readers of
    one table.
    """
    families = {step.address: dict(_families(step)) for step in steps}
    sizes = Counter(family for named in families.values() for family in named)
    members: dict[_Family, list[Step]] = {}
    for step in steps:
        chosen = max(families[step.address], key=lambda family: sizes[family], default=None)
        family = chosen if chosen and sizes[chosen] >= _fewest(step) else _alone(step)
        members.setdefault(family, []).append(step)
    return [bunch for family, found in members.items() for bunch in _bunches(family, found, families)]


def _fewest(step: Step) -> int:
    return FEWEST_LONG if len(step.address) > LONG else FEWEST


def _families(step: Step) -> Iterable[tuple[_Family, str]]:
    """Yield each family that *step* could be part of, and its name in it."""
    for found in _NAMES.finditer(step.address):
        name = found.group()
        pattern = f"{step.address[: found.start()]}{EVERY}{step.address[found.end() :]}"
        yield _Family(step.action, pattern, step.reason.replace(name, EVERY), step.is_provisional), name


def _alone(step: Step) -> _Family:
    return _Family(step.action, step.address, step.reason, step.is_provisional)


def _bunches(family: _Family, steps: list[Step], families: dict[str, dict[_Family, str]]) -> list[Bunch]:
    """Make one bunch, or, when larger families have left too few members here, a bunch for each step."""
    if len(steps) < min(map(_fewest, steps)):
        return [_bunch(_alone(step), [step], ()) for step in steps]
    return [_bunch(family, steps, tuple(families[step.address][family] for step in steps))]


def _bunch(family: _Family, steps: list[Step], names: tuple[str, ...]) -> Bunch:
    addresses = tuple(step.address for step in steps)
    return Bunch(family.action, family.pattern, family.reason, names, addresses, family.is_provisional)
