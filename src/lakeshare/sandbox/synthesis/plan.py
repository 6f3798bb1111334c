"""
What the planners of the centre made: forecast, demand and staffing groups, shift activities and profiles, time off.

The scheduling tables are versioned. A thing's first version is replaced by a later one when it was changed, and a
deleted thing ends with a version that says so; readers take the highest version of what is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.synthesis.centre import Agent, Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a planned thing; *updated* in ms since the epoch, rising with the number."""

    number: int
    updated: int
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class ShiftActivity(Named):
    """A sort of activity within a shift."""

    kind: str
    sub_kind: str


@dataclass(frozen=True, slots=True)
class TimeOff:
    """An agent's time off: whole days; times in ms since the epoch."""

    id: str
    agent: Agent
    activity: ShiftActivity
    start: int
    end: int
    requested: int

    @property
    def hours(self) -> float:
        """Working hours it takes: eight a day."""
        return (self.end - self.start) / DAY * 8.0


@dataclass(frozen=True, slots=True)
class StaffingPlan:
    """Everything the planning tables point at."""

    forecast_groups: tuple[Named, ...]
    demand_groups: tuple[Named, ...]
    staffing_groups: tuple[Named, ...]
    activities: tuple[ShiftActivity, ...]
    shift_profiles: tuple[Named, ...]
    rotations: tuple[Named, ...]
    time_off: tuple[TimeOff, ...]
    planner: str

    def staffing_group(self, agent: Agent) -> Named:
        """Return the group that *agent* is planned in: the one its team belongs to."""
        return self.staffing_groups[len(agent.groups[2].name) % len(self.staffing_groups)]


_ACTIVITIES = {
    "Work": ("PRODUCTIVE", "WORK"),
    "Break": ("NON_PRODUCTIVE", "BREAK"),
    "Lunch": ("NON_PRODUCTIVE", "MEAL"),
    "Training": ("PRODUCTIVE", "TRAINING"),
    "Annual leave": ("LEAVE", "PAID_TIME_OFF"),
}
"""Type and sub-type by name."""


def make_plan(history: History) -> StaffingPlan:
    """Return the staffing plan of the centre; always the same for the same history."""
    chance, instance = history.chance("staffing plan"), history.instance

    def group(kind: str, *names: str) -> tuple[Named, ...]:
        drawn = [(chance.uuid(), name) for name in names]
        return tuple(Named(own, instance.arn_of(kind, own), name) for own, name in drawn)

    activities = tuple(
        ShiftActivity(one.id, one.arn, one.name, kind, sub_kind)
        for one in group("shift-activity", *_ACTIVITIES)
        for kind, sub_kind in [_ACTIVITIES[one.name]]
    )
    return StaffingPlan(
        forecast_groups=group("forecast-group", "Service", "Sales", "Seasonal"),
        demand_groups=group("demand-group", "Service demand", "Sales demand"),
        staffing_groups=group("staffing-group", "Day staff", "Late staff"),
        activities=activities,
        shift_profiles=group("shift-profile", "Early", "Late", "Weekend"),
        rotations=group("shift-rotation-pattern", "Early and late"),
        time_off=tuple(_time_off(history, activities[4], chance)),
        planner=history.centre.evaluators[0],
    )


def _time_off(history: History, activity: ShiftActivity, chance: Chance) -> Iterator[TimeOff]:
    for agent in history.centre.agents:
        for _ in range(chance.randint(1, 2)):
            start = history.ends + chance.randint(1, 40) * DAY
            end = start + chance.randint(1, 5) * DAY
            yield TimeOff(chance.uuid(), agent, activity, start, end, start - chance.randint(41, 80) * DAY)


def versions(history: History, chance: Chance, *, changed: float = 0.3, deleted: float = 0.1) -> list[Version]:
    """Return the versions of one thing: one, another when it was *changed*, a last one when it was *deleted*."""
    at = history.begins - chance.randrange(30 * DAY, 60 * DAY)
    drawn = [Version(1, at, is_deleted=False)]
    if chance.happens(changed):
        drawn.append(Version(2, at + chance.randrange(HOUR, 5 * DAY), is_deleted=False))
    if chance.happens(deleted):
        last = drawn[-1]
        drawn.append(Version(last.number + 1, last.updated + chance.randrange(HOUR, 5 * DAY), is_deleted=True))
    return drawn
