"""Functions of Trino that DuckDB has otherwise, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakeshare.sandbox.services.athena.engine import Engine, Work
from lakeshare.sandbox.services.athena.failures import QueryFailure
from lakeshare.sandbox.services.athena.statements import Select, read_statement

NOON = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("files"))


def answer(engine: Engine, sql: str) -> list[tuple[str | None, ...]]:
    """Run a query over no tables; return its rows."""
    statement = read_statement(sql)
    assert isinstance(statement, Select)
    return list(engine.answer(Work(statement, (), NOON.timestamp())).rows)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("map_filter(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> v > 1 OR k = 'z')", "{b=2}"),
        ("transform_values(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> k || CAST(v AS varchar))", "{a=a1, b=b2}"),
        ("transform_keys(map(ARRAY['a'], ARRAY[1]), (k, v) -> upper(k))", "{A=1}"),
        ("zip_with(ARRAY[1, 2], ARRAY[3], (x, y) -> x + coalesce(y, 0))", "[4, 2]"),
        ("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
        ("split_to_multimap('a=1;a=2', ';', '=')", "{a=[1, 2]}"),
        ("cardinality(map(ARRAY['a', 'b'], ARRAY[1, 2]))", "2"),
        ("cardinality(split_to_map('a=1', ',', '='))", "1"),
        ("array_distinct(ARRAY[3, 1, 3])", "[3, 1]"),
        ("array_union(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 3]"),
        ("reverse(ARRAY[1, 2])", "[2, 1]"),
        ("reverse('ab')", "ba"),
        ("repeat('ab', 2)", "[ab, ab]"),
        ("ngrams(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [b, c]]"),
        ("ARRAY[1, 2][2]", "2"),
        ("element_at(ARRAY[1, 2], 3)", None),
        ("sequence(DATE '2026-01-01', DATE '2026-01-02', INTERVAL '1' DAY)", "[2026-01-01, 2026-01-02]"),
        ("extract(dow FROM DATE '2026-03-01')", "7"),
        ("to_iso8601(DATE '2026-01-02')", "2026-01-02"),
        ("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z"),
        ("TIME '10:11:12'", "10:11:12.000"),
        ("regexp_replace('ab', '(a)(b)', '$2-$1')", "b-a"),
        ("regexp_extract('abc', 'z')", None),
        ("regexp_extract('a=1', '(\\w)=(\\d)', 2)", "1"),
        ("split_part('a,b', ',', 3)", None),
        ("split_part('a,b', ',', 2)", "b"),
        ("json_array_get('[1, 2]', -1)", "2"),
        ("width_bucket(5, 0, 10, 5)", "3"),
        ("from_base('ff', 16)", "255"),
        ("from_big_endian_64(to_big_endian_64(5))", "5"),
        ("random(1)", "0"),
    ],
)
def test_a_function_answers_as_trino_s_does(engine: Engine, expression: str, expected: str | None) -> None:
    """The value is spelled as Athena spells it."""
    assert answer(engine, f"SELECT {expression}") == [(expected,)]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("approx_distinct(n)", "101"),
        ("every(n > 0)", "true"),
        ("multimap_agg(n, n / 2)[101]", "[50]"),
    ],
)
def test_an_aggregate_answers_as_trino_s_does(engine: Engine, aggregate: str, expected: str) -> None:
    """Over 1 to 101."""
    assert answer(engine, f"SELECT {aggregate} FROM UNNEST(sequence(1, 101)) AS t(n)") == [(expected,)]  # noqa: S608


def test_lists_beside_each_other_are_unnested_together(engine: Engine) -> None:
    """The shorter one goes on with nulls, and a map becomes keys and values."""
    assert answer(engine, "SELECT a, b FROM UNNEST(ARRAY[1], ARRAY['x', 'y']) AS t(a, b) ORDER BY b") == [
        ("1", "x"),
        (None, "y"),
    ]
    assert answer(engine, "SELECT k, v FROM UNNEST(map(ARRAY['a'], ARRAY[1])) AS t(k, v)") == [("a", "1")]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"),
        ("SELECT CAST('x' AS bigint)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT"),
        ("SELECT CAST('x' AS date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: x"),
        (
            "SELECT ARRAY[1][2]",
            "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 2 > 1",
        ),
        (
            "SELECT (SELECT x FROM (VALUES 1, 2) AS t(x))",
            "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
        ),
    ],
)
def test_what_cannot_be_computed_fails_in_trino_s_words(engine: Engine, sql: str, expected: str) -> None:
    """The name of the error and its message."""
    with pytest.raises(QueryFailure) as failed:
        answer(engine, sql)

    assert failed.value.reason == expected
