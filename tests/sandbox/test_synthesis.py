"""The synthetic contact centre: its tables join, its durations add up, and it can be drawn again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshare.catalogue import Column, tables
from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import GlueType
from lakeshare.sandbox.synthesis import (
    History,
    Instance,
    ParquetWriter,
    engine_columns,
    glue_type,
    make_history,
    records,
)
from lakeshare.sandbox.synthesis.records import BUILDERS

ANCHOR = date(2026, 11, 23)
INSTANCE = Instance("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "111111111111", "us-east-1")
EVERY_TABLE = pytest.mark.parametrize("name", list(tables()))

Rows: TypeAlias = list[dict[str, Any]]
Lake: TypeAlias = dict[str, Rows]


def draw(contacts: int = 400, *, seed: int = 20260101, anchor: date = ANCHOR, instance: Instance = INSTANCE) -> History:
    return make_history(instance, contacts=contacts, anchor=anchor, seed=seed)


@pytest.fixture(scope="module")
def history() -> History:
    return draw(600)


@pytest.fixture(scope="module")
def lake(history: History) -> Lake:
    return {name: records(table, history) for name, table in tables().items()}


def ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))


def values(rows: Rows, column: str) -> set[Any]:
    return {row[column] for row in rows} - {None}


@EVERY_TABLE
def test_a_table_has_rows_with_exactly_its_columns(lake: Lake, name: str) -> None:
    """Every row of every table has the catalogue's columns, in the catalogue's order."""
    expected = [column.name for column in tables()[name].columns]

    assert lake[name]
    assert all(list(row) == expected for row in lake[name])


@EVERY_TABLE
def test_builders_speak_only_of_columns_that_exist(history: History, name: str) -> None:
    """No builder names a column that the catalogue does not have."""
    known = {column.name for column in tables()[name].columns}

    built = {column for row in BUILDERS[name](history, history.chance(name)) for column in row}

    assert built <= known


@EVERY_TABLE
def test_primary_keys_are_unique_and_present(lake: Lake, name: str) -> None:
    """A table's primary key is never null and never repeated."""
    key = tables()[name].primary_key

    found = Counter(tuple(row[column] for column in key) for row in lake[name])

    assert [each for each, times in found.items() if times > 1 or None in each] == []


@EVERY_TABLE
def test_columns_hold_values_and_nulls_only_where_allowed(lake: Lake, name: str) -> None:
    """Every column has a value in some row, and a column that is not nullable has one in all."""
    for column in tables()[name].columns:
        nulls = sum(row[column.name] is None for row in lake[name])

        assert nulls < len(lake[name]), column.name
        assert column.nullable or nulls == 0, column.name


SCALARS: dict[str, type] = {
    "timestamp": datetime,
    "boolean": bool,
    "float": float,
    "double": float,
    "int": int,
    "bigint": int,
    "string": str,
}


def fits(value: Any, type_: GlueType) -> bool:
    """Whether *value*, or null, is of *type_*, all the way down; timestamps are in UTC."""
    if value is None:
        return True
    members = [member for _, member in type_.members]
    match type_.base:
        case "array":
            return isinstance(value, list) and all(fits(each, members[0]) for each in value)
        case "map":
            return isinstance(value, dict) and all(fits(each, members[1]) for each in value.values())
        case "struct":
            names = [name for name, _ in type_.members]
            return list(value) == names and all(map(fits, value.values(), members))
        case scalar:
            return type(value) is SCALARS[scalar] and getattr(value, "tzinfo", UTC) is UTC


@EVERY_TABLE
def test_values_are_of_the_column_s_type(lake: Lake, name: str) -> None:
    """Each value is what its Glue type says, members of structs included."""
    for column in tables()[name].columns:
        type_ = glue_types.parse(glue_type(column))

        assert [row[column.name] for row in lake[name] if not fits(row[column.name], type_)] == [], column.name


