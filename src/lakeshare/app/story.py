"""The commands as functions: plan, apply, destroy, verify. Each is the same few steps, read from top to bottom."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lakeshare.access.proof import Proof
from lakeshare.access.prove import Evidence, prove
from lakeshare.access.query import QueryResult, run_query
from lakeshare.app.perform import Performer
from lakeshare.app.survey import survey
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.engine.execute import Done, Failed, Skipped, execute
from lakeshare.errors import BlockedError, LakeshareError, UsageError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.planning.plan_file import check_still_fits, parse_plan, plan_document
from lakeshare.planning.recovery import dead_shares, plan_recovery
from lakeshare.planning.target import narrow
from lakeshare.resources.connect_association import ConnectAssociation, walk_associations
from lakeshare.resources.observe import observe
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, Action, Place
from lakeshare.spec import spec_digest
from lakeshare.state.files import write_whole
from lakeshare.state.ledger import LockOwner, Settlement

Calls = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is narrowed and guarded. ``targets`` are addresses or globs; ``max_deletes`` None is no limit."""

    targets: tuple[str, ...] = ()
    recover_shares: frozenset[str] = frozenset()
    max_deletes: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan together with what it rests on."""

    plan: Plan
    graph: ResourceGraph
    observed: Mapping[str, Any]
    ours: Ours
    spec_digest: str
    targets: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return this plan as the content of a plan file."""
        return plan_document(self.plan, self.spec_digest, self.observed, self.targets)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step. ``note`` says what a person should know although nothing failed."""

    address: str
    action: Action
    status: Literal["done", "failed", "skipped"]
    error: LakeshareError | None = None
    because: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The plans that were carried out (more than one when the first could not see everything), and their outcomes."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    calls: Calls
    run_id: str
    is_confirmed: bool = True

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The causes: steps that failed themselves, not those that waited for them."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """What was not started, because something it needs failed or the run was interrupted."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "skipped")


@dataclass(frozen=True, slots=True)
class Verified:
    """Every proof, and the plan of the same moment: what `verify` may claim rests on both."""

    proofs: tuple[Proof, ...]
    plan: Plan
    calls: Calls = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Proof, ...]:
        """The proofs that show something is wrong."""
        return tuple(proof for proof in self.proofs if proof.status == "fail")


def plan(settings: Settings, options: Options | None = None) -> Planned:
    """Work out what would be done. Reads only; raises no error for blockers, which are part of the answer."""
    with opened(settings, "plan", writes=False) as space:
        return _plan(space, options or Options())


def apply(
    settings: Settings,
    options: Options | None = None,
    *,
    confirm: Callable[[Plan], bool] = lambda _plan: True,
    accept: Callable[[Planned], None] = lambda _planned: None,
) -> Applied:
    """
    Plan, ask *confirm*, and carry the plan out.

    *accept* sees the plan first and may raise: a plan file that no longer fits does. Raises BlockedError when something
    is in the way; nothing is written then. Failed steps are in the answer.
    """
    with opened(settings, "apply", writes=True) as space, space.ledger.lock(LockOwner.current(space.run_id)):
        return _carry_out(space, lambda: _plan(space, options or Options()), confirm, accept)


def plan_to_file(settings: Settings, path: Path, options: Options | None = None) -> Planned:
    """Plan, and write the plan to *path* (mode 0600) in one go, so that no half a plan is ever found there."""
    with opened(settings, "plan", writes=False) as space:
        planned = _plan(space, options or Options())
        # The plan holds digests of ExternalIds; those that were made up now must still be known when it is applied.
        space.made_up.keep()
    write_whole(path, json.dumps(planned.document(), indent=1) + "\n")
    return planned


