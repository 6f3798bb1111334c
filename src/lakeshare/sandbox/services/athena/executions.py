"""
Query executions: what was asked, how far it has come, what came out.

An execution's work runs on a worker thread; whatever becomes of it is taken over by ``settle``, on the sandbox's own
thread, the next time that anybody looks. So states change, results are written and failures told in one place, without
locks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from lakeshare.sandbox.services.athena import output
from lakeshare.sandbox.services.athena.engine import Result
from lakeshare.sandbox.services.athena.failures import QueryFailure, engine_failure
from lakeshare.sandbox.services.athena.fetch import Files
from lakeshare.sandbox.services.athena.rendering import csv_object, lines_object
from lakeshare.sandbox.services.athena.workers import Run, Workers
from lakeshare.sandbox.services.athena.workgroups import ENGINE_VERSION
from lakeshare.sandbox.world import World

_log = logging.getLogger(__name__)

Ending: TypeAlias = Callable[["Execution", Result], Result]
"""What is left to do, on the sandbox's own thread; returns the result to show, and may raise QueryFailure."""

State: TypeAlias = Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of statement it is, as GetQueryExecution says, and where that shows."""

    statement: Literal["DDL", "DML", "UTILITY"]
    substatement: str

    @property
    def writes(self) -> bool:
        """Whether it writes data elsewhere, and leaves a manifest of them rather than a result."""
        return self.substatement in {"CREATE_TABLE_AS_SELECT", "INSERT", "UNLOAD"}

    @property
    def has_header(self) -> bool:
        """Whether its result is a table with a header, rather than lines."""
        return self.statement == "DML" and not self.writes

    @property
    def suffix(self) -> str:
        """The ending of the result object's name (documented: athena/latest/ug/querying-finding-output-files.html)."""
        return "" if self.writes else ".csv" if self.has_header else ".txt"


@dataclass(slots=True)
class Execution:
    """
    One query execution; ``ending`` is what is left to do with its result when the engine is done, ``manifest`` the
    objects that it wrote, and ``asked`` what calls with its ClientRequestToken must ask for again.

    ``submitted_at`` and ``completed_at`` are in sandbox time, in seconds since the epoch; ``created`` and ``settled``
    are readings of the real monotonic clock, by which its own times are measured.
    """

    id: str
    account: str
    region: str
    text: str
    kind: Kind
    workgroup: str
    context: dict[str, str]
    configuration: dict[str, Any]
    submitted_at: float
    asked: tuple[str | None, ...]
    parameters: tuple[str, ...] = ()
    reuse: dict[str, Any] | None = None
    scanned: int = 0
    ending: Ending | None = None
    manifest: tuple[str, ...] | None = None
    run: Run | None = None
    outcome: State | None = None
    reason: str | None = None
    failure: QueryFailure | None = None
    result: Result | None = None
    completed_at: float | None = None
    created: float = field(default_factory=time.monotonic)
    settled: float = 0.0
    is_reused: bool = False

    @property
    def state(self) -> State:
        """Where it stands: QUEUED until a worker takes it up."""
        if self.outcome is not None:
            return self.outcome
        return "RUNNING" if self.run is not None and self.run.has_begun else "QUEUED"

    def describe(self) -> dict[str, Any]:
        """Return the QueryExecution structure."""
        described = {
            "QueryExecutionId": self.id,
            "Query": self.text,
            "StatementType": self.kind.statement,
            "SubstatementType": self.kind.substatement,
            "ResultConfiguration": self.configuration,
            "ResultReuseConfiguration": self.reuse or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": self.context,
            "Status": self._status(),
            "Statistics": self._statistics(),
            "WorkGroup": self.workgroup,
            "EngineVersion": ENGINE_VERSION,
        }
        return described | ({"ExecutionParameters": list(self.parameters)} if self.parameters else {})

    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": _moment(self.submitted_at)}
        if self.completed_at is not None:
            status["CompletionDateTime"] = _moment(self.completed_at)
        if self.reason is not None:
            status["StateChangeReason"] = self.reason
        if self.failure is not None:
            status["AthenaError"] = self.failure.describe()
        return status

    def _statistics(self) -> dict[str, Any]:
        total = round(((self.settled or time.monotonic()) - self.created) * 1000)
        engine = min(total, self.result.milliseconds if self.result else 0)
        return {
            "EngineExecutionTimeInMillis": engine,
            "DataScannedInBytes": self.scanned,
            "TotalExecutionTimeInMillis": total,
            "QueryQueueTimeInMillis": total - engine,
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": self.is_reused},
            **({} if self.manifest is None else {"DataManifestLocation": self.manifest_location}),
        }

    @property
    def manifest_location(self) -> str:
        """Where the list of the objects that it wrote is."""
        return f"{self.configuration['OutputLocation']}-manifest.csv"


