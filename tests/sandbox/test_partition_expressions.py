"""Which partitions an Expression of GetPartitions chooses, by the types of the keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, refused

WHERE = {"DatabaseName": "sales", "TableName": "orders"}
VALUES = {
    "int": ("1", "2", "3"),
    "decimal(12,2)": ("1.2", "2.6", "3e14"),
    "string": ("one", "two", "it's"),
    "date": ("2026-01-01", "2026-02-01", "2026-03-01"),
    "timestamp": ("2026-01-01 12:34:56.789", "2026-02-01 00:00:00.000000", "2026-03-01 21:00:12.3456789"),
}


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """A catalog with an empty database."""
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "sales"})
    return glue


def partitioned(glue: Any, type_: str, values: tuple[str, ...]) -> None:
    """Make a table with one partition key, and a partition for each value."""
    keys = [{"Name": "key", "Type": type_}]
    glue.create_table(DatabaseName="sales", TableInput={"Name": "orders", "PartitionKeys": keys})
    for value in values:
        glue.create_partition(**WHERE, PartitionInput={"Values": [value]})


def found(glue: Any, expression: str) -> list[str]:
    """Return the values of the partitions that *expression* chooses."""
    return [each["Values"][0] for each in glue.get_partitions(**WHERE, Expression=expression)["Partitions"]]


@pytest.mark.parametrize(
    ("type_", "expression", "expected"),
    [
        ("int", "key > 1 AND key < 3", ["2"]),
        ("int", "KEY in (6, '4', 2)", ["2"]),
        ("int", "(key) = ((2)) (OR) (((key))) = (1)", ["1", "2"]),
        ("int", "key = 1 OR key = 2 AND key = 3", ["1"]),
        ("int", "NOT (key = 1 OR key = 2)", ["3"]),
        ("int", "key not between 1 and 2", ["3"]),
        ("int", "key IS NULL", []),
        ("int", "key IS NOT NULL and key != 1", ["2", "3"]),
        ("decimal(12,2)", "key between 2 AND 3e10", ["2.6"]),
        ("string", "key LIKE 't_o' or key not like '%e' and key <> 'two'", ["it's", "two"]),
        ("string", "key = 'it''s'", ["it's"]),
        ("date", "key > '2026-01-15' AND key < '2026-02-15'", ["2026-02-01"]),
        ("timestamp", "key = '2026-02-01 00:00:00'", ["2026-02-01 00:00:00.000000"]),
        ("timestamp", "key > '2026-03-01 21:00:12.3456788'", ["2026-03-01 21:00:12.3456789"]),
        ("string", "   ", ["it's", "one", "two"]),
    ],
)
@pytest.mark.allows("glue.partition.expression")
def test_keys_compare_by_their_types(glue: Any, type_: str, expression: str, expected: list[str]) -> None:
    """Numbers, days and moments compare as such; parentheses around one word or value mean nothing."""
    partitioned(glue, type_, VALUES[type_])

    assert found(glue, expression) == expected


@pytest.mark.parametrize(
    ("type_", "expression", "words"),
    [
        ("int", "key = 'test'", "is not an integer"),
        ("int", "key in (2.5)", "is not an integer"),
        ("int", "key LIKE '2'", "Integral data type doesn't support operation 'LIKE'"),
        ("decimal(12,2)", "key = 'test'", "is not a decimal"),
        ("date", "key = '2026-02-32'", "is not a date"),
        ("date", "key LIKE '2026%'", "Date data type doesn't support"),
        ("timestamp", "key = '2026-02-01'", "is not a timestamp"),
        ("string", "unknown = 'two'", "Invalid partition expression!"),
        ("string", "key IS two' AND no end", "Unsupported expression"),
        ("string", "key = (SELECT 1)", "Unsupported expression"),
        ("string", "key = 'two' key", "Unsupported expression"),
        ("double", "key = 1", "Unknown type : 'double'"),
    ],
)
@pytest.mark.refuses("glue.partition.expression")
def test_what_is_no_condition_on_the_keys_is_refused(glue: Any, type_: str, expression: str, words: str) -> None:
    """Values of another type, names of no key, and what is no condition."""
    partitioned(glue, type_, VALUES.get(type_, ()))

    with refused("InvalidInputException", words):
        found(glue, expression)


@pytest.mark.refuses("glue.partition.expression")
def test_what_was_stored_of_another_type_cannot_be_compared(glue: Any) -> None:
    """CreatePartition takes any text; comparing it is what fails."""
    partitioned(glue, "int", ("first",))

    with refused("InvalidStateException", "is not an integer"):
        found(glue, "key = 1")
