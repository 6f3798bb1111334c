"""StartQueryExecution: from the call to a query that runs, or to its refusal."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.services.athena import ddl, output, questions, saved, writing
from lakeshare.sandbox.services.athena.changes import (
    Change,
    CreateTableAs,
    CreateView,
    Explain,
    Insert,
    Unload,
    read_change,
)
from lakeshare.sandbox.services.athena.engine import Result, Work
from lakeshare.sandbox.services.athena.executions import Execution, Executions, Kind
from lakeshare.sandbox.services.athena.failures import MalformedQueryError, QueryFailure
from lakeshare.sandbox.services.athena.preparing import prepare
from lakeshare.sandbox.services.athena.refusals import RULE_ENABLED, RULE_IDEMPOTENT, invalid
from lakeshare.sandbox.services.athena.statements import RULE_PARSES, Question, Select, Statement, read_statement
from lakeshare.sandbox.services.athena.workers import Run
from lakeshare.sandbox.services.athena.workgroups import PRIMARY, WorkGroup, WorkGroups

_DEFAULT_DATABASE = "default"
_SELECT = Kind("DML", "SELECT")


def start_query_execution(call: Call) -> Mapping[str, Any]:
    """
    Answer StartQueryExecution.

    What the caller may read is decided here; reading itself goes on when the call has been answered.
    """
    store = call.world.store(Executions)
    params, token = call.params, call.params.get("ClientRequestToken")
    begun = store.begun_by(call.caller.account, call.region, token)
    if begun is not None:
        if begun.asked != _asked(params):
            raise invalid(RULE_IDEMPOTENT, "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return {"QueryExecutionId": begun.id}

    group = _workgroup(call)
    statement: Statement | Change | None = None
    refusal: QueryFailure | None = None
    try:
        statement = _read(*saved.executed(call, params["QueryString"], tuple(params.get("ExecutionParameters", ()))))
    except MalformedQueryError as error:
        raise invalid(RULE_PARSES, str(error), "MALFORMED_QUERY") from None
    except QueryFailure as failure:
        refusal = failure
    execution = _execution(call, group, _kind(statement))
    try:
        if refusal is not None:
            raise refusal
        assert statement is not None
        _begin(call, group, execution, statement)
    except QueryFailure as failure:
        store.fail(execution, failure)
    store.add(execution, token)
    return {"QueryExecutionId": execution.id}


def _read(text: str, parameters: tuple[str, ...]) -> Statement | Change:
    change = read_change(text, parameters)
    return read_statement(text, parameters) if change is None else change


def _kind(statement: Statement | Change | None) -> Kind:
    match statement:
        case None | Select():
            return _SELECT
        case Question():
            return questions.kind(statement)
        case _:
            return statement.kind


def _asked(params: Mapping[str, Any]) -> tuple[str | None, ...]:
    """Return what a repeated ClientRequestToken must repeat too (observed: these three, and not the workgroup)."""
    context, results = params.get("QueryExecutionContext") or {}, params.get("ResultConfiguration") or {}
    return params["QueryString"], context.get("Database"), results.get("OutputLocation")


def _workgroup(call: Call) -> WorkGroup:
    name = call.params.get("WorkGroup", PRIMARY)
    group = call.world.store(WorkGroups).named(call, name)
    if group.state != "ENABLED":
        raise invalid(RULE_ENABLED, f"WorkGroup {name} is disabled.")
    return group


def _execution(call: Call, group: WorkGroup, kind: Kind) -> Execution:
    identifier = str(uuid.uuid4())
    return Execution(
        id=identifier,
        account=call.caller.account,
        region=call.region,
        text=call.params["QueryString"],
        kind=kind,
        workgroup=group.name,
        context=dict(call.params.get("QueryExecutionContext") or {}),
        configuration=output.result_configuration(call, group, f"{identifier}{kind.suffix}"),
        asked=_asked(call.params),
        submitted_at=call.world.clock.now(),
        parameters=tuple(call.params.get("ExecutionParameters", ())),
        reuse=call.params.get("ResultReuseConfiguration"),
    )


def _begin(call: Call, group: WorkGroup, execution: Execution, statement: Statement | Change) -> None:
    """Answer a question about the catalog, or change it, at once; hand a query to the engine."""
    store = call.world.store(Executions)
    output.check_writable(call, execution.configuration)
    # Observed: awswrangler puts the database of MSCK REPAIR TABLE between backticks, and Athena takes it.
    database = execution.context.get("Database", _DEFAULT_DATABASE).strip("`").lower()
    match statement:
        case Select() if (earlier := store.reusable(execution)) is not None:
            _prepared(call, statement, execution, database)
            execution.is_reused = True
            store.succeed(execution, earlier)
        case Question():
            store.succeed(execution, questions.answer(call, statement, database))
        case Select():
            _submit(call, group, execution, _prepared(call, statement, execution, database))
        case CreateView() | CreateTableAs() | Insert() | Unload() | Explain():
            started = writing.start(call, statement, execution, database)
            if started is None:
                store.succeed(execution, Result((), (), 1))
                return
            execution.ending = started.ending
            _submit(call, group, execution, started.work)
        case _:
            store.succeed(execution, ddl.answer(call, statement, database))


def _prepared(call: Call, statement: Select, execution: Execution, database: str) -> Work:
    catalog = execution.context.get("Catalog")
    return prepare(call.world, call.caller, call.region, statement, database, catalog=catalog)


def _submit(call: Call, group: WorkGroup, execution: Execution, work: Work) -> None:
    """Hand a query to the engine, if it may scan what it would."""
    store = call.world.store(Executions)
    if group.cutoff is not None and work.size > group.cutoff:
        # Observed: a query over the cutoff ends CANCELLED, with the bytes that it had read by then.
        execution.scanned = group.cutoff
        store.cancel(execution, "Bytes scanned limit was exceeded")
        return
    store.submit(execution, Run(work))
