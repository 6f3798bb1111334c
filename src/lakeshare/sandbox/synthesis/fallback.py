"""
A value for any column from its name and type alone, for what no builder of records speaks about.

The catalogue grows without notice; a column that is new to us is filled with something of its type and, where the name
says what it is (``..._arn``, ``..._ms``, ``is_...``), of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lakeshare.catalogue import Column, Table
from lakeshare.sandbox import glue_types
from lakeshare.sandbox.glue_types import GlueType
from lakeshare.sandbox.synthesis.chance import Chance
from lakeshare.sandbox.synthesis.columns import glue_type
from lakeshare.sandbox.synthesis.history import History
from lakeshare.sandbox.synthesis.moments import moment

Draw: TypeAlias = Callable[[Chance], Any]

NULL_SHARE = 0.08
"""How often a nullable column that nothing else decides about is null."""


def fill(table: Table, rows: list[dict[str, Any]], history: History) -> list[dict[str, Any]]:
    """Return *rows* with every column of *table*, in its order; what a row has stays, None included."""
    chance = history.chance(table.name, "fallback")
    common = _of_the_instance(history)
    draws = {column.name: _draw_for(column, history, common) for column in table.columns}
    return [{name: row[name] if name in row else draw(chance) for name, draw in draws.items()} for row in rows]


def _of_the_instance(history: History) -> Mapping[str, Any]:
    """Return the columns that are the same in every row of every table."""
    return {
        "instance_id": history.instance.id,
        "instance_arn": history.instance.arn,
        "aws_account_id": history.instance.account,
        "data_lake_last_processed_timestamp": moment(history.ends),
        "last_modified_region": history.instance.region,
    }


def _draw_for(column: Column, history: History, common: Mapping[str, Any]) -> Draw:
    if column.name in common:
        value = common[column.name]
        return lambda _: value
    draw = _draw(column.name, glue_types.parse(glue_type(column)), history)
    if column.is_key or not column.nullable:
        return draw
    return lambda chance: None if chance.happens(NULL_SHARE) else draw(chance)


def _draw(name: str, type_: GlueType, history: History) -> Draw:
    """Return what draws a value of *type_* for something called *name*; nested types draw member by member."""
    inner = [(member or name, _draw(member or name, of, history)) for member, of in type_.members]
    match type_.base:
        case "array":
            return lambda chance: [inner[0][1](chance) for _ in range(chance.randint(1, 2))]
        case "map":
            return lambda chance: {f"{name}_{number}": inner[1][1](chance) for number in range(1, 3)}
        case "struct":
            return lambda chance: {member: draw(chance) for member, draw in inner}
        case scalar:
            return _SCALARS.get(scalar, _text)(name, history)


def _moment(_: str, history: History) -> Draw:
    return lambda chance: moment(chance.randrange(history.begins, history.ends))


def _day(_: str, history: History) -> Draw:
    return lambda chance: history.days[chance.randrange(len(history.days))]


def _claim(name: str, _: History) -> Draw:
    return (lambda _: False) if name.startswith("is_deleted") else (lambda chance: chance.happens(0.5))


def _fraction(name: str, _: History) -> Draw:
    if any(word in name for word in ("percent", "occupancy")):
        return lambda chance: round(chance.uniform(60, 100), 1)
    if any(word in name for word in ("rate", "accuracy", "fidelity", "score")):
        return lambda chance: round(chance.uniform(0.5, 1.0), 3)
    if name.endswith(("_ms", "_time")):
        return lambda chance: float(chance.duration_ms(2))
    return lambda chance: round(chance.uniform(0, 20), 2)


def _whole(name: str, history: History) -> Draw:
    if "timestamp" in name:
        return lambda chance: chance.randrange(history.begins, history.ends)
    if name.endswith(("_ms", "_time")) or "duration" in name:
        return lambda chance: chance.duration_ms(30)
    if "score" in name:
        return lambda chance: chance.randint(0, 100)
    return lambda chance: chance.randint(0, 5)


def _text(name: str, history: History) -> Draw:
    if name.endswith(("_id", "_ids", "_identifier")):
        return lambda chance: chance.uuid()
    if name.endswith("_arn") or name == "arn":
        kind = name.removesuffix("_arn").replace("_", "-")
        return lambda chance: history.instance.arn_of(kind, chance.uuid())
    if "timestamp" in name or "date" in name:
        return lambda chance: history.days[chance.randrange(len(history.days))].isoformat()
    if name.endswith(("version", "number", "count")):
        return lambda chance: str(chance.randint(1, 4))
    noun = name.replace("_", " ").capitalize()
    return lambda chance: f"{noun} {chance.randint(1, 5)}"


_SCALARS: Mapping[str, Callable[[str, History], Draw]] = {
    "timestamp": _moment,
    "date": _day,
    "boolean": _claim,
    **dict.fromkeys(("float", "real", "double", "decimal"), _fraction),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint"), _whole),
}
"""By Glue's scalar types; what is left is text."""
