"""Functions of Trino that DuckDB has otherwise, or not at all."""

from __future__ import annotations

import pytest

from lakeshare.sandbox.services.athena import strictness
from lakeshare.sandbox.services.athena.engine import Engine
from lakeshare.sandbox.services.athena.failures import QueryFailure
from lakeshare.sandbox.services.athena.statements import Select, read_statement
from tests.sandbox.engines import answer
from tests.sandbox.engines import engine as engine  # noqa: PLC0414 - a fixture


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
        ("combinations(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [a, c], [b, c]]"),
        ("human_readable_seconds(3762)", "1 hour, 2 minutes, 42 seconds"),
        ("human_readable_seconds(56363463)", "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds"),
        ("parse_duration('3.81 d')", "3 19:26:24.000"),
        ("parse_data_size('2.3MB')", "2411724"),
        ("zip(ARRAY[1, 2], ARRAY['a'])", "[{1, a}, {2, null}]"),
        ("zip_with(ARRAY[1, 3], ARRAY['a', 'b'], (x, y) -> (y, x))", "[{a, 1}, {b, 3}]"),
        ("map_zip_with(map(ARRAY[1], ARRAY['a']), map(ARRAY[1], ARRAY['d']), (k, x, y) -> concat(x, y))", "{1=ad}"),
        ("array_sort(ARRAY[1, 3, 2], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))", "[3, 2, 1]"),
        ("contains_sequence(ARRAY[1, 2, 3], ARRAY[2, 3])", "true"),
        ("trim_array(ARRAY[1, 2, 3], 1)", "[1, 2]"),
        ("multimap_from_entries(ARRAY[(1, 'x'), (1, 'y')])", "{1=[x, y]}"),
        ("map(ARRAY['a'], ARRAY[1])['a']", "1"),
        ("element_at(map(ARRAY['a'], ARRAY[1]), 'k')", None),
        ("url_encode('a b~*')", "a+b%7E*"),
        ("url_decode('a+b%20c')", "a b c"),
        ("url_extract_port('http://example.com:80/a')", "80"),
        ("url_extract_fragment('http://example.com/a#x')", "x"),
        ("split('a,b,c', ',', 2)", "[a, b,c]"),
        ("soundex('Robert')", "R163"),
        ("soundex('Ashcraft')", "A261"),
        ("to_hex(sha1(to_utf8('a')))", "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"),
        ("bitwise_left_shift(1, 2)", "4"),
        ("bitwise_right_shift(-8, 62)", "3"),
        ("bitwise_right_shift_arithmetic(-8, 2)", "-2"),
        ("bit_count(-7, 8)", "6"),
        ('json_size(\'{"x": {"a": 1, "b": 2}}\', \'$.x\')', "2"),
        ("is_json_scalar('[1]')", "false"),
        ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')", None),
        ("json_value('{\"a\": 1}', 'lax $.a')", "1"),
        ("CAST('a' AS JSON)", '"a"'),
        ("CAST(json_parse('\"x\"') AS varchar)", "x"),
        ("date_format(DATE '2026-01-02', '%x-%v')", "2026-01"),
        ("typeof(ARRAY[1])", "array(integer)"),
        ("typeof('ab')", "varchar(2)"),
        ("json_query('{\"a\": [1]}', 'lax $.a')", "[1]"),
        ("json_exists('{\"a\": 1}', 'strict $.b')", "false"),
        ("strpos('abcb', 'b', 2)", "4"),
        ("strpos('abcb', 'b', 3)", "0"),
        ("format_datetime(TIMESTAMP '2026-01-02 03:04:05', 'E, d/M/yyyy H:m:s')", "Fri, 2/1/2026 3:4:5"),
        ("TRY(map(ARRAY['a'], ARRAY[1])['k'])", None),
        ("TRY(ARRAY[1][2])", None),
        ("date_trunc('day', from_unixtime(0) AT TIME ZONE 'Asia/Tokyo')", "1970-01-01 00:00:00.000 Asia/Tokyo"),
        ("current_timezone()", "UTC"),
        ("from_unixtime(0, 'Australia/Sydney')", "1970-01-01 10:00:00.000 Australia/Sydney"),
        ("CAST(from_unixtime(0) AT TIME ZONE 'Asia/Tokyo' AS varchar)", "1970-01-01 09:00:00.000 Asia/Tokyo"),
        ("(from_unixtime(0) AT TIME ZONE 'Asia/Tokyo') AT TIME ZONE 'UTC'", "1970-01-01 00:00:00.000 UTC"),
        ("from_unixtime(0) AT TIME ZONE 'Asia/Tokyo' = from_unixtime(0)", "true"),
        ("hour(from_unixtime(0) AT TIME ZONE 'Asia/Tokyo')", "9"),
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
        ("reduce_agg(n, 0, (a, b) -> a + b, (a, b) -> a + b)", "5151"),
        ("map_union(map(ARRAY['k'], ARRAY[n]))['k']", "1"),
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


