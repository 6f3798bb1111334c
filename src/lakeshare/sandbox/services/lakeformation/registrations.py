"""The places in S3 that are registered with Lake Formation, as they are stored."""

from __future__ import annotations

from dataclasses import dataclass

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Location:
    """A registered place, and the role by which Lake Formation reaches it; changed_at in sandbox seconds."""

    arn: str
    role: str
    is_hybrid: bool
    changed_at: float


class Locations:
    """The registered places of every account, by ARN without a trailing slash."""

    def __init__(self, _world: World) -> None:
        self._places: dict[Place, dict[str, Location]] = {}

    def of(self, place: Place) -> dict[str, Location]:
        """Return the places that one account registered in one Region, by ARN."""
        return self._places.setdefault(place, {})

    def governing(self, place: Place, location: str) -> Location | None:
        """Return the registered place with the longest path that holds the ``s3://`` *location*, or None."""
        arn = location.replace("s3://", "arn:aws:s3:::", 1).rstrip("/") + "/"
        holding = [each for each in self.of(place).values() if arn.startswith(f"{each.arn}/")]
        return max(holding, key=lambda each: len(each.arn), default=None)
