"""Shifts as they were and will be, what is in them, time off, and what the schedule is expected to achieve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from lakeshare.sandbox.synthesis.centre import Agent
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, HOUR, MINUTE, moment
from lakeshare.sandbox.synthesis.plan import ShiftActivity, StaffingPlan, TimeOff, make_plan
from lakeshare.sandbox.synthesis.records.fields import Row, processed
from lakeshare.sandbox.synthesis.roster import HOUR_WEIGHTS, SHIFT_LENGTH, Break, Shift, WorkedShift, build_roster


@dataclass(frozen=True, slots=True)
class _PlannedShift:
    """One version of a shift in the schedule; times in ms since the epoch."""

    id: str
    version: int
    agent: Agent
    start: int
    breaks: tuple[Break, ...]
    created: int
    is_deleted: bool

    @property
    def end(self) -> int:
        return self.start + SHIFT_LENGTH

    @property
    def updated(self) -> int:
        return self.created + (self.version - 1) * 2 * HOUR

    @property
    def key(self) -> Row:
        return {"shift_id": self.id, "shift_version": self.version}

    @property
    def marks(self) -> Row:
        return {
            "is_deleted": self.is_deleted,
            "last_updated_timestamp": moment(self.updated),
            **processed(self.updated),
        }

    def blocks(self, plan: StaffingPlan) -> Iterator[tuple[ShiftActivity, int, int]]:
        """Yield the activities of the shift end to end: work, broken by the breaks."""
        at = self.start
        by_name = {activity.name: activity for activity in plan.activities}
        for pause in sorted(self.breaks, key=lambda each: each.start):
            yield by_name["Work"], at, pause.start
            at = pause.start + pause.length
            yield by_name[pause.status], pause.start, at
        yield by_name["Work"], at, self.end


def _schedule(history: History) -> list[_PlannedShift]:
    """Return the shifts worked and those of the week ahead; every tenth was changed, every fortieth dropped."""
    chance = history.chance("schedule")
    ahead = [history.anchor + timedelta(days=day) for day in range(7)]
    future = build_roster(history.centre, ahead, max(21, len(history.shifts) * 7 // len(history.days)), chance)
    planned: list[_PlannedShift] = []
    shifts: list[Shift | WorkedShift] = [*history.shifts, *future]
    for shift in shifts:
        id_, created = chance.uuid(), shift.start - chance.randrange(7 * DAY, 14 * DAY)
        last = 1 + chance.happens(0.1) + (is_dropped := chance.happens(0.025))
        planned += [
            _PlannedShift(id_, version, shift.agent, shift.start, shift.breaks, created, is_dropped and version == last)
            for version in range(1, last + 1)
        ]
    return planned


def staff_shifts(history: History, _: Chance) -> Iterator[Row]:
    """Yield the versions of each shift."""
    for shift in _schedule(history):
        yield {
            **shift.key,
            "agent_arn": shift.agent.arn,
            "shift_start_timestamp": moment(shift.start),
            "shift_end_timestamp": moment(shift.end),
            "created_timestamp": moment(shift.created),
            **shift.marks,
        }


def staff_shift_activities(history: History, _: Chance) -> Iterator[Row]:
    """Yield the activities of each version of each shift; they fill it, and a null activity ARN means work."""
    for shift, position, activity, start, end in _blocks(history):
        yield {
            **shift.key,
            "activity_id": _activity_id(shift, position),
            "activity_start_timestamp": moment(start),
            "activity_end_timestamp": moment(end),
            "shift_activity_arn": None if activity.name == "Work" else activity.arn,
            "activity_status": "ACTIVE",
            "is_overtime": False,
            **shift.marks,
        }


def staff_shift_activity_allocations(history: History, _: Chance) -> Iterator[Row]:
    """Yield which demand groups the work of each shift is for; the percentages of one activity add up to 100."""
    plan = make_plan(history)
    for shift, position, activity, _start, _end in _blocks(history):
        if activity.name != "Work":
            continue
        for group, forecast, share in zip(plan.demand_groups, plan.forecast_groups, (70.0, 30.0), strict=False):
            yield {
                **shift.key,
                "activity_id": _activity_id(shift, position),
                "demand_group_arn": group.arn,
                "forecast_group_arn": forecast.arn,
                "allocation_percentage": share,
                **shift.marks,
            }


def _blocks(history: History) -> Iterator[tuple[_PlannedShift, int, ShiftActivity, int, int]]:
    plan = make_plan(history)
    for shift in _schedule(history):
        for position, block in enumerate(shift.blocks(plan)):
            yield shift, position, *block


def _activity_id(shift: _PlannedShift, position: int) -> str:
    return f"{shift.id[:-2]}{position:02d}"


def staff_timeoffs(history: History, _: Chance) -> Iterator[Row]:
    """Yield the versions of each request for time off: asked for, then decided."""
    for time_off in make_plan(history).time_off:
        for version, status in enumerate(("PENDING_ACCEPTANCE", "APPROVED"), 1):
            yield {
                "timeoff_id": time_off.id,
                "agent_arn": time_off.agent.arn,
                "timeoff_version": version,
                "timeoff_type": "TIME_OFF",
                "timeoff_start_timestamp": moment(time_off.start),
                "timeoff_end_timestamp": moment(time_off.end),
                "timeoff_status": status,
                "shift_activity_arn": time_off.activity.arn,
                "effective_timeoff_hours": time_off.hours,
                **_time_off_marks(time_off, version),
            }


def staff_timeoff_intervals(history: History, _: Chance) -> Iterator[Row]:
    """Yield the days of each version of each request; their hours add up to the request's."""
    for time_off in make_plan(history).time_off:
        for version in (1, 2):
            for position, start in enumerate(range(time_off.start, time_off.end, DAY)):
                yield {
                    "timeoff_id": time_off.id,
                    "timeoff_version": version,
                    "interval_id": f"{time_off.id[:-2]}{position:02d}",
                    "timeoff_interval_start_timestamp": moment(start),
                    "timeoff_interval_end_timestamp": moment(start + DAY),
                    "interval_effective_timeoff_hours": 8.0,
                    **_time_off_marks(time_off, version),
                }