def test_a_moment_keeps_its_zone_through_a_subquery(engine: Engine) -> None:
    """The zone is the query's, under whatever name the moment is carried."""
    inner = "SELECT from_unixtime(0) AT TIME ZONE 'Asia/Tokyo' AS there"
    assert answer(engine, f"SELECT * FROM ({inner})") == [("1970-01-01 09:00:00.000 Asia/Tokyo",)]  # noqa: S608
    assert answer(engine, f"WITH t AS ({inner}) SELECT there FROM t") == [("1970-01-01 09:00:00.000 Asia/Tokyo",)]  # noqa: S608


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("map(ARRAY['a'], ARRAY[1])['k']", "INVALID_FUNCTION_ARGUMENT: Key not present in map: k"),
        ("date_parse('x', '%Y')", 'INVALID_FUNCTION_ARGUMENT: Invalid format: "x"'),
        ("parse_datetime('x', 'yyyy')", 'INVALID_FUNCTION_ARGUMENT: Invalid format: "x"'),
        ("json_parse('{bad')", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{bad'"),
        ("CAST(300 AS tinyint)", "INVALID_CAST_ARGUMENT: Out of range for tinyint: 300"),
    ],
)
def test_what_a_function_cannot_take_fails_in_trino_s_words(engine: Engine, expression: str, expected: str) -> None:
    """The failure has the engine's name and says what was wrong."""
    with pytest.raises(QueryFailure) as failed:
        answer(engine, f"SELECT {expression}")
    assert failed.value.reason == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 = 'a'", "line 1:10: Cannot apply operator: integer = varchar(1)"),
        ("SELECT 1 + 'a'", "line 1:10: Cannot apply operator: integer + varchar(1)"),
        ("SELECT 1 BETWEEN 'a' AND 'b'", "line 1:10: Cannot check if integer is BETWEEN varchar(1) and varchar(1)"),
        ("SELECT DATE '2026-01-01' = '2026-01-01'", "line 1:26: Cannot apply operator: date = varchar(10)"),
        (
            "SELECT coalesce(1, 'a')",
            (
                "line 1:17: All COALESCE operands must be the same type or coercible to a common type. Cannot find "
                "common type between integer and varchar(1), all types (without duplicates): [integer, varchar(1)]"
            ),
        ),
        ("SELECT DATE '2026-01-01' + 1", "line 1:26: Cannot apply operator: date + integer"),
        ("SELECT x FROM (VALUES 1, 2) t(x) WHERE x = 'a'", "line 1:42: Cannot apply operator: integer = varchar(1)"),
        ("SELECT IF(true, 1, 'a')", "line 1:17: Result types for IF must be the same: integer and varchar(1)"),
        ("SELECT NULLIF(1, 'a')", "line 1:15: Types are not comparable with NULLIF: integer and varchar(1)"),
        ("SELECT 1 UNION SELECT 1, 2", "line 1:10: UNION query has different number of fields: 1, 2"),
        (
            "SELECT 1 UNION SELECT 'a'",
            "line 1:10: column 1 in UNION query has incompatible types: integer, varchar(1)",
        ),
    ],
)
def test_operands_of_unlike_types_are_refused(sql: str, expected: str) -> None:
    """Literals too: there is no conversion between numbers and texts."""
    statement = read_statement(sql)
    assert isinstance(statement, Select)
    with pytest.raises(QueryFailure) as failed:
        strictness.check(statement, ())
    assert failed.value.reason == f"TYPE_MISMATCH: {expected}"


@pytest.mark.parametrize("joined", ["'a' || 1", "concat('a', 1)"])
def test_a_text_is_not_joined_with_a_number(joined: str) -> None:
    """Trino finds no function concat for them; with a cast it does."""
    statement = read_statement(f"SELECT {joined}")
    assert isinstance(statement, Select)
    with pytest.raises(QueryFailure, match=r"Unexpected parameters \(varchar\(1\), integer\) for function concat"):
        strictness.check(statement, ())
    cast = read_statement(f"SELECT {joined.replace('1', 'CAST(1 AS varchar)')}")
    assert isinstance(cast, Select)
    strictness.check(cast, ())


def test_a_map_is_known_under_the_name_that_the_query_gives_it(engine: Engine) -> None:
    """A missing key fails there too."""
    with pytest.raises(QueryFailure, match="Key not present in map: k"):
        answer(engine, "SELECT m['k'] FROM (SELECT map(ARRAY['a'], ARRAY[1]) AS m)")
