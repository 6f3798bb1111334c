"""The SQL that Athena understands: Trino's functions on contact-centre data, over files of several formats."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.services.athena.engine import Engine, Work
from lakeshare.sandbox.services.athena.failures import QueryFailure
from lakeshare.sandbox.services.athena.sources import FileSource, Layout, StoredFile
from lakeshare.sandbox.services.athena.statements import Select, read_statement
from lakeshare.sandbox.services.lakeformation.access import Cells
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.engines import answer
from tests.sandbox.engines import engine as engine  # noqa: PLC0414 - a fixture
from tests.sandbox.queries import ADMIN, Consumer, open_account, run, share, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # time
        ("date_trunc('hour', TIMESTAMP '2026-01-02 03:04:05.678')", "2026-01-02 03:00:00.000"),
        ("date_trunc('week', DATE '2026-01-02')", "2025-12-29"),
        ("date_diff('second', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-01 00:01:30')", "90"),
        ("date_diff('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00')", "0"),
        ("date_diff('millisecond', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-01 00:00:00.250')", "250"),
        ("date_add('day', -7, DATE '2026-01-08')", "2026-01-01"),
        ("date_add('minute', 15, TIMESTAMP '2026-01-01 00:00:00')", "2026-01-01 00:15:00.000"),
        ("DATE '2026-01-31' - INTERVAL '1' MONTH", "2025-12-31"),
        ("TIMESTAMP '2026-01-01 00:00:00' + INTERVAL '90' MINUTE", "2026-01-01 01:30:00.000"),
        ("TIMESTAMP '2026-01-02 01:00:00' - TIMESTAMP '2026-01-01 00:00:00'", "1 01:00:00.000"),
        ("from_unixtime(1767225600)", "2026-01-01 00:00:00.000 UTC"),
        ("from_unixtime(1767225600123 / 1000)", "2026-01-01 00:00:00.000 UTC"),
        ("to_unixtime(TIMESTAMP '2026-01-01 00:00:00')", "1.7672256E9"),
        ("from_iso8601_timestamp('2026-01-01T10:00:00+10:00')", "2026-01-01 00:00:00.000 UTC"),
        ("CAST('2026-01-01 10:20:30' AS timestamp)", "2026-01-01 10:20:30.000"),
        ("CAST(CAST('2026-01-01 10:20:30.5' AS timestamp) AS date)", "2026-01-01"),
        ("date(TIMESTAMP '2026-01-01 10:20:30')", "2026-01-01"),
        ("CAST(TIMESTAMP '2026-01-01 10:20:30' AS varchar)", "2026-01-01 10:20:30.000"),
        ("TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'Australia/Sydney'", "2026-01-01 11:00:00.000 Australia/Sydney"),
        ("at_timezone(from_unixtime(1767225600), 'Australia/Sydney')", "2026-01-01 11:00:00.000 Australia/Sydney"),
        ("hour(TIMESTAMP '2026-01-01 22:00:00' AT TIME ZONE 'Australia/Sydney')", "9"),
        (
            "with_timezone(TIMESTAMP '2026-01-01 11:00:00', 'Australia/Sydney')",
            "2026-01-01 11:00:00.000 Australia/Sydney",
        ),
        ("date_format(TIMESTAMP '2026-01-02 03:04:05', '%Y-%m-%d %H:%i')", "2026-01-02 03:04"),
        ("date_parse('02/01/2026 15:30', '%d/%m/%Y %H:%i')", "2026-01-02 15:30:00.000"),
        ("format_datetime(TIMESTAMP '2026-01-02 03:04:05', 'yyyy-MM-dd''T''HH:mm')", "2026-01-02T03:04"),
        ("parse_datetime('2026-01-02 03', 'yyyy-MM-dd HH')", "2026-01-02 03:00:00.000"),
        ("to_iso8601(TIMESTAMP '2026-01-02 03:04:05')", "2026-01-02T03:04:05.000"),
        ("day_of_week(DATE '2026-01-02')", "5"),
        ("extract(year FROM DATE '2026-01-02')", "2026"),
        ("week(DATE '2026-01-02')", "1"),
        ("quarter(DATE '2026-05-02')", "2"),
        ("last_day_of_month(DATE '2026-02-02')", "2026-02-28"),
        ("current_timestamp", "2026-03-04 12:30:15.250 UTC"),
        ("now() - INTERVAL '1' DAY", "2026-03-03 12:30:15.250 UTC"),
        ("current_date", "2026-03-04"),
        ("localtimestamp", "2026-03-04 12:30:15.250"),
        ("current_date - INTERVAL '7' DAY", "2026-02-25"),
        ("TIMESTAMP '2026-03-04 12:00:00' > current_timestamp - INTERVAL '1' HOUR", "true"),
        # numbers
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7 / 2.0", "3.5"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("round(2.567, 1)", "2.6"),
        ("7 % 3", "1"),
        ("1e10", "1.0E10"),
        ("1e-5", "1.0E-5"),
        ("CAST(100 AS double)", "100.0"),
        ("nan()", "NaN"),
        ("CAST(12.345 AS decimal(10, 2))", "12.35"),
        ("try_cast('x' AS bigint)", None),
        ("try_cast('12' AS bigint)", "12"),
        ("try(1 / 0)", None),
        ("greatest(1, 3, 2)", "3"),
        ("is_nan(0e0)", "false"),
        # text
        ("concat('a', 'b') || 'c'", "abc"),
        ("split_part('a-b-c', '-', 2)", "b"),
        ("split('a,b', ',')[2]", "b"),
        ("substr('contact', 4)", "tact"),
        ("strpos('contact', 'tact')", "4"),
        ("regexp_like('CUSTOMER_DISCONNECT', '^CUSTOMER')", "true"),
        ("regexp_extract('queue/abc', 'queue/(.*)', 1)", "abc"),
        ("regexp_replace('a1b2', '[0-9]', '')", "ab"),
        ("lower(trim('  X '))", "x"),
        ("replace('a-b', '-', '')", "ab"),
        ("lpad('7', 3, '0')", "007"),
        ("length('agent')", "5"),
        ("format('%s/%d', 'x', 5)", "x/5"),
        ("url_extract_host('https://help.example.com/a?b=c')", "help.example.com"),
        ("url_extract_parameter('https://help.example.com/a?b=c', 'b')", "c"),
        # collections
        ("element_at(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), 'b')", "2"),
        ("element_at(MAP(ARRAY['a'], ARRAY[1]), 'z')", None),
        ("MAP(ARRAY['a'], ARRAY[1])['a']", "1"),
        ("MAP(ARRAY['b', 'a'], ARRAY[1, 2])", "{a=2, b=1}"),
        ("map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]"),
        ("cardinality(ARRAY[1, 2, 3])", "3"),
        ("contains(ARRAY['VOICE', 'CHAT'], 'CHAT')", "true"),
        ("element_at(ARRAY['x', 'y'], 2)", "y"),
        ("ARRAY['x', NULL]", "[x, null]"),
        ("array_join(ARRAY['a', 'b'], '+')", "a+b"),
        ("array_distinct(ARRAY[1, 1])", "[1]"),
        ("transform(ARRAY[1, 2], x -> x * 10)", "[10, 20]"),
        ("filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]"),
        ("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s)", "6"),
        ("reduce(ARRAY[1, 2, 3], 0, (s, x) -> s + x, s -> s * 10)", "60"),
        ("any_match(ARRAY[1, 2], x -> x = 2)", "true"),
        ("all_match(ARRAY[1, 2], x -> x = 2)", "false"),
        ("none_match(ARRAY[1, 2], x -> x = 3)", "true"),
        ("slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]"),
        ("ROW(1, 'x')", "{1, x}"),
        ("CAST(ROW(1, 'x') AS ROW(n integer, s varchar))", "{n=1, s=x}"),
        ("CAST(ROW(1, 'x') AS ROW(n integer, s varchar)).s", "x"),
        ("json_extract_scalar('{\"a\": {\"b\": 5}}', '$.a.b')", "5"),
        ("json_array_length('[1, 2]')", "2"),
        ("json_format(json_parse('[1,2]'))", "[1,2]"),
        # choice
        ("if(1 > 2, 'a', 'b')", "b"),
        ("coalesce(NULL, nullif(1, 1), 3)", "3"),
        ("CASE WHEN 1 = 1 THEN 'yes' END", "yes"),
    ],
)  # fmt: skip
def test_a_function_of_trino_s_answers_as_trino_does(engine: Engine, expression: str, expected: str | None) -> None:
    """The functions that contact-centre queries use have Trino's meaning and Athena's spelling of values."""
    assert answer(engine, f"SELECT {expression}") == [(expected,)]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("count_if(x > 1)", "3"),
        ("approx_percentile(x, 0.5)", "2"),
        ("cardinality(approx_percentile(x, ARRAY[0.25, 0.75]))", "2"),
        ("approx_distinct(y)", "2"),
        ("max_by(y, x)", "b"),
        ("min_by(y, x)", "a"),
        ("array_agg(x ORDER BY x DESC)", "[4, 3, 2, 1]"),
        ("sum(x) FILTER (WHERE y = 'a')", "3"),
        ("count(DISTINCT y)", "2"),
        ("avg(x)", "2.5"),
        ("sum(x) * 100.0 / count(*)", "250.0"),
        ("bool_or(x > 3)", "true"),
        ("map_agg(x, y)", "{1=a, 2=a, 3=b, 4=b}"),
        ("arbitrary(1)", "1"),
        ("histogram(y)", "{a=2, b=2}"),
        ("stddev_pop(x)", "1.118033988749895"),
        ("listagg(y, ',') WITHIN GROUP (ORDER BY x)", "a,a,b,b"),
    ],
)
def test_an_aggregate_of_trino_s_answers_as_trino_does(engine: Engine, aggregate: str, expected: str) -> None:
    """Aggregates over four rows."""
    rows = "(VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b')) AS t(x, y)"
    assert answer(engine, f"SELECT {aggregate} FROM {rows}") == [(expected,)]  # noqa: S608


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT nope FROM (VALUES 1) AS t(x)", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT 1, z.x FROM (VALUES 1) AS t(x)", "COLUMN_NOT_FOUND: line 1:11: Column 'z.x' cannot be resolved"),
        ("SELECT x FROM (VALUES 1) AS t(x), (VALUES 2) AS u(x)", "AMBIGUOUS_NAME: line 1:8: Column 'x' is ambiguous"),
        ("SELECT nonsense(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nonsense' not registered"),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT: "),
        (
            "SELECT t.x, count(*) FROM (VALUES (1, 2)) AS t(x, y)",
            "EXPRESSION_NOT_AGGREGATE: line 1:8: 't.x' must be an aggregate expression or appear in GROUP BY clause",
        ),
        ("SELECT 'a' + 1", "TYPE_MISMATCH: "),
        (
            "SELECT 1, word_stem('a')",
            "NOT_SUPPORTED: line 1:11: The sandbox lacks Athena's function word_stem",
        ),
        ("SELECT format_datetime(now(), 'QQ')", "INVALID_FUNCTION_ARGUMENT: "),
    ],
)
def test_a_mistake_fails_with_its_name_and_place(engine: Engine, sql: str, expected: str) -> None:
    """Failures have the engine's names, and say where where they can."""
    with pytest.raises(QueryFailure) as failed:
        answer(engine, sql)

    assert failed.value.reason.startswith(expected)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM sniff_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        'SELECT * FROM "/etc/hostname"',
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM query('SELECT 1')",
        "SELECT read_text('/etc/hostname')",
        "SELECT (SELECT max(content) FROM read_text('/etc/hostname'))",
        "WITH x AS (SELECT * FROM read_blob('/etc/hostname')) SELECT * FROM x",
        "SELECT getenv('HOME')",
    ],
)
def test_sql_does_not_reach_the_machine(account: Consumer, sql: str) -> None:
    """Whatever a query names, files and settings of the machine stay out of reach."""
    query = run(account.admin(), sql)

    assert query.state == "FAILED"
    assert query.reason.split(":")[0] in {"NOT_SUPPORTED", "SCHEMA_NOT_FOUND", "FUNCTION_NOT_FOUND", "TYPE_MISMATCH"}