@EVERY_TABLE
def test_parquet_keeps_every_row_and_every_nested_type(lake: Lake, name: str, tmp_path: Path) -> None:
    """A table written as Parquet is read back with its types and its rows."""
    table, file = tables()[name], tmp_path / "rows.parquet"

    with ParquetWriter() as writer:
        file.write_bytes(writer.write(engine_columns(table), lake[name]))

    with duckdb.connect() as engine:
        found = engine.execute("SELECT * FROM read_parquet(?)", [str(file)])
        assert {column[0]: str(column[1]) for column in found.description} == {
            column.name: str(duckdb.sqltype(glue_types.parse(glue_type(column)).engine())) for column in table.columns
        }
        rows = found.fetchall()
    assert len(rows) == len(lake[name])
    first = {
        column: value.replace(tzinfo=None) if isinstance(value, datetime) else value
        for column, value in lake[name][0].items()
        if not isinstance(value, (list, dict, float))
    }
    assert (
        first.items()
        <= {
            column.name: value
            for column, value in zip(table.columns, rows[0], strict=True)
            if not isinstance(value, (list, dict, float))
        }.items()
    )


@pytest.mark.parametrize(
    ("table", "column", "target", "key"),
    [
        ("contact_record", "agent_id", "users", "user_id"),
        ("contact_record", "agent_routing_profile_id", "routing_profiles", "agent_routing_profile_id"),
        ("contact_record", "agent_hierarchy_groups_level_1_id", "agent_hierarchy_groups", "agent_hierarchy_group_id"),
        ("contact_record", "contact_id", "contact_statistic_record", "contact_id"),
        ("contact_record", "previous_contact_id", "contact_record", "contact_id"),
        ("contact_record", "next_contact_id", "contact_record", "contact_id"),
        ("contact_record", "campaign_id", "outbound_campaign_events", "campaign_id"),
        ("contact_statistic_record", "queue_id", "contact_record", "queue_id"),
        ("agent_statistic_record", "user_id", "users", "user_id"),
        ("agent_queue_statistic_record", "user_id", "users", "user_id"),
        ("agent_queue_statistic_record", "queue_id", "contact_record", "queue_id"),
        ("agent_event", "agent_arn", "users", "user_arn"),
        ("users", "agent_routing_profile_id", "routing_profiles", "agent_routing_profile_id"),
        ("users", "agent_hierarchy_group_id", "agent_hierarchy_groups", "agent_hierarchy_group_id"),
        ("contact_lens_conversational_analytics", "contact_id", "contact_record", "contact_id"),
        ("contact_evaluation_record", "contact_id", "contact_record", "contact_id"),
        ("contact_evaluation_record", "user_id", "users", "user_id"),
        ("contact_flow_events", "contact_id", "contact_record", "contact_id"),
        ("bot_conversations", "contact_id", "contact_record", "contact_id"),
        ("bot_intents", "bot_session_id", "bot_conversations", "bot_session_id"),
        ("bot_slots", "bot_session_id", "bot_intents", "bot_session_id"),
        ("ai_session", "contact_id", "contact_record", "contact_id"),
        ("ai_agent", "ai_session_id", "ai_session", "ai_session_id"),
        ("ai_prompt", "ai_session_id", "ai_session", "ai_session_id"),
        ("ai_tool", "ai_session_id", "ai_session", "ai_session_id"),
        ("ai_agent_knowledge_base", "ai_session_id", "ai_session", "ai_session_id"),
        ("ai_tool", "ai_agent_id", "ai_agent", "ai_agent_id"),
        ("case_related_item_events", "associated_case_id", "case_events", "case_id"),
        ("case_related_item_events", "contact_id", "contact_record", "contact_id"),
                ("long_term_forecasts", "forecast_group_arn", "forecast_groups", "forecast_group_arn"),
        ("short_term_forecasts", "queue_id", "contact_record", "queue_id"),
        ("demand_group_definitions", "demand_group_arn", "demand_group", "demand_group_arn"),
        ("demand_group", "forecast_group_arn", "forecast_groups", "forecast_group_arn"),
        ("staff_scheduling_profile", "agent_arn", "users", "user_arn"),
        ("staff_scheduling_profile", "staffing_group_arn", "staffing_groups", "staffing_group_arn"),
        ("staff_scheduling_profile", "shift_profile_arn", "shift_profiles", "shift_profile_arn"),
        ("staff_shifts", "agent_arn", "users", "user_arn"),
        ("staff_shift_activities", "shift_id", "staff_shifts", "shift_id"),
        ("staff_shift_activities", "shift_activity_arn", "shift_activities", "shift_activity_arn"),
        ("staff_shift_activity_allocations", "activity_id", "staff_shift_activities", "activity_id"),
        ("staff_timeoff_intervals", "timeoff_id", "staff_timeoffs", "timeoff_id"),
        ("staff_timeoff_balance_changes", "timeoff_id", "staff_timeoffs", "timeoff_id"),
        ("staffing_group_forecast_groups", "staffing_group_arn", "staffing_groups", "staffing_group_arn"),
        ("staffing_group_supervisors", "staffing_group_arn", "staffing_groups", "staffing_group_arn"),
        ("shift_rotation_steps", "shift_rotation_pattern_arn", "shift_rotation_patterns", "shift_rotation_pattern_arn"),
        ("schedule_metrics", "entity_arn", "demand_group", "demand_group_arn"),
    ],
)  # fmt: skip
def test_keys_join(lake: Lake, table: str, column: str, target: str, key: str) -> None:
    """Whatever points at another table finds its row there, and something does point."""
    pointing = values(lake[table], column)

    assert pointing
    assert pointing <= values(lake[target], key)


