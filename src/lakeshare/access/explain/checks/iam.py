"""What IAM says of many actions and resources at once, as one check. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lakeshare.access.explain import mending
from lakeshare.access.explain.observed import Asker, Seen
from lakeshare.access.explain.verdict import Check
from lakeshare.access.iam import Context, Decision, Statement, decide
from lakeshare.access.iam.logic import Known
from lakeshare.access.iam.resource_policies import grants, refusal
from lakeshare.resources.values import Unreadable

ATHENA = "athena.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the principal: an action on an ARN, directly or through Athena, which calls in its name."""

    action: str
    resource: str
    through_athena: bool = True
    owner: str = ""
    """The account of the resource, where its ARN does not tell."""
    for_service: str = ""
    """The service that calls KMS for it: ``glue``, ``s3``."""
    catalog: str = ""
    """The Data Catalog that a call to KMS is about, by its account."""
    prefix: str = ""
    """Where a list of objects is asked for, if that is known."""


def context_of(asker: Asker, call: Call, region: str) -> Context:
    """Return what is known of *call* (documented: Athena is among the services that set aws:CalledVia)."""
    known = asker.context.with_values(aws_requestedregion=(region,))
    known = replace(known, service=call.action.partition(":")[0])
    owner = call.owner or (call.resource.split(":")[4] if call.resource.count(":") >= 5 else "")
    if owner:
        known = known.with_values(aws_resourceaccount=(owner,))
    if owner and call.action.startswith("s3:"):
        known = known.with_values(s3_resourceaccount=(owner,))
    if call.for_service:
        via = f"{call.for_service}.{region}.amazonaws.com"
        known = known.with_values(kms_viaservice=(via,), kms_calleraccount=(asker.account_id,))
    if call.prefix:
        known = known.with_values(s3_prefix=(call.prefix,))
    if call.catalog:
        known = replace(known, values={**known.values, "kms:encryptioncontext:glue_catalog_id": (call.catalog,)})
    if not call.through_athena:
        absent = {"aws:calledvia", "aws:calledviafirst", "aws:calledvialast"}
        known = known.with_values(aws_viaawsservice=("false",))
        return replace(known, absent=known.absent | absent)
    return known.with_values(
        aws_calledvia=(ATHENA,), aws_calledviafirst=(ATHENA,), aws_calledvialast=(ATHENA,), aws_viaawsservice=("true",)
    )


def decision(
    asker: Asker,
    call: Call,
    region: str,
    policy: tuple[Statement, ...] | Unreadable = (),
    *,
    must_be_let_in: bool = False,
) -> Decision:
    """
    Return what IAM says of *call*, with the *policy* that hangs on the resource.

    *must_be_let_in*: the resource is another account's, so its policy must allow the call, too. A policy that nobody
    may read may deny what IAM allows, and within an account allow what IAM leaves out.
    """
    context = context_of(asker, call, region)
    own = decide(asker.policies, call.action, call.resource, context)
    if isinstance(policy, Unreadable):
        may_turn = own.is_allowed is True or (_is_left_out(own) and not must_be_let_in)
        return Decision(None, policy.reason, "resource") if may_turn else own
    denied = refusal(
        policy, asker.arn, call.action, call.resource, context, is_bounded=asker.policies.boundary is not None
    )
    if denied and denied.is_allowed is False:
        return denied
    lets_in = grants(policy, asker.arn, call.action, call.resource, context, in_person=not must_be_let_in)
    if _is_left_out(own) and not must_be_let_in and lets_in is not False:
        # Within an account either policy is enough (documented), within what boundary and organisation leave.
        return _by_resource(asker, own, lets_in)
    if own.is_allowed is not True:
        return own
    if must_be_let_in and lets_in is not True:
        how = "does not let" if lets_in is False else "may not let"
        return Decision(lets_in, f"the resource's own policy {how} {asker.arn} call {call.action}", "resource")
    return denied or own


def _is_left_out(own: Decision) -> bool:
    """Whether no identity policy says anything, or the boundary does not, and no deny is in the way."""
    return own.is_allowed is False and own.by in ("identity", "boundary") and own.statement is None


