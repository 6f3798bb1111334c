"""What the operator of an account must be allowed by IAM, and whether it is, before the first write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from lakeshare.access.permitted import Refusal, refusals
from lakeshare.access.policies import findings_for
from lakeshare.app.doctoring import in_the_way
from lakeshare.app.values import Planned
from lakeshare.app.workspace import Settings, Workspace
from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import BlockedError, CallError, LakeshareError, UsageError
from lakeshare.planning.expand import place_of
from lakeshare.planning.imagined import imagined_graph, operator_arn, with_unknown_paths
from lakeshare.planning.least_policy import allowed, least_policy
from lakeshare.planning.operator_rights import OperatorRights, Purpose
from lakeshare.planning.policy_checks import Finding
from lakeshare.resources.rights import Right
from lakeshare.resources.values import Absent, Blocker, KnownAfter, Unreadable
from lakeshare.spec import Spec, load_spec
from lakeshare.spec.ways import entered_accounts, is_between


def policy(settings: Settings, account: str, purpose: str = "apply") -> dict[str, Any]:
    """
    Return the least IAM policy document that the operator needs in *account* to *purpose* this spec.

    That for ``doctor`` is for looking alone: at what a plan looks at, and at what doctor does beside it.

    Asks nothing of AWS. Raises SpecError, and UsageError for an account that has no part in any share.
    """
    from lakeshare.app.looking import LOOKING, rights_to  # all that explain is made of comes with it

    spec = load_spec(settings.spec_path, settings.environ, shown_as=settings.shown_as)
    check_account(spec, account)
    rights, operator = OperatorRights(spec, imagined_graph(spec).resources.values()), operator_arn(spec, account)
    if purpose in LOOKING:
        looking = with_unknown_paths(spec, account, rights.to("verify", account, operator))
        return least_policy([*looking, *rights_to(purpose, is_between=is_between(spec, account))])
    return least_policy(with_unknown_paths(spec, account, rights.to(cast("Purpose", purpose), account, operator)))


def check_account(spec: Spec, account: str) -> None:
    """Raise UsageError when *account* has no part in any share of *spec*, with the nearest name that has."""
    if account in entered_accounts(spec):
        return
    if account in spec.accounts:
        raise UsageError(
            f"no share is from or to {account}, and none of theirs is entered via it: nothing is needed there"
        )
    meant = nearest(account, spec.accounts)
    listed = f"the spec has {', '.join(spec.accounts)}"
    raise UsageError(f"the spec has no account {account}", hint=f'did you mean "{meant}"?' if meant else listed)


def permitted(space: Workspace, plan: Callable[[], Planned], purpose: Purpose) -> Planned:
    """
    Return what *plan* makes, with a blocker for each account in which IAM refuses the operator what it takes, and for
    what else an apply would fail on half-way; and with what is wrong with policies.

    Of a plan with nothing to do the policies that it rests on are judged, and nothing else is asked. Where planning
    itself is refused something, everything that is missing is told at once, in a BlockedError.
    """
    try:
        planned = plan()
    except CallError as error:
        if not error.aws_code.startswith("AccessDenied"):
            raise
        raise _everything_missing(space, purpose, error) from error
    # None of these needs another's answer.
    begin, is_apply = space.run.aws.begin, purpose == "apply"
    findings = begin(lambda: _policy_findings(space, planned) if is_apply else ())
    if not planned.plan.has_changes and not planned.plan.blockers:
        return replace(planned, plan=planned.plan.checked(findings.result()))
    more = begin(lambda: in_the_way(space, planned) if is_apply else [])
    found = _refused(space, _rights(space, planned, purpose))
    notes = [_unsure(space.spec, alias, some) for alias, some in found if _doubtful(some)]
    blockers = [_blocker(space, alias, purpose, sure) for alias, some in found if (sure := _sure(some))]
    blockers += more.result()
    judged = planned.plan.checked(findings.result())
    checked = replace(
        judged,
        notes=(*judged.notes, *notes),
        blockers=(*judged.blockers, *blockers),
        calls=space.run.aws.counts(),
    )
    return replace(planned, plan=checked)


def _policy_findings(space: Workspace, planned: Planned) -> tuple[Finding, ...]:
    """Judge the policies that the plan would send, and those that the job rests on."""
    changing = {step.address for step in planned.plan.steps if step.action != "delete"}
    run = replace(space.run, memory=planned.memory)
    leaving = [step.resource for step in planned.plan.steps if step.action == "delete"]
    return findings_for(run, space.spec, planned.wanted, planned.observed, changing, leaving=leaving)


def refused_rights(space: Workspace, purpose: Purpose) -> list[tuple[str, tuple[Refusal, ...]]]:
    """Return by account what IAM refuses the operator of all that *purpose* could take, whatever is there already."""
    resources = imagined_graph(space.spec).resources.values()
    needed = OperatorRights(space.spec, resources, unkept=space.made_up.unkept)
    return _refused(space, partial(needed.to, purpose))


def _refused(space: Workspace, needed: Callable[[str, str], Sequence[Right]]) -> list[tuple[str, tuple[Refusal, ...]]]:
    run = space.run

    def ask(alias: str) -> tuple[str, tuple[Refusal, ...]]:
        operator = run.aws.identity(alias).principal_arn
        wanted = allowed(needed(alias, operator))
        return alias, refusals(run, place_of(space.spec, alias), operator, wanted) if wanted else ()

    return run.aws.in_parallel(ask, entered_accounts(space.spec))


def _rights(space: Workspace, planned: Planned, purpose: Purpose) -> Callable[[str, str], Sequence[Right]]:
    spec, unkept = space.spec, space.made_up.unkept
    if purpose == "destroy":
        mine = (planned.ours.last_known(address) for address in planned.ours.addresses())
        return partial(OperatorRights(spec, mine).to, purpose)
    if not planned.plan.is_complete:
        # More is to come once these steps are done, and nobody should find out then.
        return partial(OperatorRights(spec, imagined_graph(spec).resources.values(), unkept=unkept).to, purpose)

    def lookup(unknown: KnownAfter) -> Any:
        there = planned.observed.get(unknown.address, Absent())
        value = None if isinstance(there, (Absent, Unreadable)) else getattr(there, unknown.attribute, None)
        return unknown if value is None else value

    return OperatorRights(spec, planned.graph.resources.values(), planned.plan.steps, lookup, unkept).of_steps


def _sure(found: Iterable[Refusal]) -> list[Refusal]:
    return [refusal for refusal in found if refusal.is_sure]


def _doubtful(found: Iterable[Refusal]) -> list[Refusal]:
    return [refusal for refusal in found if not refusal.is_sure]


def _blocker(space: Workspace, alias: str, purpose: Purpose, missing: Sequence[Refusal]) -> Blocker:
    operator = space.run.aws.identity(alias).principal_arn
    return Blocker(
        f"{alias}/global/operator:{operator.split(':', 5)[-1]}",
        "operator",
        f"IAM does not let the operator do all that this takes: {_listed(missing)}",
        f"allow it: `lakeshare policy --account {alias} --for {purpose}` prints the policy that it needs",
    )


def _listed(missing: Sequence[Refusal]) -> str:
    """Name each action; where all are missing for one reason, that once."""
    reasons = {refusal.why for refusal in missing}
    if len(reasons) == 1:
        return f"{', '.join(f'{one.action} on {one.resource}' for one in missing)} ({missing[0].why})"
    return ", ".join(f"{one.action} on {one.resource} ({one.why})" for one in missing)


def _unsure(spec: Spec, alias: str, found: Iterable[Refusal]) -> str:
    listed = ", ".join(f"{one.action} ({one.why})" for one in _doubtful(found))
    return f"whether IAM lets the operator of account {spec.accounts[alias].id} do this shows only then: {listed}"


def _everything_missing(space: Workspace, purpose: Purpose, error: CallError) -> LakeshareError:
    """Return *error* itself when asking what else is missing tells nothing."""
    try:
        found = refused_rights(space, purpose)
    except LakeshareError:
        return error
    blockers = [_blocker(space, alias, purpose, sure) for alias, some in found if (sure := _sure(some))]
    if not blockers:
        return error
    sentences = tuple(f"{item.address}: {item.reason}; {item.way_out}" for item in blockers)
    return BlockedError(
        f"planning was refused: {error}",
        hint="allow the operator what is listed, then run again; nothing was changed",
        account=error.account,
        region=error.region,
        operation=error.operation,
        request_id=error.request_id,
        blockers=sentences,
    )
