"""Forecasts of volumes and handle times, and the groups of queues that they are made for."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.synthesis.centre import Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, MINUTE, moment
from lakeshare.sandbox.synthesis.plan import StaffingPlan, make_plan, versions
from lakeshare.sandbox.synthesis.records.fields import Row, processed
from lakeshare.sandbox.synthesis.roster import HOUR_WEIGHTS, WEEKDAY_WEIGHTS

_QUARTER = 15 * MINUTE
_CHANNELS = ("VOICE", "CHAT")
_DAYS_AHEAD = 28


def forecast_groups(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each forecast group; the last group is deleted."""
    groups = make_plan(history).forecast_groups
    for group in groups:
        for version in versions(history, chance, changed=0.5, deleted=float(group is groups[-1])):
            yield {
                "forecast_group_arn": group.arn,
                "forecast_group_version": version.number,
                "forecast_group_name": group.name,
                "is_deleted": version.is_deleted,
                "last_updated_timestamp": moment(version.updated),
                **processed(version.updated),
            }


def long_term_forecasts(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a forecast per queue, channel and day, four weeks ahead."""
    plan, expected = make_plan(history), _expected_per_day(history)
    for position, queue in enumerate(history.centre.queues):
        group = _group_of(plan, position)
        for ahead in range(_DAYS_AHEAD):
            start = history.ends + ahead * DAY
            volume = expected * WEEKDAY_WEIGHTS[(history.anchor.weekday() + ahead) % 7]
            yield {
                "long_term_forecast_id": chance.uuid(),
                "timezone": "UTC",
                **_forecast(history, group, queue, chance, start=start, volume=volume, interval="DAILY"),
            }


def short_term_forecasts(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a forecast per queue and quarter of an hour of the first day ahead."""
    plan = make_plan(history)
    for position, queue in enumerate(history.centre.queues):
        group = _group_of(plan, position)
        for start, volume in _quarters(history):
            row = _forecast(history, group, queue, chance, start=start, volume=volume, interval="FIFTEEN_MINUTES")
            yield {"short_term_forecast_id": chance.uuid(), **row}


def intraday_forecasts(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the running day's forecast per queue and quarter of an hour."""
    for queue in history.centre.queues:
        for start, volume in _quarters(history):
            yield {
                "intraday_forecast_id": chance.uuid(),
                "channel": "VOICE",
                "queue_arn": queue.arn,
                "forecast_interval_start_timestamp": moment(start),
                "creation_timestamp": moment(history.ends - HOUR),
                "average_handle_time": round(chance.gauss(380, 30), 1),
                "average_queue_answer_time": round(abs(chance.gauss(20, 8)), 1),
                "contact_volume": round(volume * chance.uniform(0.7, 1.3), 2),
                "effective_agent_staffing": round(volume / 3 + chance.uniform(0.5, 1.5), 2),
                **processed(history.ends - HOUR),
            }


def demand_group(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each demand group."""
    plan = make_plan(history)
    for position, group in enumerate(plan.demand_groups):
        for version in versions(history, chance):
            yield {
                "demand_group_arn": group.arn,
                "demand_group_version": version.number,
                "demand_group_name": group.name,
                "forecast_group_arn": plan.forecast_groups[position].arn,
                "is_deleted": version.is_deleted,
                "last_updated_timestamp": moment(version.updated),
                **processed(version.updated),
            }


def demand_group_definitions(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the queues and channels of each demand group."""
    plan = make_plan(history)
    for position, queue in enumerate(history.centre.queues):
        group = plan.demand_groups[position % len(plan.demand_groups)]
        for channel in _CHANNELS:
            yield {
                "demand_group_definition_id": chance.uuid(),
                "demand_group_arn": group.arn,
                "demand_group_version": 1,
                "queue_id": queue.id,
                "channel": channel,
                "is_deleted": False,
                "last_updated_timestamp": moment(history.begins - 30 * DAY),
                **processed(history.begins - 30 * DAY),
            }


def _group_of(plan: StaffingPlan, position: int) -> Named:
    """Return the forecast group of the queue at *position*; the last group, deleted, has none."""
    return plan.forecast_groups[position % (len(plan.forecast_groups) - 1)]


def _expected_per_day(history: History) -> float:
    """Return the contacts that one queue is likely to have on a plain day."""
    return len(history.contacts) / len(history.days) / len(history.centre.queues)


def _quarters(history: History) -> list[tuple[int, float]]:
    """Return the quarters of an hour of the day after the history, with the volume that one queue expects in each."""
    day = _expected_per_day(history)
    return [
        (history.ends + hour * HOUR + quarter * _QUARTER, day * weight / sum(HOUR_WEIGHTS.values()) / 4)
        for hour, weight in HOUR_WEIGHTS.items()
        for quarter in range(4)
    ]


def _forecast(
    history: History, group: Named, queue: Named, chance: Chance, *, start: int, volume: float, interval: str
) -> Row:
    computed = history.ends - 6 * HOUR
    is_overridden = chance.happens(0.1)
    handle_time = round(chance.gauss(380, 25), 1)
    return {
        "forecast_group_arn": group.arn,
        "forecast_group_version": 1,
        "interval": interval,
        "queue_id": queue.id,
        "channel": chance.weighted({"VOICE": 4, "CHAT": 1}),
        "forecast_interval_start_time": moment(start),
        "creation_timestamp": moment(computed),
        "computed_time": moment(computed),
        "published_time": moment(computed + HOUR),
        "is_published": True,
        "average_handle_time": handle_time,
        "contact_volume": round(volume * chance.uniform(0.8, 1.2)),
        "average_handle_time_override": round(handle_time * 1.1, 1) if is_overridden else None,
        "contact_volume_override": round(volume * 1.2) if is_overridden else None,
        **processed(computed + HOUR),
    }


RECORDS = {
    "forecast_groups": forecast_groups,
    "long_term_forecasts": long_term_forecasts,
    "short_term_forecasts": short_term_forecasts,
    "intraday_forecasts": intraday_forecasts,
    "demand_group": demand_group,
    "demand_group_definitions": demand_group_definitions,
}