def handled(rows: Rows) -> Iterator[dict[str, Any]]:
    yield from (row for row in rows if row["agent_connected_to_agent_timestamp"])


def test_a_contact_runs_forward_and_its_durations_add_up(lake: Lake) -> None:
    """Initiation, queue, agent, disconnect and after-contact work follow each other, and the durations say the same."""
    seen = 0
    for row in handled(lake["contact_record"]):
        seen += 1
        initiated, connected = row["initiation_timestamp"], row["agent_connected_to_agent_timestamp"]
        disconnected, after = row["disconnect_timestamp"], row["agent_after_contact_work_end_timestamp"]
        assert initiated < connected < disconnected <= after
        talk, hold = row["agent_interaction_duration_ms"], row["agent_customer_hold_duration_ms"]
        assert talk + hold == ms(disconnected - connected)
        assert row["agent_after_contact_work_duration_ms"] == ms(after - disconnected)
        assert row["agent_longest_hold_duration_ms"] <= hold
        assert (row["agent_number_of_holds"] > 0) == (hold > 0)
        if row["queue_enqueue_timestamp"]:
            assert initiated <= row["queue_enqueue_timestamp"] <= row["queue_dequeue_timestamp"] == connected
            assert row["queue_duration_ms"] == ms(connected - row["queue_enqueue_timestamp"])
    assert seen > 300


def test_the_statistic_record_agrees_with_the_contact_record(lake: Lake) -> None:
    """Handle time is talk, hold and after-contact work; both tables say the same about each contact."""
    contacts = {row["contact_id"]: row for row in lake["contact_record"]}
    assert len(lake["contact_statistic_record"]) == len(contacts) == 600
    for row in lake["contact_statistic_record"]:
        contact = contacts[row["contact_id"]]
        assert (row["agent_id"] is not None) == bool(row["is_handled"]) == (contact["agent_id"] is not None)
        assert row["queue_time_ms"] == contact["queue_duration_ms"]
        if row["is_handled"]:
            talk_and_hold = row["agent_interaction_time_ms"] + row["customer_hold_time_ms"]
            assert row["handle_time_ms"] == talk_and_hold + row["after_contact_work_time_ms"]
            assert row["agent_interaction_and_hold_time_ms"] == talk_and_hold
            assert row["agent_interaction_time_ms"] == contact["agent_interaction_duration_ms"]


