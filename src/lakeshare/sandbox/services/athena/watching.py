"""Looking at query executions: their states, their results, their lists; and stopping them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.services.athena import output
from lakeshare.sandbox.services.athena.asking import authorize_through_athena
from lakeshare.sandbox.services.athena.executions import Execution, Executions
from lakeshare.sandbox.services.athena.refusals import (
    RULE_EXECUTION,
    RULE_RESULTS,
    invalid,
    invalid_token,
)
from lakeshare.sandbox.services.athena.starting import start_query_execution
from lakeshare.sandbox.services.athena.workgroups import (
    PRIMARY,
    WorkGroups,
    refuse_deletion,
    workgroup_arn,
)


def get_query_execution(call: Call) -> Mapping[str, Any]:
    """Answer GetQueryExecution."""
    return {"QueryExecution": _found(call).describe()}


def batch_get_query_execution(call: Call) -> Mapping[str, Any]:
    """Answer BatchGetQueryExecution: those that are there, and the ids of those that are not."""
    store = call.world.store(Executions)
    wanted = call.params["QueryExecutionIds"]
    found = {each: store.find(call.caller.account, call.region, each) for each in wanted}
    missing = [
        {"QueryExecutionId": each, "ErrorCode": "QUERY_EXECUTION_NOT_FOUND", "ErrorMessage": _missing(each)}
        for each, execution in found.items()
        if execution is None
    ]
    described = [execution.describe() for execution in found.values() if execution is not None]
    return {"QueryExecutions": described, "UnprocessedQueryExecutionIds": missing}


def list_query_executions(call: Call) -> Mapping[str, Any]:
    """Answer ListQueryExecutions, the newest first."""
    params, name = call.params, call.params.get("WorkGroup", PRIMARY)
    call.world.store(WorkGroups).named(call, name)
    found = call.world.store(Executions).of(call.caller.account, call.region, name)
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=50, refusal=invalid_token)
    return with_token({"QueryExecutionIds": [each.id for each in shown]}, token)


def stop_query_execution(call: Call) -> Mapping[str, Any]:
    """Answer StopQueryExecution; stopping what has ended changes nothing."""
    call.world.store(Executions).cancel(_found(call), "Query cancelled by user")
    return {}


def get_query_results(call: Call) -> Mapping[str, Any]:
    """Answer GetQueryResults: pages of rows as text, of which a SELECT's first row is the header."""
    execution = _found(call)
    if execution.result is None:
        raise _without_results(execution)
    _check_readable(call, execution)
    params, columns = call.params, execution.result.columns
    shown, token = page(
        _rows(execution), params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token
    )
    answer = {
        "UpdateCount": execution.result.count,
        "ResultSet": {
            "Rows": [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in shown],
            "ResultSetMetadata": {"ColumnInfo": [column.describe() for column in columns]},
        },
    }
    return with_token(answer, token)


def get_query_runtime_statistics(call: Call) -> Mapping[str, Any]:
    """Answer GetQueryRuntimeStatistics: how long it took and how much came out, without stages."""
    execution = _found(call)
    described = execution.describe()["Statistics"]
    timeline = {name: value for name, value in described.items() if name.endswith("InMillis")}
    rows: dict[str, Any] = {"InputBytes": execution.scanned}
    if execution.result is not None:
        rows["OutputRows"] = len(execution.result.rows)
    return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}}


def delete_work_group(call: Call) -> Mapping[str, Any]:
    """Answer DeleteWorkGroup; its query executions go with it."""
    name, account = call.params["WorkGroup"], call.caller.account
    groups, executions = call.world.store(WorkGroups), call.world.store(Executions)
    group = groups.named(call, name)
    has_queries = bool(executions.of(account, call.region, name))
    refuse_deletion(group, has_queries=has_queries, is_recursive=call.params.get("RecursiveDeleteOption", False))
    executions.forget(account, call.region, name)
    del groups.of(account, call.region)[name]
    return {}


def _rows(execution: Execution) -> Iterator[tuple[str | None, ...]]:
    assert execution.result is not None
    if execution.kind.has_header:
        yield tuple(column.name for column in execution.result.columns)
    yield from execution.result.rows


def _found(call: Call) -> Execution:
    wanted = call.params["QueryExecutionId"]
    found = call.world.store(Executions).find(call.caller.account, call.region, wanted)
    if found is None:
        raise invalid(RULE_EXECUTION, _missing(wanted), "QUERY_EXECUTION_NOT_FOUND")
    return found


def _missing(identifier: str) -> str:
    return f"QueryExecution {identifier} was not found"


def _without_results(execution: Execution) -> ServiceError:
    state = execution.state
    match state:
        case "CANCELLED":
            return invalid(RULE_RESULTS, "Could not find results", "RESULT_NOT_FOUND")
        case "FAILED":
            message = f"Query did not finish successfully. Final query state: {state}"
        case _:
            message = f"Query has not yet finished. Current state: {state}"
    return invalid(RULE_RESULTS, message, "INVALID_QUERY_EXECUTION_STATE")


def _check_readable(call: Call, execution: Execution) -> None:
    """Results are read from S3 in the caller's name (documented: API_GetQueryResults)."""
    try:
        authorize_through_athena(
            call, "s3:GetObject", output.object_arn(execution.configuration["OutputLocation"], call.region)
        )
        output.authorize_key_of(call, execution.configuration, "kms:Decrypt")
    except ServiceError as error:
        raise RULE_RESULTS.refuse("AccessDeniedException", error.message) from error


def _of_workgroup(call: Call) -> list[str]:
    return [workgroup_arn(call, call.params.get("WorkGroup", PRIMARY))]


def _of_execution(call: Call) -> list[str]:
    """Return the ARN of the workgroup that a query ran in: queries have none of their own."""
    store = call.world.store(Executions)
    wanted = call.params.get("QueryExecutionIds") or [call.params["QueryExecutionId"]]
    found = [store.find(call.caller.account, call.region, each) for each in wanted]
    names = dict.fromkeys(execution.workgroup if execution else PRIMARY for execution in found)
    return [workgroup_arn(call, name) for name in names]


OPERATIONS: Operations = {
    "StartQueryExecution": start_query_execution,
    "GetQueryExecution": get_query_execution,
    "BatchGetQueryExecution": batch_get_query_execution,
    "ListQueryExecutions": list_query_executions,
    "StopQueryExecution": stop_query_execution,
    "GetQueryResults": get_query_results,
    "GetQueryRuntimeStatistics": get_query_runtime_statistics,
    "DeleteWorkGroup": delete_work_group,
}

RESOURCES = {
    "StartQueryExecution": _of_workgroup,
    "ListQueryExecutions": _of_workgroup,
    "GetQueryExecution": _of_execution,
    "BatchGetQueryExecution": _of_execution,
    "StopQueryExecution": _of_execution,
    "GetQueryResults": _of_execution,
}