def test_an_engine_reads_its_folder_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    """A source that points elsewhere cannot be read, should one ever be made."""
    elsewhere = tmp_path / "secret.csv"
    elsewhere.write_text("1\n")
    columns = (("a", "int"),)
    source = FileSource("db", "t", columns, columns, (), (StoredFile(elsewhere, 2),), Layout("csv"))

    with pytest.raises(QueryFailure, match="disabled by configuration"):
        engine.answer(Work(select("SELECT * FROM db.t"), (source,), 0))


def select(sql: str) -> Select:
    statement = read_statement(sql)
    assert isinstance(statement, Select)
    return statement


@pytest.fixture
def files(tmp_path: Path) -> FileSource:
    """A table of three rows with a column that is filtered on and one that is not shown."""
    path = tmp_path / "rows.json"
    rows = [{"queue": "sales", "agent": "a", "secret": 1}, {"queue": "billing", "agent": "b", "secret": 2}]
    path.write_text("\n".join(json.dumps(row) for row in [*rows, {"queue": "care", "agent": "c", "secret": 3}]))
    stored = (("queue", "string"), ("agent", "string"), ("secret", "int"))
    return FileSource("db", "t", stored[:2], stored, (), (StoredFile(path, 1),), Layout("json"), ())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((), [("a",), ("b",), ("c",)]),
        (("queue = 'sales'",), [("a",)]),
        (("queue = 'sales'", "secret > 2"), [("a",), ("c",)]),
        (("regexp_like(queue, '^b')",), [("b",)]),
    ],
)
def test_row_filters_let_through_what_any_of_them_allows(
    files: FileSource, filters: tuple[str, ...], expected: list[tuple[str]]
) -> None:
    """Filters are predicates in Trino's SQL, may use columns that are not shown, and add up."""
    engine = Engine(files.files[0].path.parent)

    cells = tuple(Cells(frozenset({"agent"}), predicate) for predicate in filters)

    found = engine.answer(Work(select("SELECT agent FROM db.t ORDER BY 1"), (replace(files, cells=cells),), 0))

    assert list(found.rows) == expected


