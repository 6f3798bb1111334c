"""The commands as functions: plan, apply, destroy, verify. Each is the same few steps, read from top to bottom."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lakeshare.access.proof import Proof
from lakeshare.access.prove import NO_SUCH_SESSION, Evidence, prove
from lakeshare.access.query import QueryResult, run_query
from lakeshare.app.carrying_out import carry_out
from lakeshare.app.deciding import expand_spec, plan_apply, plan_destroy
from lakeshare.app.guarding import limited
from lakeshare.app.operators import permitted
from lakeshare.app.values import Applied, Options, Planned, Verified
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.errors import CallError, LakeshareError, UsageError
from lakeshare.planning.plan import Plan
from lakeshare.planning.plan_file import REMOVALS, check_still_fits, parse_plan
from lakeshare.planning.session_policy import reader_session
from lakeshare.planning.target import narrow_readings
from lakeshare.resources.kind import Memory
from lakeshare.state.files import write_whole


def plan(settings: Settings, options: Options | None = None) -> Planned:
    """Work out what would be done. Reads only; raises no error for blockers, which are part of the answer."""
    with opened(settings, "plan", writes=False) as space:
        return limited(_plan_apply(space, options or Options()))


def apply(
    settings: Settings,
    options: Options | None = None,
    *,
    confirm: Callable[[Plan], bool] = lambda _plan: True,
    accept: Callable[[Planned], None] = lambda _planned: None,
    is_all: bool = True,
) -> Applied:
    """
    Plan, ask *confirm*, and carry the plan out; with *is_all* again, when the plan could not see everything at first.

    *accept* sees the plan first and may raise: a plan file that no longer fits does. Raises BlockedError when something
    is in the way from the start; nothing is written then. Failed steps are in the answer, and so is whatever ended the
    run after its first step.
    """
    return _carried_out(settings, "apply", _plan_apply, options, confirm, accept, is_all=is_all)


def plan_to_file(settings: Settings, path: Path, options: Options | None = None) -> Planned:
    """Plan, and write the plan to *path* (mode 0600) in one go, so that no half a plan is ever found there."""
    with opened(settings, "plan", writes=False) as space:
        planned = _plan_apply(space, options or Options())
        # The plan holds digests of ExternalIds; those that were made up now must still be known when it is applied.
        space.made_up.keep()
    # The limit is one of this run: whoever applies the file says how much may go.
    write_whole(path, json.dumps(planned.document(), indent=1) + "\n", makes_folders=False)
    return limited(planned)


def apply_from_file(
    settings: Settings, path: Path, options: Options | None = None, *, confirm: Callable[[Plan], bool]
) -> Applied:
    """
    Carry out the plan in the file at *path*, exactly, or nothing.

    When that plan could not see everything, what follows it is for another plan: nobody
    has looked at it yet. Raises StalePlanError when the file was changed, or when what it rests on did.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    document = parse_plan(content, str(path))
    given = replace(
        options or Options(),
        targets=tuple(document["targets"]),
        recover_shares=frozenset(document["recover_shares"]),
        remove_administrators=frozenset(document.get(REMOVALS, ())),
    )

    def accept(planned: Planned) -> None:
        check_still_fits(document, planned.document(), str(path))

    return apply(settings, given, confirm=confirm, accept=accept, is_all=False)


def destroy(settings: Settings, options: Options | None = None, *, confirm: Callable[[Plan], bool]) -> Applied:
    """Take away everything that the ledger says is ours, in the opposite order of making, and nothing else."""
    return _carried_out(settings, "destroy", _plan_destroy, options, confirm, lambda _planned: None, is_all=True)


def _plan_apply(space: Workspace, options: Options) -> Planned:
    return permitted(space, partial(plan_apply, space, options), "apply")


def _plan_destroy(space: Workspace, options: Options) -> Planned:
    return permitted(space, partial(plan_destroy, space, options), "destroy")


def _carried_out(
    settings: Settings,
    command: str,
    planner: Callable[[Workspace, Options], Planned],
    options: Options | None,
    confirm: Callable[[Plan], bool],
    accept: Callable[[Planned], None],
    *,
    is_all: bool,
) -> Applied:
    applied: Applied | None = None
    try:
        with opened(settings, command, writes=True) as space:
            applied = carry_out(space, partial(planner, space, options or Options()), confirm, accept, is_all=is_all)
    except LakeshareError as error:
        # What fails as the run ends, such as its ledger, must not hide what the run has done.
        if applied is None or not applied.outcomes:
            raise
        return replace(applied, trouble=applied.trouble or error)
    return applied


def verify(
    settings: Settings, targets: Sequence[str] = (), *, told: Callable[[Proof], None] = lambda _proof: None
) -> Verified:
    """
    Prove every reader's access, and every denial. Writes nothing, in AWS or here.

    *targets* (addresses or globs of links, grants and readers' roles) narrow it to what concerns them.
    """
    with opened(settings, "verify", writes=False) as space:
        planned = plan_apply(space, Options())
        graph = replace(planned.graph, readings=narrow_readings(planned.graph.readings, targets))
        evidence = Evidence(space.spec, graph, planned.plan, planned.observed)
        proofs = prove(space.run, evidence, told=told)
        return Verified(tuple(proofs), planned.plan, space.run.aws.counts())


def query(settings: Settings, reader: str, sql: str) -> QueryResult:
    """Run one query as the reader whose role is called *reader*."""
    with opened(settings, "query", writes=False) as space:
        graph = expand_spec(replace(space.run, memory=Memory()), space, space.ours())
        readings = [reading for reading in graph.readings if reading.reader == reader]
        if not readings:
            names = ", ".join(dict.fromkeys(reading.reader for reading in graph.readings))
            raise UsageError(f"the spec has no reader {reader}", hint=f"its readers are: {names}")
        first = readings[0]
        if first.sort in NO_SUCH_SESSION:
            raise UsageError(f"nobody can query as {reader} from here: {NO_SUCH_SESSION[first.sort]}")
        secret = space.run.secrets.get(first.external_id_digest or "")
        try:
            caller = space.run.aws.acting_as(
                first.account,
                first.principal,
                external_id=secret,
                session_name="lakeshare-query",
                policy=reader_session(),
            )
        except CallError as error:
            error.hint = (
                "apply first, if the role is new; a role that lakeshare did not make, or with `prove_by: evaluation`,"
                " may trust only a service, and then nobody else can query as it"
            )
            raise
        return run_query(space.run, caller, first.region, first.workgroup, first.database, sql)
