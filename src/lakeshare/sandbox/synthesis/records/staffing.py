"""The planners' configuration: who is planned in which group, by which profiles, activities and rotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakeshare.sandbox.synthesis.centre import Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import DAY, moment
from lakeshare.sandbox.synthesis.plan import StaffingPlan, Version, make_plan, versions
from lakeshare.sandbox.synthesis.records.fields import Row, processed


def _marks(plan: StaffingPlan, version: Version) -> Row:
    """Return the columns that every version of every planned thing ends with."""
    return {
        "is_deleted": version.is_deleted,
        "last_updated_by": plan.planner,
        "last_updated_timestamp": moment(version.updated),
        **processed(version.updated),
    }


def staff_scheduling_profile(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each agent's scheduling configuration."""
    plan = make_plan(history)
    for agent in history.centre.agents:
        in_rotation = chance.happens(0.5)
        for version in versions(history, chance, deleted=0.03):
            yield {
                "agent_arn": agent.arn,
                "staff_scheduling_profile_version": version.number,
                "staffing_group_arn": plan.staffing_group(agent).arn,
                "start_timestamp": moment(history.begins - 300 * DAY),
                "end_timestamp": moment(history.ends + 365 * DAY),
                "shift_profile_arn": None if in_rotation else chance.choice(plan.shift_profiles).arn,
                "shift_rotation_pattern_arn": plan.rotations[0].arn if in_rotation else None,
                "shift_rotation_start_step_id": chance.randint(1, 2) if in_rotation else None,
                "timezone": "UTC",
                **_marks(plan, version),
            }


def shift_activities(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each shift activity."""
    plan = make_plan(history)
    for activity in plan.activities:
        for version in versions(history, chance, deleted=0):
            yield {
                "shift_activity_arn": activity.arn,
                "shift_activity_version": version.number,
                "shift_activity_name": activity.name,
                "type": activity.kind,
                "sub_type": activity.sub_kind,
                "is_adherence_tracked": activity.kind != "LEAVE",
                "is_paid": activity.name != "Lunch",
                **_marks(plan, version),
            }


def shift_profiles(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each shift profile."""
    yield from _versioned(history, make_plan(history).shift_profiles, "shift_profile", chance)


def staffing_groups(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each staffing group."""
    yield from _versioned(history, make_plan(history).staffing_groups, "staffing_group", chance)


def shift_rotation_patterns(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the versions of each shift rotation pattern; its first day is text."""
    rows = _versioned(history, make_plan(history).rotations, "shift_rotation_pattern", chance)
    yield from ({**row, "start_date": history.days[0].isoformat()} for row in rows)


def _versioned(history: History, things: Iterable[Named], kind: str, chance: Chance) -> Iterator[Row]:
    plan = make_plan(history)
    for thing in things:
        for version in versions(history, chance, deleted=0):
            yield {
                f"{kind}_arn": thing.arn,
                f"{kind}_version": version.number,
                f"{kind}_name": thing.name,
                **_marks(plan, version),
            }


def shift_rotation_steps(history: History, _: Chance) -> Iterator[Row]:
    """Yield the steps of each version of each rotation: weeks of one shift profile after another."""
    plan = make_plan(history)
    # The versions are those that the patterns' own table shows: drawn again from its generator.
    for pattern in shift_rotation_patterns(history, history.chance("shift_rotation_patterns")):
        for step, profile in enumerate(plan.shift_profiles[:2], 1):
            yield {
                "step_id": step,
                "shift_profile_arn": profile.arn,
                "duration": 7,
                **{
                    name: value
                    for name, value in pattern.items()
                    if name not in ("shift_rotation_pattern_name", "start_date")
                },
            }


def staffing_group_forecast_groups(history: History, _: Chance) -> Iterator[Row]:
    """Yield the forecast group of each version of each staffing group."""
    plan = make_plan(history)
    forecasts = {group.arn: plan.forecast_groups[at] for at, group in enumerate(plan.staffing_groups)}
    for row in _of_staffing_groups(history):
        yield {**row, "forecast_group_arn": forecasts[row["staffing_group_arn"]].arn}


def staffing_group_supervisors(history: History, _: Chance) -> Iterator[Row]:
    """Yield two supervisors of each version of each staffing group."""
    for row in _of_staffing_groups(history):
        for supervisor in history.centre.evaluators[:2]:
            yield {**row, "supervisor_arn": supervisor}


def _of_staffing_groups(history: History) -> Iterator[Row]:
    for row in staffing_groups(history, history.chance("staffing_groups")):
        yield {name: value for name, value in row.items() if name != "staffing_group_name"}


def staff_demand_group(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the demand groups of each agent."""
    plan = make_plan(history)
    for position, agent in enumerate(history.centre.agents):
        for version in versions(history, chance, deleted=0.03):
            yield {
                "agent_arn": agent.arn,
                "demand_group_arn": plan.demand_groups[position % len(plan.demand_groups)].arn,
                "staff_demand_group_version": version.number,
                "priority": chance.choice(("PRIMARY", "SECONDARY")),
                "is_override": chance.happens(0.1),
                **_marks(plan, version),
            }


def staffing_group_demand_group(history: History, chance: Chance) -> Iterator[Row]:
    """Yield the demand groups of each staffing group."""
    plan = make_plan(history)
    for staffing, demand in zip(plan.staffing_groups, plan.demand_groups, strict=True):
        for version in versions(history, chance, deleted=0):
            yield {
                "staffing_group_arn": staffing.arn,
                "demand_group_arn": demand.arn,
                "staffing_group_demand_group_version": version.number,
                "priority": "PRIMARY",
                **_marks(plan, version),
            }


RECORDS = {
    "staff_scheduling_profile": staff_scheduling_profile,
    "shift_activities": shift_activities,
    "shift_profiles": shift_profiles,
    "staffing_groups": staffing_groups,
    "shift_rotation_patterns": shift_rotation_patterns,
    "shift_rotation_steps": shift_rotation_steps,
    "staffing_group_forecast_groups": staffing_group_forecast_groups,
    "staffing_group_supervisors": staffing_group_supervisors,
    "staff_demand_group": staff_demand_group,
    "staffing_group_demand_group": staffing_group_demand_group,
}
