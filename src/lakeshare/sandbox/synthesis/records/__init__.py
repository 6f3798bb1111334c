"""
From a history to the rows of any table of the catalogue.

One module per domain holds a builder per table, a function from a history and a source of chance to rows that say what
the domain knows; ``fallback`` fills the columns that no builder speaks about, and a table that no builder knows at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.catalogue import Table
from lakeshare.sandbox.synthesis import fallback
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.records import (
    agent_events,
    agents,
    analytics,
    assistants,
    bots,
    campaigns,
    cases,
    configuration,
    contact_record,
    contact_statistics,
    flows,
    forecasting,
    shifts,
    staffing,
)
from lakeshare.sandbox.synthesis.records.fields import Builder

BUILDERS: Mapping[str, Builder] = {
    name: builder
    for domain in (
        agent_events,
        agents,
        analytics,
        assistants,
        bots,
        campaigns,
        cases,
        configuration,
        contact_record,
        contact_statistics,
        flows,
        forecasting,
        shifts,
        staffing,
    )
    for name, builder in domain.RECORDS.items()
}
"""By table name."""


def records(table: Table, history: History) -> list[dict[str, Any]]:
    """Return the rows of *table*: every column in the table's order; text, numbers, UTC datetimes, lists and dicts."""
    builder = BUILDERS.get(table.name)
    if builder is None:
        keys = [column.name for column in table.columns if column.is_key and column.name != "instance_id"]
        chance = history.chance(table.name)
        rows = [_unknown(keys, table, chance.uuid()) for _ in range(len(history.contacts))]
    else:
        rows = list(builder(history, history.chance(table.name)))
    return fallback.fill(table, rows, history)


def _unknown(keys: list[str], table: Table, identifier: str) -> dict[str, Any]:
    """Return a row of a table that no builder knows: its first textual key is unique, the fallback does the rest."""
    textual = {column.name for column in table.columns if column.type == "string"}
    return {name: identifier for name in keys[:1] if name in textual}
