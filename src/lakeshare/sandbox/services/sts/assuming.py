"""AssumeRole: sessions of roles, given to those whom the role trusts."""

from __future__ import annotations

import re
from typing import Any

from lakeshare.sandbox.arns import account_of
from lakeshare.sandbox.calls import Call, Caller, Operations, Tags
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import user_id
from lakeshare.sandbox.moto_bridge import Moto, RoleEntry
from lakeshare.sandbox.policy.asked import AskedActions
from lakeshare.sandbox.policy.context import Context, Values
from lakeshare.sandbox.policy.decide import identity_refusal
from lakeshare.sandbox.policy.documents import read_policy
from lakeshare.sandbox.policy.evaluate import Verdict
from lakeshare.sandbox.policy.principals import Naming
from lakeshare.sandbox.policy.trust import judge
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.sts.sessions import (
    ASSUME_ROLE,
    HOUR,
    check_session_name,
    keys_for,
    session_arn,
    session_policy,
    too_long,
)

TRUSTED = rule(
    "sts.assume-role.trusted",
    "A role is assumed by those whom its trust policy lets in, and where the policy names a caller only through its "
    "account, or the caller is of another account, by those whose own policies allow it too.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
)
CHAINED_ONEHOUR = rule(
    "sts.assume-role.chained",
    "A role that was assumed from another role's session lasts one hour at most.",
    tag="documented",
    source=ASSUME_ROLE,
)
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")


def assume_role(call: Call) -> dict[str, Any]:
    """Start a session of a role."""
    name, arn = call.params["RoleSessionName"], call.params["RoleArn"]
    check_session_name(name)
    if not _ROLE_ARN.fullmatch(arn):
        raise ServiceError("ValidationError", f"{arn} is invalid")

    role = call.world.store(Moto).role_by_arn(arn)
    if role is None:
        raise _not_authorized(call.caller, "sts:AssumeRole", arn)
    if (refusal := _refusal(call, role)) is not None:
        raise refusal
    seconds = _duration(call, role)
    account, session = account_of(arn), session_arn(role, name)
    tags = _session_tags(call)
    transitive = frozenset(call.params.get("TransitiveTagKeys", [])) | (call.caller.transitive & set(dict(tags)))
    began = call.world.clock.now()
    caller = Caller(account, session, role.arn, "role", session_policy(call, account), tags, transitive, began)
    answer = {
        "Credentials": keys_for(call, caller, seconds),
        "AssumedRoleUser": {"AssumedRoleId": user_id(call.world, caller), "Arn": session},
        "SourceIdentity": call.params.get("SourceIdentity"),
    }
    return answer | ({"PackedPolicySize": 1} if caller.session_policy else {})


def _refusal(call: Call, role: RoleEntry) -> ServiceError | None:
    """
    Ask the trust policy, then the caller's own policies where the trust does not name the caller in person.

    Between accounts AWS does not say which side was silent (observed in reports).
    """
    caller, wanted = call.caller, ["sts:AssumeRole"]
    if call.params.get("Tags"):
        wanted.append("sts:TagSession")
    if call.params.get("SourceIdentity"):
        wanted.append("sts:SetSourceIdentity")
    context = Context(call.world, caller, _condition_keys(call))
    trust = read_policy(role.trust_policy)
    for action in wanted:
        said = judge(trust, caller, action, role.arn, context)
        if said.verdict is Verdict.DENY:
            return _not_authorized(caller, action, role.arn, "with an explicit deny in the role trust policy")
        if said.verdict is Verdict.SILENT:
            return _not_authorized(caller, action, role.arn)
        is_here = caller.account == account_of(role.arn)
        is_vouched_for = said.naming is Naming.IN_PERSON and is_here
        refusal = identity_refusal(call.world, caller, action, role.arn, context, must_allow=not is_vouched_for)
        if not is_vouched_for:
            call.world.store(AskedActions).add(caller, action, role.arn, is_allowed=refusal is None)
        if refusal is not None:
            why = refusal.message.partition(f" on resource: {role.arn} ")[2]
            return _not_authorized(caller, action, role.arn, why if is_here or why.startswith("with") else "")
    return None


def _session_tags(call: Call) -> Tags:
    """Return the tags of the new session: those of the call, and what the caller's own session hands on."""
    handed_on = {name: value for name, value in call.caller.session_tags if name in call.caller.transitive}
    given = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags", [])}
    return tuple({**given, **handed_on}.items())


def _condition_keys(call: Call) -> dict[str, str | Values]:
    keys: dict[str, str | Values] = {
        "sts:RoleSessionName": call.params["RoleSessionName"],
        "aws:RequestedRegion": call.region,
    }
    if "ExternalId" in call.params:
        keys["sts:ExternalId"] = call.params["ExternalId"]
    if "SourceIdentity" in call.params:
        keys["sts:SourceIdentity"] = call.params["SourceIdentity"]
    if tags := call.params.get("Tags"):
        keys["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
    if handed_on := call.params.get("TransitiveTagKeys"):
        keys["sts:TransitiveTagKeys"] = tuple(handed_on)
    return keys | {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags or []}


def _duration(call: Call, role: RoleEntry) -> int:
    """Return the session's seconds: an hour when nothing is said, or less where the role's maximum is less."""
    seconds = int(call.params.get("DurationSeconds", min(HOUR, role.max_session_seconds)))
    if call.caller.kind == "role" and seconds > HOUR:
        said = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise CHAINED_ONEHOUR.refuse("ValidationError", said)
    if seconds > role.max_session_seconds:
        raise too_long()
    return seconds


def _not_authorized(caller: Caller, action: str, resource: str, why: str = "") -> ServiceError:
    said = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {why}"
    return TRUSTED.refuse("AccessDenied", said.rstrip(), 403)


OPERATIONS: Operations = {"AssumeRole": assume_role}
