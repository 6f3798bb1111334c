"""A proof as a value, and the queries that make one. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare import catalogue
from lakeshare.planning.graph import Reading

Status: TypeAlias = Literal["pass", "fail", "not-proved"]

BOUND_DAYS = 35
"""How far back a proof's query looks: enough to meet rows, little enough to be cheap on a table kept for 25 months."""


MOST_HIDDEN_COLUMNS = 10
"""How many of a table's hidden columns are queried for: a rule may hide a hundred. Of the rest the grants are read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """
    That one reader can, or cannot, read one table (or, for a denial, one column of it).

    ``method`` is ``query`` where a real query was run as the reader, and ``evaluated`` where nobody may act as it.
    ``not-proved`` means that the query failed for a reason that says nothing about rights.
    """

    reader: str
    account: str
    share: str
    table: str
    link: str
    expect: Literal["allow", "deny"]
    method: Literal["query", "evaluated"]
    status: Status
    rows: int | None = None
    column: str | None = None
    error: str | None = None
    why_evaluated: str | None = None
    """Why no query decided, where none did."""


@dataclass(frozen=True, slots=True)
class Question:
    """
    One query to ask as a reader, and what should come of it.

    ``column`` is set where a single column is at stake; ``is_asked`` is False where reading the grants has to do.
    """

    reading: Reading
    expect: Literal["allow", "deny"]
    sql: str
    column: str | None = None
    is_asked: bool = True


def questions(reading: Reading, now: float) -> list[Question]:
    """Return what must be asked about *reading*; *now* is the time, in seconds since the epoch."""
    if not reading.is_allowed:
        return [Question(reading, "deny", f"SELECT * FROM {_link(reading)} LIMIT 1")]  # noqa: S608 - names are checked
    asked = [Question(reading, "allow", _cheap_select(reading, now))]
    for position, column in enumerate(reading.hidden_columns):
        sql = f"SELECT {_quoted(column)} FROM {_link(reading)} LIMIT 1"  # noqa: S608 - names are checked
        asked.append(Question(reading, "deny", sql, column, is_asked=position < MOST_HIDDEN_COLUMNS))
    return asked


def _cheap_select(reading: Reading, now: float) -> str:
    """Ask for one row of what the reader may see: bounded in time and to the instance where it can be."""
    conditions = []
    visible = None if reading.columns is None else set(reading.columns)
    if reading.instance and (visible is None or "instance_id" in visible) and _has(reading.table, "instance_id"):
        conditions.append(f"instance_id = '{reading.instance}'")
    column = reading.time_column
    if column and (visible is None or column in visible) and _is_timestamp(reading.table, column):
        since = dt.datetime.fromtimestamp(now, dt.UTC) - dt.timedelta(days=BOUND_DAYS)
        conditions.append(f"{_quoted(column)} >= TIMESTAMP '{since:%Y-%m-%d} 00:00:00'")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT * FROM {_link(reading)}{where} LIMIT 1"  # noqa: S608 - names are checked


def _has(table: str, column: str) -> bool:
    known = catalogue.tables().get(table)
    return known is not None and any(item.name == column for item in known.columns)


def _is_timestamp(table: str, column: str) -> bool:
    """Tell whether the column can be compared with a timestamp: some tables keep time as numbers or text."""
    known = catalogue.tables().get(table)
    found = next((item for item in known.columns if item.name == column), None) if known else None
    return found is not None and (found.glue_type_observed or found.type).startswith("timestamp")


def _link(reading: Reading) -> str:
    return f"{_quoted(reading.database)}.{_quoted(reading.link)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