def _time_off_marks(time_off: TimeOff, version: int) -> Row:
    updated = time_off.requested + (version - 1) * DAY
    return {"last_updated_timestamp": moment(updated), **processed(updated)}


def staff_timeoff_balance_changes(history: History, _: Chance) -> Iterator[Row]:
    """Yield each agent's ledger of leave: a yearly allowance, less each request; the balance is carried along."""
    plan = make_plan(history)
    for agent in history.centre.agents:
        entries: list[tuple[int, float, TimeOff | None]] = [(history.begins - 90 * DAY, 160.0, None)]
        taken = [time_off for time_off in plan.time_off if time_off.agent is agent]
        entries += [(time_off.requested, -time_off.hours, time_off) for time_off in taken]
        balance = 0.0
        for version, (at, change, time_off) in enumerate(entries, 1):
            balance += change
            yield {
                "agent_arn": agent.arn,
                "shift_activity_arn": plan.activities[4].arn,
                "timeoff_balance_version": version,
                "balance_update_source": "TIME_OFF_REQUEST" if time_off else "IMPORT",
                "timeoff_id": time_off.id if time_off else None,
                "last_updated_by": agent.arn if time_off else plan.planner,
                "balance_change_in_hours": change,
                "remaining_balance_in_hours": balance,
                "last_created_timestamp": moment(at),
                **processed(at),
            }


def schedule_metrics(history: History, chance: Chance) -> Iterator[Row]:
    """Yield what is expected of each half hour of the first day ahead, per demand group."""
    for group in make_plan(history).demand_groups:
        for hour, weight in HOUR_WEIGHTS.items():
            for half in range(2):
                needed = round(6 * weight, 1)
                yield {
                    "metric_id": chance.uuid(),
                    "entity_type": "DEMAND_GROUP",
                    "entity_arn": group.arn,
                    "channel": "VOICE",
                    "interval_start_timestamp": moment(history.ends + hour * HOUR + half * 30 * MINUTE),
                    "required_agent_count": needed,
                    "scheduled_agent_count": round(needed + chance.uniform(-1, 1), 1),
                    "scheduled_occupancy": round(chance.uniform(60, 88), 1),
                    "scheduled_service_level_percentage": round(chance.uniform(75, 95), 1),
                    "service_level_seconds": 20,
                    "scheduled_average_speed_of_answer": round(chance.uniform(8, 30), 1),
                    "is_deleted": False,
                    "last_updated_timestamp": moment(history.ends - 2 * HOUR),
                    **processed(history.ends - 2 * HOUR),
                }


def schedule_goals(history: History, chance: Chance) -> Iterator[Row]:
    """Yield a goal per demand group and channel."""
    for group in make_plan(history).demand_groups:
        for channel, percentage, seconds in (("VOICE", 80.0, 20), ("CHAT", 90.0, 60)):
            yield {
                "goal_id": chance.uuid(),
                "entity_type": "DEMAND_GROUP",
                "entity_arn": group.arn,
                "channel": channel,
                "start_date_timestamp": moment(history.begins - 30 * DAY),
                "end_date_timestamp": moment(history.ends + 180 * DAY),
                "goal_service_level_percentage": percentage,
                "goal_service_level_seconds": seconds,
                "goal_average_speed_of_answer": seconds * 0.8,
                "is_deleted": False,
                "last_updated_timestamp": moment(history.begins - 30 * DAY),
                **processed(history.begins - 30 * DAY),
            }


RECORDS = {
    "staff_shifts": staff_shifts,
    "staff_shift_activities": staff_shift_activities,
    "staff_shift_activity_allocations": staff_shift_activity_allocations,
    "staff_timeoffs": staff_timeoffs,
    "staff_timeoff_intervals": staff_timeoff_intervals,
    "staff_timeoff_balance_changes": staff_timeoff_balance_changes,
    "schedule_metrics": schedule_metrics,
    "schedule_goals": schedule_goals,
}