def test_an_abandoned_contact_has_waited_and_met_nobody(lake: Lake) -> None:
    """Abandoned contacts were queued, have no agent and no handle time; they are few, and there are some."""
    abandoned = [row for row in lake["contact_statistic_record"] if row["is_abandoned"]]

    assert 0.01 < len(abandoned) / 600 < 0.25
    for row in abandoned:
        assert row["is_queued"]
        assert (row["agent_id"], row["handle_time_ms"], row["is_handled"]) == (None, None, 0)
        assert row["abandon_time_ms"] == row["queue_time_ms"] > 0


def test_flags_are_zero_or_one(lake: Lake) -> None:
    """The flags of a statistic record can be summed."""
    for row in lake["contact_statistic_record"]:
        assert {value for name, value in row.items() if name.startswith("is_")} <= {0, 1}


def test_an_agent_s_interval_adds_up_and_is_never_exceeded(lake: Lake) -> None:
    """Online time is idle, on contact, away and in error, and fits into the interval."""
    for row in lake["agent_statistic_record"]:
        parts = ("agent_idle_time", "agent_on_contact_time", "non_productive_time", "error_time")
        assert min(row[part] for part in parts) >= 0
        assert row["online_time"] == sum(row[part] for part in parts)
        assert row["online_time"] <= ms(row["interval_end_time"] - row["interval_start_time"]) == 1_800_000
        assert row["interval_start_time"].minute in (0, 30)
        custom = sum(value for name, value in row.items() if name.startswith("custom_state_time_"))
        assert custom == row["non_productive_time"]


def test_time_on_contacts_is_the_same_by_agent_and_by_queue(lake: Lake) -> None:
    """An agent's handle times over queues add up to the time on contact of the same interval, and to the contacts'."""
    by_queue: dict[Any, int] = defaultdict(int)
    for row in lake["agent_queue_statistic_record"]:
        by_queue[row["user_id"], row["interval_start_time"]] += row["handle_time"]
        assert row["contacts_handled"] <= row["contacts_offered"]
    by_agent = {
        (row["user_id"], row["interval_start_time"]): row["agent_on_contact_time"]
        for row in lake["agent_statistic_record"]
    }

    assert {key: spent for key, spent in by_queue.items() if spent} == {
        key: spent for key, spent in by_agent.items() if spent
    }
    assert sum(by_agent.values()) == sum(row["handle_time_ms"] or 0 for row in lake["contact_statistic_record"])


def test_no_agent_has_two_contacts_at_once(lake: Lake) -> None:
    """An agent takes a contact only when the one before is done."""
    spans: dict[str, list[Any]] = defaultdict(list)
    for row in handled(lake["contact_record"]):
        spans[row["agent_id"]].append(
            (row["agent_connected_to_agent_timestamp"], row["agent_after_contact_work_end_timestamp"])
        )
    for taken in spans.values():
        ordered = sorted(taken)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def test_an_agent_event_starts_from_the_state_before(lake: Lake) -> None:
    """The previous state in an event is the current state of the agent's event before it."""
    states: dict[str, Any] = {}
    for row in lake["agent_event"]:
        assert row["previous_agent_status_name"] == states.get(row["agent_arn"])
        states[row["agent_arn"]] = row["current_agent_status_name"]


def test_contact_lens_splits_the_conversation(lake: Lake) -> None:
    """Talk of agent and customer and silence make up the conversation, which is the contact's."""
    contacts = {row["contact_id"]: row for row in lake["contact_record"]}
    for row in lake["contact_lens_conversational_analytics"]:
        contact = contacts[row["contact_id"]]
        assert row["talk_time_agent_ms"] + row["talk_time_customer_ms"] == row["talk_time_total_ms"]
        assert row["talk_time_total_ms"] + row["non_talk_time_total_ms"] == row["total_conversation_duration_ms"]
        connected = contact["agent_connected_to_agent_timestamp"]
        assert row["total_conversation_duration_ms"] == ms(contact["disconnect_timestamp"] - connected)


