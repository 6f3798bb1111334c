"""Finds steps that differ in one name only, so that 48 lines can be read as one. Pure; knows no kind of resource."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

FEWEST: Final = 4
"""Below this many, lines of their own are easier to read than a bunch."""

FEWEST_LONG: Final = 2
LONG: Final = 110
"""Addresses of more characters than this fill a line of their own each, so fewer of them make a bunch."""

EVERY: Final = "*"

A = TypeVar("A", bound=str)
"""The words for what happens to a thing: a plan's actions, or what somebody changed."""

A_co = TypeVar("A_co", bound=str, covariant=True)

_NAMES = re.compile(r"[^/:.]+")


class Line(Protocol[A_co]):
    """One of many things that may be alike: a step of a plan, or a difference."""

    @property
    def address(self) -> str:
        """Where it is."""

    @property
    def action(self) -> A_co:
        """What happens to it."""

    @property
    def reason(self) -> str:
        """Why, in words."""

    @property
    def is_provisional(self) -> bool:
        """Whether that is decided again later."""


@dataclass(frozen=True, slots=True)
class Bunch(Generic[A]):
    """
    Steps of one kind and action that are alike but for one name.

    ``pattern`` is what their addresses have in common, with ``*`` for that name: a glob that ``--target`` takes.
    ``names`` are what ``*`` stands for; a single step has its whole address as the pattern and no names. ``is_apart``:
    they are among those that were to be kept apart.
    """

    action: A
    pattern: str
    reason: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    is_provisional: bool
    is_apart: bool = False

    @property
    def size(self) -> int:
        """How many steps there are in it."""
        return len(self.addresses)


@dataclass(frozen=True, slots=True)
class _Family(Generic[A]):
    """What alike steps have in common: everything but one name."""

    action: A
    pattern: str
    reason: str
    is_provisional: bool
    is_apart: bool


def bunched(steps: Sequence[Line[A]], apart: Container[str] = ()) -> list[Bunch[A]]:
    """
    Gather *steps*, which are of one kind and place, into bunches, in the order of their first members.

    A step goes with the largest family that it could be part of: 48 tables for one reader rather than three readers of
    one table. Those whose addresses are in *apart* are in no bunch with others.
    """
    # By hash, and worked out twice: a hundred thousand steps could be part of half a million families.
    sizes = Counter(hash(family) for step in steps for family, _name in _families(step, apart))
    members: dict[_Family[A], list[tuple[Line[A], str]]] = {}
    for step in steps:
        alone = _alone(step, is_apart=step.address in apart), ""
        family, name = max(_families(step, apart), key=lambda found: sizes[hash(found[0])], default=alone)
        if sizes[hash(family)] < _fewest(step):
            family, name = alone
        members.setdefault(family, []).append((step, name))
    return [bunch for family, found in members.items() for bunch in _bunches(family, found)]


def _fewest(step: Line[str]) -> int:
    return FEWEST_LONG if len(step.address) > LONG else FEWEST


def _families(step: Line[A], apart: Container[str]) -> Iterator[tuple[_Family[A], str]]:
    """Yield each family that *step* could be part of, and its name in it."""
    is_apart = step.address in apart
    for found in _NAMES.finditer(step.address):
        name = found.group()
        pattern = f"{step.address[: found.start()]}{EVERY}{step.address[found.end() :]}"
        yield _Family(step.action, pattern, step.reason.replace(name, EVERY), step.is_provisional, is_apart), name


def _alone(step: Line[A], *, is_apart: bool) -> _Family[A]:
    return _Family(step.action, step.address, step.reason, step.is_provisional, is_apart)


def _bunches(family: _Family[A], found: list[tuple[Line[A], str]]) -> list[Bunch[A]]:
    """Make one bunch, or, when larger families have left too few members here, a bunch for each step."""
    steps = [step for step, _name in found]
    if len(steps) < min(map(_fewest, steps)):
        return [_bunch(_alone(step, is_apart=family.is_apart), [step], ()) for step in steps]
    return [_bunch(family, steps, tuple(name for _step, name in found))]


def _bunch(family: _Family[A], steps: list[Line[A]], names: tuple[str, ...]) -> Bunch[A]:
    addresses = tuple(step.address for step in steps)
    return Bunch(family.action, family.pattern, family.reason, names, addresses, family.is_provisional, family.is_apart)
