"""Makes the plans: looks around, and hands what was seen to the pure functions that decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.app.borrowing import borrowed_for, told_loans
from lakeshare.app.looking_ahead import look_ahead_of
from lakeshare.app.removing import clear_the_way
from lakeshare.app.renaming import told
from lakeshare.app.secrets import read_back
from lakeshare.app.survey import blind_places, services_looked_at, survey, with_external_ids
from lakeshare.app.using import used_by_others
from lakeshare.app.values import Options, Planned
from lakeshare.app.workspace import Workspace
from lakeshare.errors import LakeshareError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand, place_of
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.guards import Protection, protect
from lakeshare.planning.plan import Operator, Plan
from lakeshare.planning.recovery import dead_shares, plan_recovery
from lakeshare.planning.standing import changed_sides
from lakeshare.planning.target import IN_THE_LEDGER, IN_THE_PLAN, narrow
from lakeshare.resources.athena_workgroup import AthenaWorkgroup
from lakeshare.resources.connect_association import ConnectAssociation, walk_associations
from lakeshare.resources.iam_allowed_principals import ClosedTable
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.kind import Memory, Run
from lakeshare.resources.observe import look_ahead, observe, probe_hidden
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Absent, Blocker, Place
from lakeshare.spec import spec_digest
from lakeshare.spec.ways import hubs_of, used_accounts
from lakeshare.state.ledger import neighbours


def expand_spec(run: Run, space: Workspace, ours: Ours) -> ResourceGraph:
    """Return everything that the spec asks for, as things stand. *run* must have a memory."""
    facts = survey(run, space.spec, space.secrets.by_account)
    others = {
        (alias, name): location
        for (alias, name), location in facts.results_places.items()
        if AthenaWorkgroup(place_of(space.spec, alias), name, location, 0).address not in ours
    }
    facts = replace(facts, results_places=others, homes=_homes(ours), closed_tables=_closed_tables(ours))
    graph = expand(space.spec, facts)
    told = read_back(run, space.secrets, space.made_up, graph, ours)
    if told:
        graph = expand(space.spec, with_external_ids(facts, space.secrets.by_account))
    return replace(graph, notes=(*told, *graph.notes))


def _closed_tables(ours: Ours) -> dict[tuple[str, str], frozenset[str]]:
    """Return by account and database the tables that we have closed to IAM_ALLOWED_PRINCIPALS, or were about to."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in (ours.last_known(address) for address in ours.addresses()):
        if isinstance(item, ClosedTable):
            found[item.place.alias, item.database].add(item.table)
    return {spot: frozenset(tables) for spot, tables in found.items()}


def _homes(ours: Ours) -> dict[str, str]:
    """Return by account id the name under which its roles were made: under another they would be made a second time."""
    roles = (ours.last_known(address) for address in ours.addresses())
    return {item.place.account_id: item.place.alias for item in roles if isinstance(item, IamRole)}


def plan_apply(space: Workspace, options: Options) -> Planned:
    """Look around, compare with what the spec asks for, and return the plan. Reads only."""
    # One memory for the whole look around: the survey and the kinds read some of the same lists.
    run = replace(space.run, memory=Memory())
    ours = space.ours()
    run.aws.expect(*services_looked_at(space.spec))
    # Who we are comes before anything else is asked.
    run.aws.in_parallel(run.aws.sign_in, used_accounts(space.spec))
    ahead = run.aws.begin(lambda: look_ahead_of(run, space.spec, ours))
    graph = expand_spec(run, space, ours)
    ahead.result()
    left_over = [ours.last_known(address) for address in ours.addresses() if address not in graph.resources]
    _check_accounts(space, left_over)
    everything = [*graph.resources.values(), *left_over]
    seen = observe(run, everything, blind=blind_places(run, _ruled(everything)))
    probe_hidden(run, seen, _listed_once(ours, graph))
    wanted = {address: seen.wanted[address] for address in graph.resources}
    recovery = plan_recovery(
        graph.resources, wanted, seen.found, _on_dead_shares(run, seen.found), ours, options.recover_shares
    )
    built = build_plan(
        replace(graph, blockers=(*graph.blockers, *recovery.blockers, *changed_sides(graph.resources, left_over))),
        recovery.wanted,
        recovery.observed,
        ours,
        used_by_others(space, run, left_over, ours),
    )
    planned = _finished(space, run, built, graph, recovery.observed, ours, options)
    assert run.memory is not None
    return replace(planned, wanted=recovery.wanted, memory=run.memory)


def _listed_once(ours: Ours, graph: ResourceGraph) -> dict[str, Any]:
    """Return what is wanted and was made, but for what AWS never listed: of that no list will tell."""
    wanted = {address: ours.made[address] for address in graph.resources if address in ours.made}
    return {address: item for address, item in wanted.items() if not getattr(item, "unlisted_since", None)}


def plan_destroy(space: Workspace, options: Options) -> Planned:
    """Return the plan that takes away everything of ours. Reads only."""
    run = replace(space.run, memory=Memory())
    ours, found, blind = look_at_ours(space, run)
    mine = [ours.last_known(address) for address in ours.addresses()]
    built = build_plan(ResourceGraph(), {}, found, ours, used_by_others(space, run, mine, ours))
    blockers = tuple(_cannot_see(place, built) for place in sorted(blind, key=str))
    return _finished(space, run, replace(built, blockers=(*built.blockers, *blockers)), None, found, ours, options)