def test_an_ai_session_counts_its_invocations(lake: Lake) -> None:
    """A session's count of invocations is the number of its rows in ai_agent."""
    found = Counter(row["ai_session_id"] for row in lake["ai_agent"])
    succeeded = Counter(row["ai_session_id"] for row in lake["ai_agent"] if row["invocation_success"])

    for row in lake["ai_session"]:
        assert row["ai_agent_invocation_count"] == found[row["ai_session_id"]]
        assert row["ai_agent_invocation_success_count"] == succeeded[row["ai_session_id"]]


def test_an_evaluation_s_score_is_the_mean_of_its_questions(lake: Lake) -> None:
    """The form's score is the mean of its questions'."""
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in lake["contact_evaluation_record"]:
        scores[row["evaluation_id"]][row["item_type"]].append(row["score"])
    for by_type in scores.values():
        assert by_type["FORM"] == [pytest.approx(sum(by_type["QUESTION"]) / len(by_type["QUESTION"]))]


def test_the_activities_of_a_shift_fill_it(lake: Lake) -> None:
    """A shift's activities follow each other without a gap from its start to its end."""
    spans: dict[Any, list[Any]] = defaultdict(list)
    for row in lake["staff_shift_activities"]:
        spans[row["shift_id"], row["shift_version"]].append(
            (row["activity_start_timestamp"], row["activity_end_timestamp"])
        )
    for row in lake["staff_shifts"]:
        ordered = sorted(spans[row["shift_id"], row["shift_version"]])
        assert ordered[0][0] == row["shift_start_timestamp"]
        assert ordered[-1][1] == row["shift_end_timestamp"]
        assert all(before[1] == after[0] for before, after in pairwise(ordered))


def test_versions_count_up_with_time(lake: Lake) -> None:
    """A later version of a shift was updated later, and only the last may be deleted."""
    by_shift: dict[str, list[Any]] = defaultdict(list)
    for row in lake["staff_shifts"]:
        by_shift[row["shift_id"]].append((row["shift_version"], row["last_updated_timestamp"], row["is_deleted"]))
    assert any(versions[-1][2] for versions in by_shift.values())
    for versions in by_shift.values():
        assert [version for version, _, _ in versions] == list(range(1, len(versions) + 1))
        assert [at for _, at, _ in versions] == sorted(at for _, at, _ in versions)
        assert not any(is_deleted for _, _, is_deleted in versions[:-1])


def test_time_off_hours_are_those_of_its_days_and_of_the_balance(lake: Lake) -> None:
    """A request's hours are its intervals' hours, and what the balance falls by."""
    by_request: dict[Any, float] = defaultdict(float)
    for row in lake["staff_timeoff_intervals"]:
        by_request[row["timeoff_id"], row["timeoff_version"]] += row["interval_effective_timeoff_hours"]
    taken = {row["timeoff_id"]: row["balance_change_in_hours"] for row in lake["staff_timeoff_balance_changes"]}
    for row in lake["staff_timeoffs"]:
        assert row["effective_timeoff_hours"] == by_request[row["timeoff_id"], row["timeoff_version"]]
        assert taken[row["timeoff_id"]] == -row["effective_timeoff_hours"]


def test_what_took_place_is_recent_and_over(lake: Lake) -> None:
    """Contacts lie in the fortnight before the anchor's midnight, on every day of it."""
    days = {row["initiation_timestamp"].date() for row in lake["contact_record"]}

    assert days == {ANCHOR - timedelta(days=ago) for ago in range(1, 15)}