def apply_from_file(
    settings: Settings, path: Path, options: Options | None = None, *, confirm: Callable[[Plan], bool]
) -> Applied:
    """
    Carry out the plan in the file at *path*, exactly, or nothing.

    Raises StalePlanError when the file was changed, or when what it rests on did.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    document = parse_plan(text, str(path))
    given = replace(options or Options(), targets=tuple(document["targets"]))
    seen: list[Planned] = []

    def accept(planned: Planned) -> None:
        # A plan that could not see everything is followed by another, which no file can know of.
        if not seen:
            check_still_fits(document, planned.document(), str(path))
        seen.append(planned)

    return apply(settings, given, confirm=confirm, accept=accept)


def destroy(settings: Settings, options: Options | None = None, *, confirm: Callable[[Plan], bool]) -> Applied:
    """Take away everything that the ledger says is ours, in the opposite order of making, and nothing else."""
    with opened(settings, "destroy", writes=True) as space, space.ledger.lock(LockOwner.current(space.run_id)):
        return _carry_out(space, lambda: _plan_destroy(space, options or Options()), confirm, lambda _planned: None)


def verify(settings: Settings, *, told: Callable[[Proof], None] = lambda _proof: None) -> Verified:
    """Prove every reader's access, and every denial. Writes nothing, in AWS or here."""
    with opened(settings, "verify", writes=False) as space:
        planned = _plan(space, Options())
        evidence = Evidence(space.spec, planned.graph, planned.plan, planned.observed)
        proofs = prove(space.run, evidence, told=told)
        return Verified(tuple(proofs), planned.plan, space.run.aws.counts())


def query(settings: Settings, reader: str, sql: str) -> QueryResult:
    """Run one query as the reader whose role is called *reader*."""
    with opened(settings, "query", writes=False) as space:
        graph, _blind = _expand(space)
        readings = [reading for reading in graph.readings if reading.role_name == reader]
        if not readings:
            names = ", ".join(dict.fromkeys(reading.role_name for reading in graph.readings))
            raise UsageError(f"the spec has no reader {reader}", hint=f"its readers are: {names}")
        first = readings[0]
        secret = space.run.secrets.get(first.external_id_digest or "")
        caller = space.run.aws.acting_as(
            first.account, first.role_arn, external_id=secret, session_name="lakeshare-query"
        )
        return run_query(space.run, caller, first.region, first.workgroup, first.database, sql)


def _expand(space: Workspace) -> tuple[ResourceGraph, frozenset[Place]]:
    facts, blind = survey(space.run, space.spec, space.external_ids)
    return expand(space.spec, facts), blind


def _plan(space: Workspace, options: Options) -> Planned:
    graph, blind = _expand(space)
    ours = space.ours()
    left_over = [ours.last_known(address) for address in ours.addresses() if address not in graph.resources]
    _check_accounts(space, left_over)
    seen = observe(space.run, [*graph.resources.values(), *left_over], blind=blind)
    wanted = {address: seen.wanted[address] for address in graph.resources}
    recovery = plan_recovery(
        graph.resources, wanted, seen.found, _on_dead_shares(space, seen.found), ours, options.recover_shares
    )
    built = build_plan(
        replace(graph, blockers=(*graph.blockers, *recovery.blockers)),
        recovery.wanted,
        recovery.observed,
        ours,
        protected=_protection(space),
    )
    return _finished(space, built, graph, recovery.observed, ours, options)


def _plan_destroy(space: Workspace, options: Options) -> Planned:
    ours = space.ours()
    mine = [ours.last_known(address) for address in ours.addresses()]
    _check_accounts(space, mine)
    space.run.aws.in_parallel(space.run.aws.identity, list(dict.fromkeys(item.place.alias for item in mine)))
    seen = observe(space.run, mine)
    built = build_plan(ResourceGraph(), {}, seen.found, ours, protected=_protection(space))
    return _finished(space, built, ResourceGraph(), seen.found, ours, options)


def _finished(
    space: Workspace, built: Plan, graph: ResourceGraph, observed: Mapping[str, Any], ours: Ours, options: Options
) -> Planned:
    narrowed = narrow(built, options.targets) if options.targets else built
    counted = replace(narrowed, calls=space.run.aws.counts(), serial=space.ledger.serial)
    if options.max_deletes is not None and counted.deletes > options.max_deletes:
        raise BlockedError(
            f"the plan takes away {counted.deletes} things, more than --max-deletes {options.max_deletes}",
            hint="look at the plan; raise the number if every one of them is meant",
        )
    return Planned(counted, graph, observed, ours, spec_digest(space.spec), options.targets)


def _check_accounts(space: Workspace, resources: Sequence[Any]) -> None:
    """Refuse to go on when the ledger has things in an account that the spec no longer knows how to reach."""
    for resource in resources:
        account = space.spec.accounts.get(resource.place.alias)
        if account is None or account.id != resource.place.account_id:
            raise LakeshareError(
                f"the ledger has {resource.address} in account {resource.place.account_id},"
                f" which the spec no longer has under the name {resource.place.alias}",
                hint="put the account back into the spec; its things are taken away once no share names it",
                account=resource.place.account_id,
                address=resource.address,
            )


