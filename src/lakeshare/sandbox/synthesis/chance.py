"""The one source of chance: what is synthetic comes from a named, seeded generator, so that it can be drawn again."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Chance(Random):
    """
    A seeded generator that speaks of identifiers and durations.

    Each table draws from a generator named after itself, ``Chance(seed, "users")``, so that making fewer tables does
    not change the others.
    """

    def __init__(self, *name: object) -> None:
        super().__init__("/".join(str(part) for part in name))

    def uuid(self) -> str:
        """Return a random UUID in its printed form."""
        digits = f"{self.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def happens(self, probability: float) -> bool:
        """Return True with *probability*."""
        return self.random() < probability

    def weighted(self, weights: dict[T, float]) -> T:
        """Return one of the keys, in proportion to its weight."""
        return self.choices(list(weights), list(weights.values()))[0]

    def duration_ms(self, median_seconds: float, spread: float = 0.5, *, least_seconds: float = 1.0) -> int:
        """Return a log-normal duration in milliseconds; *spread* is the standard deviation of its logarithm."""
        seconds = median_seconds * math.exp(self.gauss(0.0, spread))
        return round(max(least_seconds, seconds) * 1000)

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """Return between none and *most* of *items*, in their own order."""
        chosen = set(self.sample(range(len(items)), self.randint(0, min(most, len(items)))))
        return [item for position, item in enumerate(items) if position in chosen]
