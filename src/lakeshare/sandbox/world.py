"""
Everything the sandbox remembers.

A world is a clock and one store per service; a service asks for its own store by class and never reaches into another's
attributes, only through the methods that store offers. ``reset`` forgets everything, which is all a reset has to do.
Calls run on one thread at a time (the front door sees to it), so stores need no locks of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from lakeshare.sandbox.clock import Clock


class Store(Protocol):
    """A service's state: made from the world it lives in, with nothing else to construct it."""

    def __init__(self, world: World) -> None: ...


S = TypeVar("S", bound=Store)


class World:
    """
    The state of one sandbox.

    ``age`` counts its resets: a call that was asked at another age belongs to no world. ``switched`` is what every
    world of this sandbox begins with: the position of each switch that does not stand at its default.
    """

    def __init__(self, switched: Mapping[str, str] | None = None) -> None:
        self.switched = dict(switched or {})
        self.clock = Clock()
        self.age = 0
        self._stores: dict[type, object] = {}

    def store(self, kind: type[S]) -> S:
        """Return this world's only *kind*, made on first use."""
        found = self._stores.get(kind)
        if found is None:
            found = self._stores[kind] = kind(self)
        assert isinstance(found, kind)
        return found

    def reset(self) -> None:
        """Forget everything, the moved clock included."""
        self.age += 1
        self.clock = Clock()
        self._stores.clear()