def _by_resource(asker: Asker, own: Decision, lets_in: Known) -> Decision:
    bounded = asker.policies.boundary is not None
    if lets_in is None or bounded:
        return Decision(
            None, f"{own.reason}; whether the resource's own policy makes up for it is not known", "resource"
        )
    return Decision(True, "the resource's own policy allows it", "resource")


@dataclass(frozen=True, slots=True)
class Judged:
    """A call and what IAM says of it."""

    call: Call
    said: Decision


def iam_check(
    seen: Seen,
    check_id: str,
    judged: Sequence[Judged],
    *,
    looked_at: str,
    ok: str,
    policy_name: str,
    asker: Asker | None = None,
    answer: str | None = None,
) -> Check:
    """Return one check over all *judged* calls: it fails when any is denied, and is unknown when any may be."""
    who = asker or seen.asker
    denied = [item for item in judged if item.said.is_allowed is False]
    unsure = [item for item in judged if item.said.is_allowed is None]
    if denied:
        fix = _mend(who, denied, policy_name)
        statement = denied[0].said.statement
        where = statement.kept.account if statement and statement.kept else who.account_id
        return Check(
            check_id, "fail", looked_at, _reasons(denied), fix, where, answer=answer or _answer(who, denied[0])
        )
    if unsure:
        return Check(check_id, "unknown", looked_at, _reasons(unsure), _ask_for_sight(unsure))
    return Check(check_id, "pass", looked_at, ok)


def _reasons(judged: Sequence[Judged]) -> str:
    """Say each reason once; of reasons that differ by their resource alone, the first and how many more."""
    by_action: dict[tuple[str, str | None], list[Judged]] = {}
    for item in judged:
        by_action.setdefault((item.call.action, item.said.by), []).append(item)
    said = []
    for items in by_action.values():
        more = f" (and on {len(items) - 1} more resources)" if len(items) > 1 else ""
        said.append(f"{items[0].said.reason}{more}")
    return "; ".join(dict.fromkeys(said))


def _mend(asker: Asker, denied: Sequence[Judged], policy_name: str) -> str:
    first = denied[0].said
    if first.statement is not None:
        return _undo(asker, first.statement)
    if first.by == "boundary":
        return (
            f"widen the permissions boundary of {asker.arn}: it must allow {_actions(denied)} on {_resources(denied)}"
        )
    if first.by == "organisation":
        return f"whoever manages the organisation must allow {_actions(denied)} in account {asker.account_id}"
    if first.by == "resource":
        return f"let {asker.arn} call {_actions(denied)} in the resource's own policy, on {_resources(denied)}"
    missing = [item for item in denied if item.said.by == "identity" and item.said.statement is None]
    return mending.allow(
        asker, policy_name, (item.call.action for item in missing), (item.call.resource for item in missing)
    )


def _undo(asker: Asker, statement: Statement) -> str:
    return mending.take_out(statement) or f"take the {statement} away, or except {asker.arn} from it"


def _actions(denied: Iterable[Judged]) -> str:
    return ", ".join(dict.fromkeys(item.call.action for item in denied))


def _resources(denied: Iterable[Judged]) -> str:
    return ", ".join(dict.fromkeys(item.call.resource for item in denied))


def _answer(asker: Asker, item: Judged) -> str:
    call = item.call
    refused = f"{asker.arn} is not authorized to perform: {call.action} on resource: {call.resource}"
    if item.said.statement is not None:
        return f"{refused} with an explicit deny"
    policy = {
        "organisation": "service control policy",
        "boundary": "permissions boundary",
        "resource": "resource-based policy",
    }.get(item.said.by or "", "identity-based policy")
    return f"{refused} because no {policy} allows the {call.action} action"


def _ask_for_sight(unsure: Sequence[Judged]) -> str | None:
    """Name the action that the operator misses, where it is one."""
    marker = "may not call "
    for item in unsure:
        if marker in item.said.reason:
            action = item.said.reason.partition(marker)[2].partition(";")[0].strip()
            return f"let the operator call {action}, and ask again"
    return None
