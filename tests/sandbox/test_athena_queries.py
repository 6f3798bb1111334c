"""What becomes of a query: its states, its results in S3 and in pages, and its end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.queries import (
    CONSUMER,
    RESULTS,
    Consumer,
    finish,
    message,
    open_account,
    refusal,
    run,
    share,
    start,
)

MANY = "UNNEST(sequence(1, 300000))"
SLOW = f"SELECT count(*) FROM {MANY} AS a(x) CROSS JOIN {MANY} AS b(y) WHERE x * y = 7"  # noqa: S608


@pytest.fixture
def account(box: Sandbox, client: ClientMaker) -> Consumer:
    return open_account(box, client)


# --- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.allows("athena.query.exists", "athena.query.results-when-succeeded")
def test_results_are_typed_rows_of_text_under_a_header(account: Consumer) -> None:
    """GetQueryResults names columns and types as Athena does; values are text, null has none."""
    athena = account.admin()
    sql = "SELECT 1 AS n, 'it''s' AS s, CAST(NULL AS varchar) AS nothing, 1.5, true AS yes, ARRAY[1, 2] AS a"

    query = run(athena, sql)
    found = athena.get_query_results(QueryExecutionId=query.execution["QueryExecutionId"])

    assert query.rows == [
        ["n", "s", "nothing", "_col3", "yes", "a"],
        ["1", "it's", None, "1.5", "true", "[1, 2]"],
    ]
    columns = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [column["Type"] for column in columns] == ["integer", "varchar", "varchar", "double", "boolean", "array"]
    assert found["UpdateCount"] == 0


def test_results_come_in_pages(account: Consumer) -> None:
    """MaxResults counts the header as the first page's first row; the pages make up the result."""
    athena = account.admin()
    identifier = start(athena, "SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x")
    finish(athena, identifier)

    first = athena.get_query_results(QueryExecutionId=identifier, MaxResults=10)
    second = athena.get_query_results(QueryExecutionId=identifier, MaxResults=10, NextToken=first["NextToken"])
    everything = finish(athena, identifier).rows

    assert [row["Data"][0]["VarCharValue"] for row in first["ResultSet"]["Rows"]] == ["x", *map(str, range(1, 10))]
    assert second["ResultSet"]["Rows"][0]["Data"][0]["VarCharValue"] == "10"
    assert [row[0] for row in everything[1:]] == [str(number) for number in range(1, 2501)]


@pytest.mark.allows("athena.query.results-bucket")
def test_the_result_is_an_object_in_s3(account: Consumer) -> None:
    """A SELECT leaves a CSV object, everything quoted but nulls, and a companion that tells its columns."""
    query = run(
        account.admin(), """SELECT 'a"b' AS q, CAST(NULL AS bigint) AS n, '' AS e UNION ALL SELECT 'x', 2, 'y'"""
    )

    s3 = account.client("s3", CONSUMER)
    location = query.execution["ResultConfiguration"]["OutputLocation"]
    key = f"queries/{query.execution['QueryExecutionId']}.csv"
    body = s3.get_object(Bucket="results-bucket", Key=key)["Body"].read()
    companion = s3.get_object(Bucket="results-bucket", Key=f"{key}.metadata")["Body"].read()

    assert location == f"s3://results-bucket/{key}"
    header, *lines = body.decode().splitlines()
    assert header == '"q","n","e"'
    assert sorted(lines) == ['"a""b",,""', '"x","2","y"']
    assert b"bigint" in companion
    assert query.execution["QueryExecutionId"].encode() in companion


def test_a_question_leaves_a_text_object(account: Consumer) -> None:
    """SHOW and DESCRIBE answer lines without a header, in the object as in the results."""
    athena = account.admin()
    account.client("glue", CONSUMER).create_database(DatabaseInput={"Name": "links"})

    query = run(athena, "SHOW DATABASES")

    key = f"queries/{query.execution['QueryExecutionId']}.txt"
    body = account.client("s3", CONSUMER).get_object(Bucket="results-bucket", Key=key)["Body"].read()
    assert query.rows == [["links"]]
    assert body == b"links"
    assert (query.execution["StatementType"], query.execution["SubstatementType"]) == ("UTILITY", "SHOW_DATABASES")


