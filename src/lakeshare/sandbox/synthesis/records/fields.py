"""Groups of columns that many tables share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from lakeshare.sandbox.synthesis.centre import Agent, Named
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import moment

Row: TypeAlias = dict[str, Any]
Builder: TypeAlias = Callable[[History, Chance], Iterable[Row]]

LEVELS = range(1, 6)
"""The levels of an agent hierarchy."""


def hierarchy(agent: Agent | None, pattern: str, *parts: str) -> Row:
    """
    Return the hierarchy columns of *agent*, None below its own level.

    *pattern* has a place for level and part, ``agent_hierarchy_level_{}_{}``; *parts* are of ``id``, ``arn``, ``name``.
    """
    groups = agent.groups if agent else ()
    return {
        pattern.format(level, part): getattr(groups[level - 1], part) if level <= len(groups) else None
        for level in LEVELS
        for part in parts
    }


def named(thing: Named | None, prefix: str, *parts: str) -> Row:
    """Return the columns ``<prefix>_id``, ``_arn`` and ``_name`` of *thing*, as far as *parts* ask for them."""
    return {f"{prefix}_{part}": getattr(thing, part) if thing else None for part in parts}


def absent(columns: Row) -> Row:
    """Return the same columns, all null: what a record holds of something that did not take place."""
    return dict.fromkeys(columns)


def processed(at: int) -> Row:
    """Return the lake's own mark on a row about something that ended at *at*: within the hour."""
    return {"data_lake_last_processed_timestamp": moment(at + 1_500_000 + at % 1_800_000)}