# --- the lake --------------------------------------------------------------------------------------------------------


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    return open_account(box, client)


@pytest.fixture
def lake(account: Consumer) -> Consumer:
    """Contact records of a fortnight, shared, linked and granted to the consumer's administrator."""
    names = ["contact_record", "contact_statistic_record", "agent_statistic_record"]
    shared = Consumer(account.box, account.client, share(account, names, 500))
    for name in names:
        shared.let_read(name, to=ADMIN)
    return shared


def test_a_contact_centre_recognises_its_day(lake: Consumer) -> None:
    """Contacts per queue and day, abandoned share, service level and speed of answer, from one query."""
    sql = """
        SELECT r.queue_name,
               date_trunc('day', s.enqueue_timestamp) AS day,
               count(*) AS queued,
               count_if(s.is_abandoned = 1) AS abandoned,
               round(100.0 * count_if(s.is_handled = 1 AND s.queue_answer_time_ms <= 20000) / count(*), 1) AS level,
               round(avg(s.queue_answer_time_ms) / 1000.0, 1) AS answer_seconds,
               approx_percentile(s.handle_time_ms, 0.9) AS handle_time_p90
        FROM contact_statistic_record AS s
        JOIN contact_record AS r ON r.contact_id = s.contact_id AND r.instance_id = s.instance_id
        WHERE s.is_queued = 1
          AND s.initiation_timestamp > current_timestamp - INTERVAL '15' DAY
          AND r.segment_attributes['connect:Subtype'] <> 'connect:Assistant'
        GROUP BY 1, 2
        HAVING count(*) >= 1
        ORDER BY 2, 1
    """

    query = run(lake.admin(), sql)

    assert query.state == "SUCCEEDED", query.reason
    assert query.rows[0][0] == "queue_name"
    queued = value(lake.admin(), "SELECT count(*) FROM contact_statistic_record WHERE is_queued = 1")
    assert sum(int(row[2] or 0) for row in query.rows[1:]) == int(queued or 0) > 300
    assert all(0 <= float(row[4] or 0) <= 100 for row in query.rows[1:])