class Executions:
    """Every query execution of the sandbox, and the threads on which they run."""

    _THREADS = 2

    def __init__(self, world: World) -> None:
        self._world = world
        self._workers: Workers | None = None
        self._all: dict[str, Execution] = {}
        self._tokens: dict[tuple[str, str, str], Execution] = {}

    def add(self, execution: Execution, token: str | None = None) -> None:
        """Remember *execution*, and the *token* that stands for it."""
        self._all[execution.id] = execution
        if token:
            self._tokens[execution.account, execution.region, token] = execution

    def begun_by(self, account: str, region: str, token: str | None) -> Execution | None:
        """Return the execution that a ClientRequestToken began, if it was used before."""
        return self._tokens.get((account, region, token)) if token else None

    def find(self, account: str, region: str, identifier: str) -> Execution | None:
        """Return an execution, as it stands now."""
        found = self._all.get(identifier)
        if found is None or (found.account, found.region) != (account, region):
            return None
        self.settle(found)
        return found

    def reusable(self, wanted: Execution) -> Result | None:
        """Return the result of an earlier query like *wanted* that is young enough for what it says of reuse."""
        asked = (wanted.reuse or {}).get("ResultReuseByAgeConfiguration") or {}
        if not asked.get("Enabled"):
            return None
        oldest = self._world.clock.now() - 60 * asked.get("MaxAgeInMinutes", 60)
        for each in self.of(wanted.account, wanted.region, wanted.workgroup):
            self.settle(each)
            is_same = (each.text, each.context, each.parameters) == (wanted.text, wanted.context, wanted.parameters)
            if is_same and each.outcome == "SUCCEEDED" and (each.completed_at or 0) >= oldest:
                return each.result
        return None

    def of(self, account: str, region: str, workgroup: str) -> list[Execution]:
        """Return the executions of a workgroup, the newest first."""
        where = (account, region, workgroup)
        return [each for each in reversed(self._all.values()) if (each.account, each.region, each.workgroup) == where]

    def forget(self, account: str, region: str, workgroup: str) -> None:
        """Drop the executions of a workgroup, stopping those that run."""
        for execution in self.of(account, region, workgroup):
            self.cancel(execution, "WorkGroup was deleted")
            del self._all[execution.id]

    def submit(self, execution: Execution, run: Run) -> None:
        """Let a worker take *execution* up."""
        if self._workers is None:
            self._workers = Workers(self._world.store(Files).folder, self._THREADS)
        execution.run, execution.scanned = run, run.work.size
        self._workers.submit(run)

    def settle(self, execution: Execution) -> None:
        """Take over what has become of *execution* on its worker, results and all."""
        run = execution.run
        if execution.outcome is not None or run is None or not run.future.done():
            return
        try:
            result = run.future.result()
            if result is not None:
                execution.scanned = result.scanned
                self.succeed(execution, execution.ending(execution, result) if execution.ending else result)
        except QueryFailure as failure:
            self.fail(execution, failure)
        except Exception as error:  # noqa: BLE001 - a broken engine is a failed query, not a failed call
            _log.exception("the engine broke on query %s", execution.id)
            self.fail(execution, engine_failure(str(error)))

    def succeed(self, execution: Execution, result: Result) -> None:
        """Write the result where it belongs, and end *execution* well."""
        execution.result = result
        url = execution.configuration["OutputLocation"]
        if execution.manifest is not None:
            body = "".join(f"{each}\n" for each in execution.manifest).encode()
            output.put(self._world, execution.account, execution.manifest_location, body)
        else:
            form = csv_object if execution.kind.has_header else lines_object
            encryption = execution.configuration.get("EncryptionConfiguration", {})
            output.put(self._world, execution.account, url, form(result.columns, result.rows), encryption)
        output.put_metadata(self._world, execution.account, url, result.columns, execution.id)
        self._end(execution, "SUCCEEDED")

    def fail(self, execution: Execution, failure: QueryFailure) -> None:
        """End *execution* with *failure*."""
        execution.failure, execution.reason = failure, failure.reason
        self._end(execution, "FAILED")

    def cancel(self, execution: Execution, reason: str) -> None:
        """Stop *execution*; one that has ended stays as it is."""
        if execution.outcome is not None:
            return
        if execution.run is not None:
            execution.run.cancel()
        execution.reason = reason
        self._end(execution, "CANCELLED")

    def _end(self, execution: Execution, outcome: State) -> None:
        execution.outcome = outcome
        execution.settled = time.monotonic()
        execution.completed_at = self._world.clock.now()
        execution.run = None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