def look_at_ours(space: Workspace, run: Run) -> tuple[Ours, Mapping[str, Any], frozenset[Place]]:
    """Return what the ledger says is ours, what stands there by address, and where much of it may be hidden."""
    ours = space.ours()
    mine = [ours.last_known(address) for address in ours.addresses()]
    _check_accounts(space, mine)
    run.aws.expect("lakeformation", "glue", "iam")
    run.aws.in_parallel(run.aws.sign_in, list(dict.fromkeys(item.place.alias for item in mine)))
    ahead = run.aws.begin(lambda: look_ahead(run, mine))
    blind = blind_places(run, _ruled(mine))
    ahead.result()
    seen = observe(run, mine, blind=blind)
    unlisted = {item.address: item for item in mine if getattr(item, "unlisted_since", None)}
    probe_hidden(run, seen, {item.address: item for item in mine if item.address not in unlisted})
    # No list ever showed these, so that none does is no news of them.
    gone = [address for address in unlisted if isinstance(seen.found[address], Absent)]
    return ours, {**seen.found, **{address: unlisted[address] for address in gone}}, blind


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
    space: Workspace,
    run: Run,
    built: Plan,
    wanted: ResourceGraph | None,
    observed: Mapping[str, Any],
    ours: Ours,
    options: Options,
) -> Planned:
    """Narrow and guard what was *built*; *wanted* is None where nobody asked what the spec wants."""
    graph = wanted or ResourceGraph()
    depends_on = {address: item.depends_on for address, item in graph.resources.items()}
    listed = IN_THE_PLAN if wanted else IN_THE_LEDGER
    narrowed = narrow(built, options.targets, depends_on, listed) if options.targets else built
    protection = Protection(space.spec, wanted, space.remembered())
    guarded = protect(narrowed, protection.refusal)
    borrowing = borrowed_for(space, run, guarded, ours)
    cleared = clear_the_way(space, run, borrowing, options.remove_administrators)
    notes = (
        *guarded.notes,
        *told_loans(space),
        *told(space.ledger, space.renamed()),
        *_renamed(space, ours),
        *_lost(guarded, ours),
        *_advice(space),
    )
    operators = _operators(space, {step.resource.place.alias for step in cleared.steps})
    calls = space.run.aws.counts()
    counted = replace(cleared, calls=calls, serial=space.ledger.serial, notes=notes, operators=operators)
    return Planned(counted, graph, observed, ours, spec_digest(space.spec), options, protection)


def _operators(space: Workspace, written: Collection[str]) -> dict[str, Operator]:
    """
    Tell as whom each account that would be written to is entered, and each on the way there.

    That these are the right accounts is known by now.
    """
    accounts = space.spec.accounts
    aliases = sorted({*written, *(hub for alias in written for hub in hubs_of(space.spec, alias))})
    found = space.run.aws.in_parallel(space.run.aws.identity, aliases)
    return {
        alias: Operator(identity.account_id, accounts[alias].region, identity.principal_arn, accounts[alias].via)
        for alias, identity in zip(aliases, found, strict=True)
    }


def _advice(space: Workspace) -> list[str]:
    """Tell what the first run with a ledger in an object store should know of that place."""
    store = space.ledger.store
    advice = store.advice() if store is not None and space.ledger.serial == 0 else None
    return [advice] if advice else []


def _lost(plan: Plan, ours: Ours) -> list[str]:
    """Tell of the way out when the ledger is empty and yet all is there: it may have been lost."""
    if ours.addresses() or plan.has_changes or not plan.no_ops:
        return []
    note = (
        f"this ledger is empty, and all {len(plan.no_ops)} things that the spec asks for exist. If lakeshare made them"
        " and the ledger was lost, `lakeshare state adopt '*'` takes them over"
    )
    return [note]


def _renamed(space: Workspace, ours: Ours) -> list[str]:
    """Tell of ledgers beside an empty one: nothing in them is known to be ours under the name that the spec has now."""
    if ours.addresses() or space.settings.state is not None:
        return []
    beside = space.settings.spec_path.parent
    others = neighbours(beside.resolve(), space.spec.name)
    return [
        f"this spec, {space.spec.name}, has no ledger yet; the one of {name} beside it lists {count} things, which"
        f" count as a stranger's here. If the spec was called {name} before, go on with its ledger:"
        f" `--state {beside / '.lakeshare' / name}.db`; then only what bears the name is made anew (workgroup, bucket,"
        " policies), and links and grants stay"
        for name, count in others.items()
    ]


def _check_accounts(space: Workspace, resources: Sequence[Any]) -> None:
    """Refuse to go on when the ledger has things in an account that the spec no longer knows how to reach."""
    for resource in resources:
        account = space.spec.accounts.get(resource.place.alias)
        if account is None or account.id != resource.place.account_id:
            raise LakeshareError(
                f"the ledger has {resource.address} in account {resource.place.account_id},"
                f" which the spec no longer has under the name {resource.place.alias}",
                hint=_way_back(space, resource.place),
                account=resource.place.account_id,
                address=resource.address,
            )


def _way_back(space: Workspace, place: Place) -> str:
    """Say what to do about a ledger with things in a *place* that no account of the spec is."""
    names = [
        name
        for name, account in space.spec.accounts.items()
        if (account.id, account.region) == (place.account_id, place.region)
    ]
    if not names or place.alias in space.spec.accounts:
        return "put the account back into the spec; its things are taken away once no share names it"
    return (
        f"if {names[0]} is its new name, say so in accounts.{names[0]}: `moved: {{from: {place.alias}}}`;"
        " otherwise put the account back into the spec: its things are taken away once no share names it"
    )


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