def _protection(space: Workspace) -> Callable[[str], bool]:
    """Tell what `protect: true` keeps: all that is in a protected account or in those of a protected share."""
    protected = {alias for alias, account in space.spec.accounts.items() if account.protect}
    for share in space.spec.shares.values():
        if share.protect:
            protected |= {share.source.account, share.to.account}
    return lambda address: address.split("/", 1)[0] in protected


def _on_dead_shares(space: Workspace, observed: Mapping[str, Any]) -> dict[str, list[str]]:
    """List all associations on each expired share, also those that no spec of ours names."""
    dead = dead_shares(observed)
    if not dead:
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    spots = dict.fromkeys(
        (there.place, there.instance) for there in observed.values() if isinstance(there, ConnectAssociation)
    )
    for place, instance in spots:
        for (data_set, target), arn in walk_associations(space.run, place, instance).items():
            if arn in dead:
                found[arn].append(ConnectAssociation(place, instance, data_set, target).address)
    return found


def _carry_out(
    space: Workspace,
    planner: Callable[[], Planned],
    confirm: Callable[[Plan], bool],
    accept: Callable[[Planned], None],
) -> Applied:
    """Carry out plan after plan until one is complete: administrators see tables that others do not."""
    outcomes: list[Outcome] = []
    first: Plan | None = None
    while True:
        planned = planner()
        first = first or planned.plan
        accept(planned)
        _refuse_blocked(planned.plan)
        if planned.plan.has_changes and not confirm(planned.plan):
            return Applied(first, tuple(outcomes), space.run.aws.counts(), space.run_id, is_confirmed=False)
        space.made_up.keep()
        _tidy(space, planned)
        done = _execute(space, planned)
        outcomes += done
        is_stuck = not planned.plan.has_changes or any(outcome.status != "done" for outcome in done)
        if planned.plan.is_complete or is_stuck:
            return Applied(first, tuple(outcomes), space.run.aws.counts(), space.run_id)


def _refuse_blocked(plan_: Plan) -> None:
    if plan_.blockers:
        sentences = tuple(f"{item.address}: {item.reason}; {item.way_out}" for item in plan_.blockers)
        raise BlockedError(
            f"{len(sentences)} things are in the way; nothing was changed",
            hint="decide about each of them, then apply again",
            blockers=sentences,
        )


def _tidy(space: Workspace, planned: Planned) -> None:
    """Bring the ledger up to date with what the look around has shown: things gone, and intents that did act."""
    gone = [item.address for item in planned.plan.no_ops if item.forget]
    undone = [
        Settlement(address, "undone")
        for address, item in planned.ours.begun.items()
        if isinstance(planned.observed.get(address), Absent) and item is not None
    ]
    made = [
        Settlement(item.address, "made", resource=to_json(item.observed))
        for item in planned.plan.no_ops
        if item.address in planned.ours.begun and not item.forget and item.observed is not None
    ]
    if gone:
        space.ledger.forget(gone)
    if undone or made:
        space.ledger.settle(space.run_id, [*undone, *made])


def _execute(space: Workspace, planned: Planned) -> list[Outcome]:
    if not planned.plan.steps:
        return []
    depends_on = {address: tuple(item.depends_on) for address, item in planned.graph.resources.items()}
    ours = {address: planned.ours.last_known(address) for address in planned.ours.addresses()}
    performer = Performer(space.run, space.ledger, space.run_id, planned.observed, depends_on, ours)
    results = execute(
        planned.plan.steps,
        perform=performer.perform,
        lane_of=lambda step: KINDS[step.kind].lane(step),
        conflicts_of=lambda step: KINDS[step.kind].conflicts(step),
        workers=space.settings.workers,
        listener=space.settings.listener,
        stop=space.settings.stop,
        clock=space.settings.clock,
    )
    return [_outcome(step, results[step.address], performer.notes) for step in planned.plan.steps]


def _outcome(step: Any, result: Done[Any] | Failed | Skipped, notes: Mapping[str, str]) -> Outcome:
    match result:
        case Done():
            return Outcome(step.address, step.action, "done", note=notes.get(step.address))
        case Failed(error=error):
            return Outcome(step.address, step.action, "failed", error=error)
        case Skipped(because=because):
            return Outcome(step.address, step.action, "skipped", because=because)
