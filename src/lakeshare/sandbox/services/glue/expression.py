"""The Expression of GetPartitions: a condition on the partition keys, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from lakeshare.sandbox.rules import rule

RULE_VALID = rule(
    "glue.partition.expression",
    "The Expression of GetPartitions is a condition on the partition keys.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html; the message is ours",
)
_TYPES: Final = {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
"""The types that Glue compares as themselves (documented); every other key compares as a string."""


def matching(
    keys: Sequence[tuple[str, str]], partitions: Sequence[tuple[str, ...]], expression: str | None
) -> Sequence[tuple[str, ...]]:
    """Return those of *partitions* (their values in order of *keys*) that meet *expression*; all without one."""
    if not expression or not partitions:
        return partitions
    columns = ["position", *(f'"{name}"' for name, _ in keys)]
    casts = ", ".join(f'CAST("{name}" AS {_TYPES.get(type_.lower(), "VARCHAR")}) AS "{name}"' for name, type_ in keys)
    rows = [(position, *values) for position, values in enumerate(partitions)]
    marks = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in rows)
    query = (
        f"SELECT position FROM (SELECT position, {casts} FROM (VALUES {marks}) AS given({', '.join(columns)})) "
        f"WHERE {expression} ORDER BY position"
    )
    try:
        with duckdb.connect(config={"enable_external_access": "false"}) as connection:
            found = connection.execute(query, [cell for row in rows for cell in row]).fetchall()
    except duckdb.Error as error:
        raise RULE_VALID.refuse("InvalidInputException", f"Unsupported expression '{expression}': {error}") from error
    return [partitions[position] for (position,) in found]