def test_rows_inside_a_row_are_unfolded(lake: Consumer) -> None:
    """UNNEST of an array of rows makes a column of each field, of a map one of keys and one of values."""
    athena = lake.admin()

    states = run(
        athena,
        "SELECT s.state, count(*) FROM contact_record CROSS JOIN UNNEST(agent_state_transitions) "
        "AS s(began, ended, state) WHERE s.ended >= s.began GROUP BY s.state ORDER BY 1",
    )
    pairs = run(athena, "SELECT DISTINCT k FROM contact_record, UNNEST(attributes) AS t(k, v) ORDER BY k")
    channels = run(
        athena, "SELECT media.type FROM contact_record CROSS JOIN UNNEST(media_streams_items) AS t(media) LIMIT 1"
    )

    assert [state for state, _ in states.rows[1:]] == ["CONNECTED", "CONNECTING", "ENDED"]
    assert [row[0] for row in pairs.rows[1:]] == ["customer_tier", "language"]
    assert channels.rows[1] == ["AUDIO"]


def test_yesterday_s_contacts_are_found_by_time(lake: Consumer) -> None:
    """A query bounded by the current time finds recent rows, and follows the sandbox's clock."""
    athena, recent = lake.admin(), "initiation_timestamp >= current_date - INTERVAL '2' DAY"

    before = value(athena, f"SELECT count(*) FROM contact_record WHERE {recent}")  # noqa: S608
    lake.box.clock.advance(timedelta(days=30).total_seconds())
    after = value(athena, f"SELECT count(*) FROM contact_record WHERE {recent}")  # noqa: S608

    assert int(before or 0) > 0
    assert after == "0"