def test_results_are_read_with_the_caller_s_own_rights(account: Consumer) -> None:
    """GetQueryResults takes s3:GetObject on the results as well."""
    run_only: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "athena:*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetBucketLocation"], "Resource": "*"},
    ]
    athena = account.reader(run_only)
    identifier = start(athena, "SELECT 1")
    while athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]["State"] != "SUCCEEDED":
        pass

    refused = refusal(athena.get_query_results, QueryExecutionId=identifier)

    assert refused["Error"]["Code"] == "AccessDeniedException"
    assert "s3:GetObject" in refused["Error"]["Message"]


# --- where results go ------------------------------------------------------------------------------------------------


@pytest.mark.refuses("athena.query.output-location")
def test_a_query_needs_somewhere_to_write(account: Consumer) -> None:
    """Without an output location of the query or of its workgroup nothing runs."""
    athena = account.admin()

    refused = refusal(athena.start_query_execution, QueryString="SELECT 1")

    assert refused["Error"]["Code"] == "InvalidRequestException"
    assert refused["Error"]["Message"].startswith("No output location provided.")
    assert refused["AthenaErrorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize("location", ["results-bucket/here", "s3:/results-bucket", "https://results-bucket", "s3://"])
def test_an_output_location_is_in_s3(account: Consumer, location: str) -> None:
    """What is no s3://bucket/prefix is refused by name."""
    asked = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": location}}

    assert message(account.admin().start_query_execution, **asked) == "outputLocation is not a valid S3 path."


@pytest.mark.refuses("athena.query.results-bucket")
def test_the_results_bucket_is_there_and_may_be_seen(account: Consumer) -> None:
    """A bucket that does not exist, or that the caller may not locate, is refused at once."""
    nowhere = {"OutputLocation": "s3://no-such-bucket/x/"}
    blind = account.reader([{"Effect": "Allow", "Action": ["athena:*", "s3:PutObject"], "Resource": "*"}])

    missing = message(account.admin().start_query_execution, QueryString="SELECT 1", ResultConfiguration=nowhere)
    hidden = message(
        blind.start_query_execution, QueryString="SELECT 1", ResultConfiguration={"OutputLocation": RESULTS}
    )

    assert missing == "Unable to verify/create output bucket no-such-bucket"
    assert hidden == "Unable to verify/create output bucket results-bucket"


@pytest.mark.allows("athena.query.output-location")
def test_an_enforcing_workgroup_has_the_last_word_on_the_location(account: Consumer) -> None:
    """Enforced settings win over the query's; otherwise they stand in for what it leaves out."""
    athena = account.admin()
    results = {"OutputLocation": "s3://results-bucket/team", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    for name, is_enforced in (("strict", True), ("lenient", False)):
        configuration = {"ResultConfiguration": results, "EnforceWorkGroupConfiguration": is_enforced}
        athena.create_work_group(Name=name, Configuration=configuration)

    strict = run(athena, "SELECT 1", WorkGroup="strict").execution["ResultConfiguration"]
    lenient = run(athena, "SELECT 1", WorkGroup="lenient").execution["ResultConfiguration"]
    silent = finish(
        athena, athena.start_query_execution(QueryString="SELECT 1", WorkGroup="lenient")["QueryExecutionId"]
    ).execution["ResultConfiguration"]

    assert strict["OutputLocation"].startswith("s3://results-bucket/team/")
    assert strict["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert lenient["OutputLocation"].startswith(RESULTS)
    assert silent["OutputLocation"].startswith("s3://results-bucket/team/")


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_query_tells_what_it_did(account: Consumer) -> None:
    """GetQueryExecution has the statement, its kind, its times, its engine and what it scanned."""
    owner = share(account, ["users"], 20)
    lake = Consumer(account.box, account.client, owner)
    lake.let_read("users", to=f"arn:aws:iam::{CONSUMER}:user/administrator")

    execution = run(account.admin(), "SELECT * FROM users").execution

    assert execution["Query"] == "SELECT * FROM users"
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["WorkGroup"] == "primary"
    assert execution["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    assert execution["QueryExecutionContext"] == {"Database": "links"}
    assert execution["Status"]["SubmissionDateTime"] <= execution["Status"]["CompletionDateTime"]
    assert execution["Statistics"]["DataScannedInBytes"] > 1000
    assert execution["Statistics"]["EngineExecutionTimeInMillis"] > 0


@pytest.mark.refuses("athena.query.results-when-succeeded")
def test_a_running_query_can_be_stopped(account: Consumer) -> None:
    """A query that runs has no results yet; stopped, it is CANCELLED for good."""
    athena = account.admin()
    identifier = start(athena, SLOW)

    early = refusal(athena.get_query_results, QueryExecutionId=identifier)
    athena.stop_query_execution(QueryExecutionId=identifier)
    stopped = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]
    athena.stop_query_execution(QueryExecutionId=identifier)

    assert early["Error"]["Message"].startswith("Query has not yet finished. Current state: ")
    assert early["AthenaErrorCode"] == "INVALID_QUERY_EXECUTION_STATE"
    assert (stopped["State"], stopped["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert message(athena.get_query_results, QueryExecutionId=identifier) == "Could not find results"


def test_stopping_queries_frees_the_engine(account: Consumer) -> None:
    """Stopped queries, running or waiting, are not in the way of the next one."""
    athena = account.admin()
    slow = [start(athena, SLOW) for _ in range(6)]
    states = {athena.get_query_execution(QueryExecutionId=each)["QueryExecution"]["Status"]["State"] for each in slow}
    for each in slow:
        athena.stop_query_execution(QueryExecutionId=each)

    after = run(athena, "SELECT 1")

    assert states <= {"QUEUED", "RUNNING"}
    assert after.state == "SUCCEEDED"


def test_the_sandbox_answers_while_a_query_runs(account: Consumer) -> None:
    """A long query does not hold up other calls."""
    athena = account.admin()
    slow = start(athena, SLOW)

    assert account.client("sts", CONSUMER).get_caller_identity()["Account"] == CONSUMER
    assert run(athena, "SELECT 1").state == "SUCCEEDED"
    state = athena.get_query_execution(QueryExecutionId=slow)["QueryExecution"]["Status"]["State"]
    athena.stop_query_execution(QueryExecutionId=slow)
    assert state == "RUNNING"


def test_a_program_ends_though_a_query_runs(tmp_path: Path) -> None:
    """Leaving in the middle of a query takes no longer than stopping it, and nothing complains."""
    program = f"""
import pathlib, time
from lakeshare.sandbox.services.athena.engine import Work
from lakeshare.sandbox.services.athena.statements import read_statement
from lakeshare.sandbox.services.athena.workers import Run, Workers
workers, run = Workers(pathlib.Path({str(tmp_path)!r}), 2), Run(Work(read_statement({SLOW!r}), (), 0.0))
workers.submit(run)
while not run.has_begun:
    time.sleep(0.01)
print("leaving", flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "leaving\n", "")


def test_a_world_that_is_reset_stops_its_queries(account: Consumer) -> None:
    """A reset leaves no query running for nobody."""
    others = set(threading.enumerate())  # of worlds of other tests, which go when Python collects them
    athena = account.admin()
    for _ in range(4):
        start(athena, SLOW)
    workers = {thread for thread in set(threading.enumerate()) - others if thread.name.startswith("athena-")}

    account.box.reset()

    deadline = time.monotonic() + 10
    while any(thread.is_alive() for thread in workers) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert workers
    assert [thread.name for thread in workers if thread.is_alive()] == []


def test_a_failed_query_has_no_results(account: Consumer) -> None:
    """GetQueryResults of a failed query says how it ended."""
    athena = account.admin()
    failed = run(athena, "SELECT * FROM nowhere.nothing")

    refused = refusal(athena.get_query_results, QueryExecutionId=failed.execution["QueryExecutionId"])

    assert failed.reason == "SCHEMA_NOT_FOUND: line 1:15: Schema 'nowhere' does not exist"
    assert refused["Error"]["Message"] == "Query did not finish successfully. Final query state: FAILED"


@pytest.mark.refuses("athena.query.exists")
def test_an_unknown_query_is_not_found(account: Consumer) -> None:
    """Ids of other accounts' queries, and ids of none, are not found."""
    athena = account.admin()
    foreign = start(athena, "SELECT 1")
    other = account.client("athena", "333333333333")

    assert message(other.get_query_execution, QueryExecutionId=foreign) == f"QueryExecution {foreign} was not found"
    answer = athena.batch_get_query_execution(QueryExecutionIds=[foreign, "nonsense"])
    assert [each["QueryExecutionId"] for each in answer["QueryExecutions"]] == [foreign]
    assert [each["QueryExecutionId"] for each in answer["UnprocessedQueryExecutionIds"]] == ["nonsense"]


@pytest.mark.refuses("athena.query.idempotent")
@pytest.mark.allows("athena.query.idempotent")
def test_the_same_token_is_the_same_query(account: Consumer) -> None:
    """A repeated ClientRequestToken answers with the query it began, and is refused for another statement."""
    athena, token = account.admin(), str(uuid.uuid4())

    first = start(athena, "SELECT 1", ClientRequestToken=token)
    again = start(athena, "SELECT 1", ClientRequestToken=token)
    asked = {"ResultConfiguration": {"OutputLocation": RESULTS}, "ClientRequestToken": token}
    other = refusal(athena.start_query_execution, QueryString="SELECT 2", **asked)

    assert first == again
    assert other["Error"]["Message"] == "Idempotent parameters do not match"
    assert start(athena, "SELECT 1") != first


@pytest.mark.allows("athena.workgroup.enabled")
def test_queries_are_listed_newest_first_by_workgroup(account: Consumer) -> None:
    """ListQueryExecutions pages through the queries of one workgroup."""
    athena = account.admin()
    athena.create_work_group(Name="team")
    ours = [start(athena, f"SELECT {number}", WorkGroup="team") for number in range(3)]
    start(athena, "SELECT 'elsewhere'")

    first = athena.list_query_executions(WorkGroup="team", MaxResults=2)
    rest = athena.list_query_executions(WorkGroup="team", NextToken=first["NextToken"])

    assert first["QueryExecutionIds"] + rest["QueryExecutionIds"] == ours[::-1]


# --- statements ------------------------------------------------------------------------------------------------------


@pytest.mark.refuses("athena.query.parses")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELEKT 1", "line 1:1: mismatched input 'SELEKT'. Expecting: "),
        ("SELECT a FROM", "line 1:14: mismatched input '<EOF>'. Expecting: "),
        ("-- nothing", "line 1:11: mismatched input '<EOF>'. Expecting: "),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2"),
        ("SELECT (1", "line 1:10: mismatched input '<EOF>'. Expecting: "),
        ("SHOW NOTHING", "line 1:1: mismatched input 'NOTHING'. Expecting: "),
    ],
)
def test_a_statement_that_does_not_parse_is_refused(account: Consumer, sql: str, expected: str) -> None:
    """StartQueryExecution itself refuses, with the place and what stands there."""
    asked = {"QueryString": sql, "ResultConfiguration": {"OutputLocation": RESULTS}}

    refused = refusal(account.admin().start_query_execution, **asked)

    assert refused["Error"]["Code"] == "InvalidRequestException"
    assert refused["Error"]["Message"].startswith(expected)
    assert refused["AthenaErrorCode"] == "MALFORMED_QUERY"


@pytest.mark.allows("athena.query.parses")
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a int) LOCATION 's3://results-bucket/t/'",
        "VACUUM t",
        "DELETE FROM t",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "OPTIMIZE t REWRITE DATA USING BIN_PACK",
        "/* first */ EXPLAIN ANALYZE SELECT 1",
    ],
)
def test_statements_of_other_forms_are_not_supported(account: Consumer, sql: str) -> None:
    """What this Athena does not do it says plainly: the query fails as not supported."""
    query = run(account.admin(), sql)

    assert query.state == "FAILED"
    assert query.reason.startswith("NOT_SUPPORTED: line 1:")
    assert query.execution["Status"]["AthenaError"]["ErrorType"] == 1200


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [(["'abc'", "2"], ["abc", "2"]), (["abc def", "1 + 1"], ["abc def", "2"]), (["it's", "NULL"], ["it's", None])],
)
def test_execution_parameters_stand_for_question_marks(
    account: Consumer, parameters: list[str], expected: list[str | None]
) -> None:
    """Each is an expression if it is one without columns, and text if not."""
    query = run(account.admin(), "SELECT ? AS a, ? AS b -- why?", ExecutionParameters=parameters)

    assert query.rows[1] == expected
    assert query.execution["ExecutionParameters"] == parameters


def test_parameters_that_do_not_match_fail_the_query(account: Consumer) -> None:
    """Fewer values than question marks is the query's failure; values for none are ignored."""
    athena = account.admin()

    short = run(athena, "SELECT ?, ?", ExecutionParameters=["1"])

    assert short.reason == "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"
    assert run(athena, "SELECT 1", ExecutionParameters=["1"]).rows == [["_col0"], ["1"]]
