"""
Where the sources about AWS contradict each other: which of them the sandbox follows, and how to have it follow another.

A switch is declared beside the rule that it concerns; the first of its positions is the default::

    STORAGE = switch(
        "glue.link-storage",
        "Whether a resource link may be made with a schema or storage of its own.",
        positions={"refuse": "it is refused", "mask": "it is stored, and never shown"},
        source="botocore service model, glue TableInput; what the service does is not established",
        concerns=RULE_NO_STORAGE,
    )
    ...
    if STORAGE.stands_at(call.world) == "refuse": ...

They are set at ``/_sandbox/switches`` and with ``lakeshare sandbox serve --switch glue.link-storage=mask``, and listed
with the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.rules import Rule
from lakeshare.sandbox.trouble.expect import UnexpectedError
from lakeshare.sandbox.world import World

_REGISTRY: dict[str, Switch] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Switch:
    """
    One contradiction, and the ways in which it can be taken.

    ``name`` reads ``service.question``; ``positions`` says of each position what then holds, the default first.
    """

    name: str
    text: str
    positions: Mapping[str, str]
    source: str
    concerns: Rule

    @property
    def default(self) -> str:
        """The position in which the sandbox starts unless it is told otherwise."""
        return next(iter(self.positions))

    def stands_at(self, world: World) -> str:
        """Return its position in *world*."""
        return world.store(Switches).positions.get(self.name, self.default)


class Switches:
    """The positions that differ from the default; at first, and after a reset, those that the world was made with."""

    def __init__(self, world: World) -> None:
        self.positions: Mapping[str, str] = world.switched

    def document(self) -> dict[str, str]:
        """Return the position of every switch there is."""
        return {each.name: self.positions.get(each.name, each.default) for each in all_switches()}


def switch(name: str, text: str, *, positions: Mapping[str, str], source: str, concerns: Rule) -> Switch:
    """Declare a switch; two different switches under one name are a mistake of ours."""
    if name in _REGISTRY:
        raise ValueError(f"two switches are called {name}")
    declared = _REGISTRY[name] = Switch(name, text, positions, source, concerns)
    return declared


def all_switches() -> tuple[Switch, ...]:
    """Every switch of the sandbox by name, which takes importing all of its services."""
    from lakeshare.sandbox.registry import import_all

    import_all()
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def read_switches(body: Any) -> dict[str, str]:
    """Read ``{"glue.link-storage": "mask"}``; what is left out stands where the sandbox was started with it."""
    if not isinstance(body, dict):
        raise UnexpectedError(f'expected positions by switch, {{"glue.link-storage": "mask"}}, not {body!r}')
    known = {each.name: each for each in all_switches()}
    for name, position in body.items():
        if name not in known:
            raise UnexpectedError(f"no switch is called {name!r}; there are {', '.join(known)}")
        if position not in known[name].positions:
            stands = ", ".join(known[name].positions)
            raise UnexpectedError(f"expected {name} to be one of {stands}, not {position!r}")
    return dict(body)