@pytest.mark.parametrize(
    "name", ['"awsdatacatalog"."links"."contact_record"', "links.contact_record", "AwsDataCatalog.LINKS.Contact_Record"]
)
def test_a_table_goes_by_several_names(lake: Consumer, name: str) -> None:
    """Catalog and database may be spelled out, in any case, with or without quotes."""
    assert value(lake.admin(), f"SELECT count(*) FROM {name}", database="default") == "500"  # noqa: S608


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT *\nFROM nothing", "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.links.nothing' does not exist"),
        ("SELECT * FROM x.y.z", "CATALOG_NOT_FOUND: line 1:15: Catalog 'x' not found"),
        (
            "SELECT * FROM information_schema.nothing",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.information_schema.nothing' does not exist",
        ),
    ],
)
def test_a_table_that_is_not_there_is_named(lake: Consumer, sql: str, expected: str) -> None:
    """The failure says which table was looked for, and where the query names it."""
    assert run(lake.admin(), sql).reason == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "SELECT date_trunc('day', initiation_timestamp) AS day, count(*) FROM contact_record GROUP BY day",
            "COLUMN_NOT_FOUND: line 1:94: Column 'day' cannot be resolved",
        ),
        ("SELECT channel AS c FROM contact_record WHERE c = 'VOICE'", "COLUMN_NOT_FOUND: line 1:47: Column 'c' "),
        ("SELECT 1 AS a, a + 1 FROM contact_record", "COLUMN_NOT_FOUND: line 1:16: Column 'a' "),
        (
            "SELECT 1 FROM contact_record WHERE initiation_timestamp > '2026-01-01'",
            "TYPE_MISMATCH: line 1:57: Cannot apply operator: timestamp(3) > varchar(10)",
        ),
        (
            "SELECT 1 FROM contact_record c WHERE 'x' = c.queue_duration_ms",
            "TYPE_MISMATCH: line 1:42: Cannot apply operator: varchar(1) = bigint",
        ),
        (
            "SELECT 1 FROM contact_record WHERE initiation_timestamp BETWEEN '2026-01-01' AND '2026-02-01'",
            "TYPE_MISMATCH: line 1:57: Cannot check if timestamp(3) is BETWEEN varchar(10) and varchar(10)",
        ),
        (
            "SELECT 1 FROM contact_record WHERE channel = 1",
            "TYPE_MISMATCH: line 1:44: Cannot apply operator: varchar = int",
        ),
    ],
)
def test_what_trino_would_not_run_is_not_run(lake: Consumer, sql: str, expected: str) -> None:
    """Aliases are for ORDER BY alone, and unlike types are not compared."""
    assert run(lake.admin(), sql).reason.startswith(expected)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT channel AS c, count(*) AS n FROM contact_record GROUP BY channel ORDER BY c, n",
        "SELECT channel AS queue_name FROM contact_record WHERE queue_name IS NOT NULL",
        "SELECT c FROM (SELECT channel AS c FROM contact_record) WHERE c = 'VOICE'",
        "SELECT c AS d FROM (SELECT channel AS c FROM contact_record) AS t GROUP BY c",
        "WITH t AS (SELECT * FROM contact_record) SELECT channel AS c FROM t WHERE t.channel = 'VOICE'",
        "SELECT x AS y FROM contact_record CROSS JOIN UNNEST(sequence(1, 2)) AS t(x) WHERE x = 1",
        "SELECT 1 FROM contact_record WHERE initiation_timestamp > TIMESTAMP '2026-01-01 00:00:00'",
        "SELECT 1 FROM contact_record WHERE initiation_timestamp > date '2026-01-01' AND queue_duration_ms > 1.5",
        "SELECT (SELECT max(channel) FROM contact_record s WHERE s.agent_id = r.agent_id) FROM contact_record r",
    ],
)
def test_what_trino_runs_is_run(lake: Consumer, sql: str) -> None:
    """Names that a source has may be used though an alias has them too."""
    query = run(lake.admin(), sql)

    assert query.state == "SUCCEEDED", query.reason


@pytest.mark.parametrize(
    "call", ["strftime(now(), '%Y')", "list_value(1)", "current_setting('threads')", "epoch_ms(1)"]
)
def test_functions_that_only_the_sandbox_s_engine_has_are_refused(account: Consumer, call: str) -> None:
    """A function that Athena does not know is not registered, whatever runs the query."""
    name = call.partition("(")[0]

    query = run(account.admin(), f"SELECT {call}")

    assert query.reason == f"FUNCTION_NOT_FOUND: line 1:8: Function '{name}' not registered"


def test_names_of_a_with_clause_are_not_tables(lake: Consumer) -> None:
    """A common table expression may hide a table, and use it."""
    sql = (
        "WITH contact_record AS (SELECT contact_id FROM links.contact_record LIMIT 3), "
        "b AS (SELECT * FROM contact_record) SELECT count(*) FROM b, contact_record"
    )

    assert value(lake.admin(), sql) == "9"
