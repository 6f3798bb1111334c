"""Drift as it is shown: a tree of places, kinds and bunches of differences that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lakeshare.planning.differences import Change, Difference, Making
from lakeshare.report.bunches import Bunch, bunched
from lakeshare.report.plan_view import Obstacle, gathered, place_of, title_of


@dataclass(frozen=True, slots=True)
class DriftLine:
    """A difference as `bunched` takes it: what happened to a thing stands where a plan says what will be done."""

    address: str
    action: Change
    reason: str
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class DriftBunch:
    """Differences that are alike but for one name. ``makings`` tells who made them, in one line for each run."""

    bunch: Bunch[Change]
    makings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DriftKindView:
    """The differences of one kind in one place; ``title`` is the plural that people read."""

    title: str
    bunches: tuple[DriftBunch, ...]

    def counts(self) -> dict[Change, int]:
        """Count the differences by what happened, in the order of first appearance."""
        found: dict[Change, int] = {}
        for item in self.bunches:
            found[item.bunch.action] = found.get(item.bunch.action, 0) + item.bunch.size
        return found


@dataclass(frozen=True, slots=True)
class DriftPlaceView:
    """What differs in one account and Region; ``name`` is how addresses begin."""

    name: str
    account_id: str | None
    kinds: tuple[DriftKindView, ...]


@dataclass(frozen=True, slots=True)
class DriftView:
    """All differences, and the tree that is shown of them; what is in the way stands apart, in ``blocked``."""

    differences: tuple[Difference, ...]
    places: tuple[DriftPlaceView, ...]

    @property
    def blocked(self) -> tuple[Difference, ...]:
        """What a person has to decide about."""
        return tuple(item for item in self.differences if item.change == "blocked")

    @property
    def obstacles(self) -> tuple[tuple[Obstacle, tuple[str, ...]], ...]:
        """What is in the way, each thing once for all its addresses, and who made what is of ours among these."""
        by_address = {item.address: item for item in self.blocked}
        found = gathered((item.address, item.reason, item.way_out or "") for item in self.blocked)
        return tuple((item, _makings([by_address[address] for address in item.addresses])) for item in found)

    def counts(self) -> dict[Change, int]:
        """Count the differences by what happened."""
        found: dict[Change, int] = {}
        for item in self.differences:
            found[item.change] = found.get(item.change, 0) + 1
        return found


def view_drift(differences: Sequence[Difference]) -> DriftView:
    """Arrange *differences* by place and kind, in the order in which they come."""
    by_place: dict[str, list[Difference]] = {}
    for item in differences:
        if item.change != "blocked":
            by_place.setdefault(place_of(item.address), []).append(item)
    places = (DriftPlaceView(name, found[0].account_id, _kinds(found)) for name, found in by_place.items())
    return DriftView(tuple(differences), tuple(places))


def _kinds(differences: Sequence[Difference]) -> tuple[DriftKindView, ...]:
    by_kind: dict[str, list[Difference]] = {}
    for item in differences:
        by_kind.setdefault(item.kind, []).append(item)
    return tuple(DriftKindView(title_of(kind), _bunches(found)) for kind, found in by_kind.items())


def _bunches(differences: Sequence[Difference]) -> tuple[DriftBunch, ...]:
    by_address = {item.address: item for item in differences}
    bunches = bunched([DriftLine(item.address, item.change, item.reason) for item in differences])
    return tuple(DriftBunch(bunch, _makings([by_address[address] for address in bunch.addresses])) for bunch in bunches)


def _makings(differences: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(made_by(item.making) for item in differences if item.making))


def made_by(making: Making) -> str:
    """Say when a thing was made, and by which run of whose."""
    whose = f"{making.by}@{making.host}, " if making.by else ""
    changed = ", last changed" if making.is_changed_since else ""
    return f"made {moment(making.made_at)}{changed} by {whose}run {making.run_id}"


def moment(seconds: float) -> str:
    """Return *seconds* since the epoch as a person and a program can read them, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
