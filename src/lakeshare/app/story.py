"""The commands as functions: plan, apply, destroy, verify. Each is the same few steps, read from top to bottom."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from lakeshare.access.proof import Proof
from lakeshare.access.prove import Evidence, prove
from lakeshare.access.query import QueryResult, run_query
from lakeshare.app.perform import Performer
from lakeshare.app.survey import blind_places, survey
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.engine.execute import INTERRUPTED, Done, Failed, Skipped, execute
from lakeshare.engine.wait import NotYet
from lakeshare.errors import BlockedError, KeptError, LakeshareError, UsageError, WaitError
from lakeshare.planning.build import Ours, build_plan, protect
from lakeshare.planning.expand import expand
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.planning.plan_file import check_still_fits, parse_plan, plan_document
from lakeshare.planning.recovery import dead_shares, plan_recovery
from lakeshare.planning.target import narrow
from lakeshare.resources.connect_association import ConnectAssociation, walk_associations
from lakeshare.resources.kind import Memory, Run
from lakeshare.resources.observe import observe
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, Action, Blocker, Place, Step
from lakeshare.spec import spec_digest
from lakeshare.state.files import write_whole
from lakeshare.state.ledger import LockOwner, Settlement

Calls = Mapping[str, Mapping[str, int]]

SHOWN_DEADLINE_SECONDS = 90.0
"""Other tools wait up to a minute for a grant to be listed (observed in their code); AWS publishes no figure."""


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
    options: Options

    def document(self) -> dict[str, Any]:
        """Return this plan as the content of a plan file."""
        return plan_document(
            self.plan, self.spec_digest, self.observed, self.options.targets, self.options.recover_shares
        )


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
    is_all: bool = True,
) -> Applied:
    """
    Plan, ask *confirm*, and carry the plan out; with *is_all* again, when the plan could not see everything at first.

    *accept* sees the plan first and may raise: a plan file that no longer fits does. Raises BlockedError when something
    is in the way; nothing is written then. Failed steps are in the answer.
    """
    with opened(settings, "apply", writes=True) as space, space.ledger.lock(LockOwner.current(space.run_id)):
        return _carry_out(space, lambda: _plan(space, options or Options()), confirm, accept, is_all=is_all)


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

    When that plan could not see everything, what follows it is for another plan: nobody
    has looked at it yet. Raises StalePlanError when the file was changed, or when what it rests on did.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    document = parse_plan(text, str(path))
    given = replace(
        options or Options(),
        targets=tuple(document["targets"]),
        recover_shares=frozenset(document["recover_shares"]),
    )

    def accept(planned: Planned) -> None:
        check_still_fits(document, planned.document(), str(path))

    return apply(settings, given, confirm=confirm, accept=accept, is_all=False)


def destroy(settings: Settings, options: Options | None = None, *, confirm: Callable[[Plan], bool]) -> Applied:
    """Take away everything that the ledger says is ours, in the opposite order of making, and nothing else."""
    with opened(settings, "destroy", writes=True) as space, space.ledger.lock(LockOwner.current(space.run_id)):
        planner = partial(_plan_destroy, space, options or Options())
        return _carry_out(space, planner, confirm, lambda _planned: None, is_all=True)


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
        graph = _expand(space.run, space)
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


def _expand(run: Run, space: Workspace) -> ResourceGraph:
    return expand(space.spec, survey(run, space.spec, space.external_ids))


def _plan(space: Workspace, options: Options) -> Planned:
    # One memory for the whole look around: the survey and the kinds read some of the same lists.
    run = replace(space.run, memory=Memory())
    graph = _expand(run, space)
    ours = space.ours()
    left_over = [ours.last_known(address) for address in ours.addresses() if address not in graph.resources]
    _check_accounts(space, left_over)
    everything = [*graph.resources.values(), *left_over]
    seen = observe(run, everything, blind=blind_places(run, _ruled(everything)))
    wanted = {address: seen.wanted[address] for address in graph.resources}
    recovery = plan_recovery(
        graph.resources, wanted, seen.found, _on_dead_shares(run, seen.found), ours, options.recover_shares
    )
    built = build_plan(
        replace(graph, blockers=(*graph.blockers, *recovery.blockers)),
        recovery.wanted,
        recovery.observed,
        ours,
    )
    return _finished(space, built, graph, recovery.observed, ours, options)


def _plan_destroy(space: Workspace, options: Options) -> Planned:
    ours = space.ours()
    mine = [ours.last_known(address) for address in ours.addresses()]
    _check_accounts(space, mine)
    run = replace(space.run, memory=Memory())
    run.aws.in_parallel(run.aws.identity, list(dict.fromkeys(item.place.alias for item in mine)))
    blind = blind_places(run, _ruled(mine))
    seen = observe(run, mine, blind=blind)
    built = build_plan(ResourceGraph(), {}, seen.found, ours)
    blockers = tuple(_cannot_see(place, built) for place in sorted(blind, key=str))
    return _finished(
        space, replace(built, blockers=(*built.blockers, *blockers)), ResourceGraph(), seen.found, ours, options
    )


def _ruled(resources: Sequence[Any]) -> list[Place]:
    """List the places in which Lake Formation hides some of *resources* from whoever is no administrator."""
    return [item.place for item in resources if KINDS[item.kind].is_hidden_without_admin]


def _cannot_see(place: Place, built: Plan) -> Blocker:
    hidden = [step for step in built.steps if step.resource.place == place and KINDS[step.kind].is_hidden_without_admin]
    return Blocker(
        f"{place}/settings:administrator",
        "lake_settings",
        f"the operator is no Lake Formation administrator in {place.alias} any more, so {len(hidden)} things of ours"
        " there can neither be seen nor revoked",
        "make it one again (`lakeshare apply --target '*/settings:*'`), then destroy",
    )


def _finished(
    space: Workspace, built: Plan, graph: ResourceGraph, observed: Mapping[str, Any], ours: Ours, options: Options
) -> Planned:
    depends_on = {address: item.depends_on for address, item in graph.resources.items()}
    narrowed = narrow(built, options.targets, depends_on) if options.targets else built
    guarded = protect(narrowed, _protection(space))
    counted = replace(guarded, calls=space.run.aws.counts(), serial=space.ledger.serial)
    if options.max_deletes is not None and counted.deletes > options.max_deletes:
        raise BlockedError(
            f"the plan takes away {counted.deletes} things, more than --max-deletes {options.max_deletes}",
            hint="look at the plan; raise the number if every one of them is meant",
        )
    return Planned(counted, graph, observed, ours, spec_digest(space.spec), options)


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


def _on_dead_shares(run: Run, observed: Mapping[str, Any]) -> dict[str, list[str]]:
    """List all associations on each expired share, also those that no spec of ours names."""
    dead = dead_shares(observed)
    if not dead:
        return {}
    found: dict[str, list[str]] = defaultdict(list)
    spots = dict.fromkeys(
        (there.place, there.instance) for there in observed.values() if isinstance(there, ConnectAssociation)
    )
    for place, instance in spots:
        for (data_set, target), arn in walk_associations(run, place, instance).items():
            if arn in dead:
                found[arn].append(ConnectAssociation(place, instance, data_set, target).address)
    return found


def _carry_out(
    space: Workspace,
    planner: Callable[[], Planned],
    confirm: Callable[[Plan], bool],
    accept: Callable[[Planned], None],
    *,
    is_all: bool,
) -> Applied:
    """Carry out plan after plan until one is complete: administrators see tables that others do not."""
    outcomes: list[Outcome] = []
    first: Plan | None = None
    while True:
        planned = planner()
        first = first or planned.plan
        accept(planned)
        _refuse_blocked(planned.plan, done=sum(outcome.status == "done" for outcome in outcomes))
        if planned.plan.has_changes and not confirm(planned.plan):
            return Applied(first, tuple(outcomes), space.run.aws.counts(), space.run_id, is_confirmed=False)
        space.made_up.keep()
        _tidy(space, planned)
        done = _execute(space, planned)
        outcomes += done
        is_stuck = not planned.plan.has_changes or any(outcome.status != "done" for outcome in done)
        if planned.plan.is_complete or is_stuck or not is_all:
            return Applied(first, tuple(outcomes), space.run.aws.counts(), space.run_id)


def _refuse_blocked(plan_: Plan, *, done: int) -> None:
    if plan_.blockers:
        sentences = tuple(f"{item.address}: {item.reason}; {item.way_out}" for item in plan_.blockers)
        raise BlockedError(
            f"{len(sentences)} things are in the way; "
            + (f"the {done} steps before them are done and in the ledger" if done else "nothing was changed"),
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
    _wait_until_shown(space, [result.value for result in results.values() if isinstance(result, Done)])
    kept = {address for address, result in results.items() if isinstance(result, Failed) and _is_kept(result)}
    return [_outcome(step, results[step.address], performer.notes, kept) for step in planned.plan.steps]


def _wait_until_shown(space: Workspace, made: Sequence[Any]) -> None:
    """
    Wait until lists show what was made, so that the next look finds it.

    A list that still lags at the deadline is no failure: what was made is made, and in the ledger.
    """
    late = [item for item in made if item is not None and KINDS[item.kind].is_shown_late]

    def shown() -> bool | NotYet:
        found = observe(space.run, late).found
        missing = [address for address, there in found.items() if isinstance(there, Absent)]
        return NotYet(f"{len(missing)} not listed yet, {missing[0]} among them") if missing else True

    if late and not space.settings.stop.is_requested:
        with suppress(WaitError):
            space.run.wait_for(f"{len(late)} grants to be listed", shown, deadline_seconds=SHOWN_DEADLINE_SECONDS)


def _is_kept(result: Failed) -> bool:
    return isinstance(result.error, KeptError)


def _outcome(
    step: Step, result: Done[Any] | Failed | Skipped, notes: Mapping[str, str], kept: Collection[str]
) -> Outcome:
    match result:
        case Done():
            return Outcome(step.address, step.action, "done", note=notes.get(step.address))
        case Failed(error=KeptError(message=why)):
            return Outcome(step.address, step.action, "skipped", note=why)
        case Failed(error=WaitError(was_interrupted=True)):
            # What it waits for may yet come true; the ledger keeps the intent, and the next run looks.
            return Outcome(step.address, step.action, "skipped", because=INTERRUPTED)
        case Failed(error=error):
            return Outcome(step.address, step.action, "failed", error=error)
        case Skipped(because=because):
            note = f"kept: {because} still rests on it" if because in kept else None
            return Outcome(step.address, step.action, "skipped", because=because, note=note)
