"""
Who works when: the shifts of each day with their breaks, following a daily and a weekly shape.

Days are UTC days. The number of shifts follows the number of contacts, a dozen for each, and never falls below three a
day: enough for a centre that answers most contacts within twenty seconds and loses about one in twenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lakeshare.sandbox.synthesis.centre import Agent, Centre
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.moments import HOUR, MINUTE, midnight

WEEKDAY_WEIGHTS = (1.25, 1.1, 1.0, 1.0, 1.05, 0.55, 0.35)
"""How busy Monday to Sunday are, against a plain weekday."""

HOUR_WEIGHTS = {
    8: 0.7,
    9: 1.2,
    10: 1.5,
    11: 1.4,
    12: 1.0,
    13: 1.0,
    14: 1.2,
    15: 1.1,
    16: 0.9,
    17: 0.7,
    18: 0.5,
    19: 0.3,
}
"""How busy the hours of opening are."""

SHIFT_LENGTH = 8 * HOUR
_CONTACTS_PER_SHIFT = 12
_STARTS = (8, 9, 8, 11, 10, 8, 12, 9)


@dataclass(frozen=True, slots=True)
class Break:
    """Time off the queue within a shift, as planned: a status's name, start, length in ms."""

    status: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent's planned working day; times in ms since the epoch."""

    agent: Agent
    start: int
    end: int
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class WorkedShift:
    """A shift as it was worked: when the agent signed in and out, and the breaks as they were taken."""

    agent: Agent
    start: int
    end: int
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a history of so many contacts is."""

    days: int
    shifts: int
    agents: int


def extent(contacts: int) -> Extent:
    """Return the days, shifts and agents that *contacts* call for."""
    shifts = max(1, -(-contacts // _CONTACTS_PER_SHIFT))
    days = max(1, min(7, shifts) if contacts < 500 else 14 if contacts < 5000 else 28)
    shifts = max(shifts, 3 * days)
    return Extent(days, shifts, agents=max(8, -(-3 * shifts // days)))


def working_days(anchor: date, days: int) -> list[date]:
    """Return the *days* before *anchor*, oldest first: the history ends with the midnight that begins the anchor."""
    return [anchor - timedelta(days=ago) for ago in range(days, 0, -1)]


def apportion(total: int, weights: list[float], *, least: int = 0) -> list[int]:
    """Share out *total* in proportion to *weights*, at least *least* each, losing nothing to rounding."""
    spare = total - least * len(weights)
    shares = [spare * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(weights)), key=lambda at: counts[at] - shares[at])
    for at in by_remainder[: spare - sum(counts)]:
        counts[at] += 1
    return [count + least for count in counts]


def build_roster(centre: Centre, days: list[date], shifts: int, chance: Chance) -> list[Shift]:
    """Return the shifts of *days*, about *shifts* in all and three each day at the least, in order of their days."""
    counts = apportion(shifts, [WEEKDAY_WEIGHTS[day.weekday()] for day in days], least=3)
    roster = []
    for ordinal, (day, count) in enumerate(zip(days, counts, strict=True)):
        generalists = centre.agents[::2]
        first = generalists[ordinal % len(generalists)]
        others = [agent for agent in centre.agents if agent is not first]
        on_duty = [first, *chance.sample(others, min(count - 1, len(others)))]
        roster += [_shift(agent, day, position, chance) for position, agent in enumerate(on_duty)]
    return roster


def _shift(agent: Agent, day: date, position: int, chance: Chance) -> Shift:
    start = midnight(day) + _STARTS[position % len(_STARTS)] * HOUR
    spread = chance.randint(-2, 2) * 5 * MINUTE
    breaks = [
        Break("Break", start + 2 * HOUR + spread, 15 * MINUTE),
        Break("Lunch", start + 4 * HOUR + spread, 30 * MINUTE),
        Break("Break", start + 6 * HOUR + spread, 15 * MINUTE),
    ]
    if chance.happens(0.2):
        breaks.append(Break("Training", start + 7 * HOUR + spread, 20 * MINUTE))
    return Shift(agent, start, start + SHIFT_LENGTH, tuple(breaks))
