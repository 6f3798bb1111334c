"""Runs one query through Athena as somebody, and sorts what went wrong when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, QueryError
from lakeshare.resources.kind import Run

QUERY_DEADLINE_SECONDS = 300.0
"""Ours (inferred): proofs read a row or count; Athena itself stops a query after 30 minutes (documented)."""

REFUSALS = (
    "Insufficient Lake Formation permission",
    "Insufficient permissions to execute the query",
    "does not have any privilege",
    "is not authorized to perform: glue:",
)
"""
Substrings of Athena's answers that mean a missing right on what was asked for: Lake Formation's refusals, and IAM's on
the catalog (documented and observed; reference, section 6). A refusal to start queries, to write results or to read S3
says nothing about a table, so it is none of these.
"""

MISSING = ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "does not exist", "COLUMN_NOT_FOUND", "EntityNotFound")
"""Substrings that mean a name is not there, or is hidden: Athena uses one text for both (documented for columns)."""


class Caller(Protocol):
    """Whoever asks: an account's operator, or a reader it acts as."""

    def call(self, region: str, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Make one call of *service* in *region*."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a query: column names, rows of text (None for null), and the bytes it scanned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int
    query_id: str


def run_query(run: Run, caller: Caller, region: str, workgroup: str, database: str, sql: str) -> QueryResult:
    """
    Run *sql* in *workgroup* with *database* as the default one.

    Raises QueryError when Athena fails or refuses it, CallError when the call itself is refused for another reason.
    """
    query_id = _start(caller, region, workgroup, database, sql)

    def ended() -> dict[str, Any] | NotYet:
        answer = caller.call(region, "athena", "get_query_execution", QueryExecutionId=query_id)
        execution: dict[str, Any] = answer["QueryExecution"]
        state = execution["Status"]["State"]
        return NotYet(state) if state in ("QUEUED", "RUNNING") else execution

    execution = run.wait_for(f"query {query_id} to end", ended, deadline_seconds=QUERY_DEADLINE_SECONDS)
    status = execution["Status"]
    if status["State"] != "SUCCEEDED":
        raise _sorted(status.get("StateChangeReason") or status["State"], query_id)
    rows = list(_rows(caller, region, query_id))
    return QueryResult(
        tuple(name or "" for name in rows[0]) if rows else (),
        tuple(rows[1:]),
        execution.get("Statistics", {}).get("DataScannedInBytes", 0),
        query_id,
    )


def _start(caller: Caller, region: str, workgroup: str, database: str, sql: str) -> str:
    try:
        answer = caller.call(
            region,
            "athena",
            "start_query_execution",
            QueryString=sql,
            WorkGroup=workgroup,
            QueryExecutionContext={"Catalog": "AwsDataCatalog", "Database": database},
        )
    except CallError as error:
        if error.aws_code in ("AccessDeniedException", "AccessDenied"):
            raise _sorted(error.message, "") from error
        raise
    query_id: str = answer["QueryExecutionId"]
    return query_id


def _rows(caller: Caller, region: str, query_id: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows of all pages; the first is the header (documented)."""
    token: dict[str, str] = {}
    while True:
        page = caller.call(region, "athena", "get_query_results", QueryExecutionId=query_id, **token)
        for row in page["ResultSet"]["Rows"]:
            yield tuple(cell.get("VarCharValue") for cell in row["Data"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _sorted(reason: str, query_id: str) -> QueryError:
    return QueryError(
        reason,
        is_refusal=any(text.lower() in reason.lower() for text in REFUSALS),
        is_missing=any(text.lower() in reason.lower() for text in MISSING),
        query_id=query_id,
    )