def test_days_and_weeks_have_a_shape(history: History) -> None:
    """Weekdays are busier than weekends, and mid-morning busier than the first hour."""
    busy = draw(3000)
    by_weekday = Counter(contact.initiated // 86_400_000 % 7 for contact in busy.contacts)
    by_hour = Counter(contact.initiated // 3_600_000 % 24 for contact in busy.contacts)

    # The epoch was a Thursday: Monday is 4, Sunday 3.
    assert by_weekday[4] > 2 * by_weekday[3]
    assert by_hour[10] > by_hour[8] > by_hour[2] == 0


@settings(max_examples=8, deadline=None)
@given(contacts=st.integers(1, 120), seed=st.integers(0, 2**32), days=st.integers(0, 1000))
def test_the_same_four_things_give_the_same_records(contacts: int, seed: int, days: int) -> None:
    """Instance, size, anchor and seed decide every value of every table."""
    anchor = ANCHOR - timedelta(days=days)
    once, again = draw(contacts, seed=seed, anchor=anchor), draw(contacts, seed=seed, anchor=anchor)

    assert len(once.contacts) == contacts
    for table in tables().values():
        assert records(table, once) == records(table, again), table.name


def test_another_seed_or_instance_is_another_centre() -> None:
    """Two instances never share a contact or an agent."""
    other = replace(INSTANCE, id="00000000-0000-4000-8000-000000000001", account="222222222222")
    centres = [draw(50), draw(50, seed=2), draw(50, instance=other)]

    ids = [{contact.id for contact in centre.contacts} | {a.id for a in centre.centre.agents} for centre in centres]

    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_a_table_does_not_depend_on_which_others_are_made(history: History, lake: Lake) -> None:
    """Making one table alone gives the rows it has when all are made."""
    assert records(tables()["ai_tool"], history) == lake["ai_tool"]


def test_a_column_that_is_new_to_the_catalogue_is_filled() -> None:
    """A column that no builder knows gets values of its type; its table need not be known either."""

    def column(name: str, type_: str, *, is_key: bool = False) -> Column:
        return Column(name, type_, None, not is_key, is_key, None, None)

    some = next(iter(tables().values()))
    novel = replace(
        some,
        name="queue_sentiments",
        primary_key=("sentiment_id",),
        columns=(
            column("sentiment_id", "string", is_key=True),
            column("mood", "map(string,array(struct(word:string,weight:double,seen_timestamp:timestamp)))"),
            column("mood_score", "float"),
            column("is_loud", "boolean"),
            column("noticed_date", "date"),
            column("share", "decimal"),
        ),
    )

    rows = records(novel, draw(60))

    assert len({row["sentiment_id"] for row in rows}) == 60
    for each in novel.columns[:4]:
        type_ = glue_types.parse(glue_type(each))
        assert all(fits(row[each.name], type_) for row in rows)
        assert any(row[each.name] is not None for row in rows)
    with ParquetWriter() as writer:
        assert writer.write(engine_columns(novel), rows).startswith(b"PAR1")


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("string", "VARCHAR"),
        ("decimal(10,2)", "DECIMAL(10, 2)"),
        ("decimal", "DECIMAL(10, 0)"),
        ("varchar(20)", "VARCHAR"),
        ("array<struct<name:string,at:timestamp>>", 'STRUCT("name" VARCHAR, "at" TIMESTAMP)[]'),
        ("map<string,array<int>>", "MAP(VARCHAR, INTEGER[])"),
    ],
)
def test_glue_types_are_spoken_to_the_engine(text: str, engine: str) -> None:
    """Hive's types are read and spelled as DuckDB spells them."""
    assert glue_types.parse(text).engine() == engine


@pytest.mark.parametrize("text", ["", "strng", "array<>", "array<int", "struct<a>", "map<string>", "int>"])
def test_a_type_that_hive_does_not_know_is_refused(text: str) -> None:
    """A misspelt type is an error that quotes it."""
    with pytest.raises(glue_types.GlueTypeError, match=repr(text).replace("<", "<")):
        glue_types.parse(text)


def test_the_files_are_small_enough_for_a_demo(tmp_path: Path) -> None:
    """A hundred contacts make all tables in less than a megabyte."""
    history = draw(100)

    with ParquetWriter() as writer:
        size = sum(len(writer.write(engine_columns(table), records(table, history))) for table in tables().values())

    assert size < 1_000_000
