"""The policy simulator: SimulatePrincipalPolicy and SimulateCustomPolicy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from lakeshare.sandbox.arns import account_of, entity_kind, is_administrator
from lakeshare.sandbox.calls import Call, Caller, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.policy.arn_formats import ANY, arn_format
from lakeshare.sandbox.policy.documents import Statement, parse_policy
from lakeshare.sandbox.policy.simulation import Finding, Situation, Source, most_restrictive, simulate
from lakeshare.sandbox.rules import rule

_PRINCIPAL: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"
ENTITY_NAMED = rule(
    "iam.simulate.entity-named",
    "Simulated are the policies of a user, group or role, by its own ARN: a session of a role is none.",
    tag="observed",
    source="newrelic-lambda-cli issue 96",
)
ENTITY_EXISTS = rule(
    "iam.simulate.entity-exists",
    "The entity whose policies are simulated exists in the caller's account.",
    tag="documented",
    source=f"{_PRINCIPAL}; the message is ours",
)
ACTION_NAMED = rule(
    "iam.simulate.action-named",
    "An action to simulate is one operation of one service, service prefix included; patterns are not expanded.",
    tag="documented",
    source=f"{_PRINCIPAL}: a list of names of API operations; the refusal of wildcards and the message are inferred",
)
RESOURCE_NAMED = rule(
    "iam.simulate.resource-named",
    "A resource to simulate is an ARN, or * for all of them.",
    tag="inferred",
    source=f"{_PRINCIPAL}; the message is ours",
)
POLICY_READABLE = rule(
    "iam.simulate.policy-readable",
    "A policy to simulate is a complete policy document in JSON, and a boundary is one of them at most.",
    tag="documented",
    source=f"{_PRINCIPAL}; the message is ours",
)
USERS_ONLY = rule(
    "iam.simulate.resource-policy-for-users",
    "A resource's policy is simulated for IAM users only: the caller, or else the source of the policies, is a user.",
    tag="documented",
    source=f"{_PRINCIPAL}; that it is refused, and the message, are inferred",
)
MARKER = rule(
    "iam.simulate.marker",
    "A Marker is one that an earlier page gave.",
    tag="inferred",
    source="the message is ours",
)
_ACTION: Final = re.compile(r"[\w-]+:\w+")
_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[^:]*:.+", re.DOTALL)
_ENTITY: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:(?:user|role|group)/.+")
_EVERYTHING: Final = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'


def simulate_principal_policy(call: Call) -> Mapping[str, Any]:
    """Answer SimulatePrincipalPolicy: the entity's own policies, with those of the call beside them."""
    if "PolicyExclusionList" in call.params:
        raise ServiceError("NotImplemented", "The sandbox does not simulate without some of the policies.", 501)
    arn = call.params["PolicySourceArn"]
    own = policies_of(call, arn)
    attached = call.world.store(Moto).permissions_boundary(arn)
    boundary = _boundary(call) or (Source("PermissionsBoundary", "none", parse_policy(attached)) if attached else None)
    levels = call.world.store(Moto).service_control_policies(account_of(arn))
    bounds = tuple(
        Source("ServiceControlPolicy", "none", tuple(one for text in level for one in parse_policy(text)))
        for level in levels
    )
    policies = (*own, *_inputs(call, "PolicyInputList"))
    return _answer(call, policies, boundary, call.params.get("CallerArn", arn), bounds)


def simulate_custom_policy(call: Call) -> Mapping[str, Any]:
    """Answer SimulateCustomPolicy: the policies of the call and no others."""
    return _answer(call, _inputs(call, "PolicyInputList"), _boundary(call), call.params.get("CallerArn", ""))


def _answer(
    call: Call,
    identity: tuple[Source, ...],
    boundary: Source | None,
    caller_arn: str,
    levels: tuple[Source, ...] = (),
) -> Mapping[str, Any]:
    """Evaluate every action on every resource; a page holds a result for each action."""
    for action in call.params["ActionNames"]:
        if not _ACTION.fullmatch(action):
            raise ACTION_NAMED.refuse("InvalidInput", f"Invalid Action name: {action}")
    for arn in call.params.get("ResourceArns", []):
        if arn != ANY and not _ARN.fullmatch(arn):
            raise RESOURCE_NAMED.refuse("InvalidInput", f"Invalid Resource ARN: {arn}")
    caller = _caller(caller_arn)
    situation = Situation(identity, boundary, _resource_policy(call, caller), caller, _owner(call, caller), levels)
    params = call.params
    actions, token = page(
        params["ActionNames"], params.get("Marker"), params.get("MaxItems"), most=_most(call), refusal=_invalid_marker
    )
    results = [_result(call, situation, action) for action in actions]
    return with_token({"EvaluationResults": results, "IsTruncated": token is not None}, token, "Marker")


def _most(call: Call) -> int:
    """Return how many results a page may have: 100 where the caller does not say (documented), 1,000 otherwise."""
    return 1000 if "MaxItems" in call.params else 100


def _invalid_marker() -> ServiceError:
    return MARKER.refuse("InvalidInput", "Invalid Marker.")


def _result(call: Call, situation: Situation, action: str) -> dict[str, Any]:
    """
    Return the result of one action, over all resources, and each resource's own where they were named.

    The decision over all is the most restrictive (inferred: said only of the details by policy type).
    """
    named = call.params.get("ResourceArns", [ANY])
    given = {
        entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues", []))
        for entry in call.params.get("ContextEntries", [])
        if "ContextKeyName" in entry
    }
    findings = {resource: simulate(situation, action, resource, given) for resource in named}
    decision = most_restrictive(finding.decision for finding in findings.values())
    decisive = [finding for finding in findings.values() if finding.decision == decision]
    within = [finding.within_boundary for finding in findings.values()]
    organisation = [finding.within_organisation for finding in findings.values()]
    result = {
        "EvalActionName": action,
        "EvalResourceName": ANY if named == [ANY] else arn_format(action),
        "EvalDecision": decision,
        "MatchedStatements": _once(one for finding in decisive for one in _matched(finding)),
        "MissingContextValues": _once(key for finding in findings.values() for key in finding.missing),
        "OrganizationsDecisionDetail": None if None in organisation else {"AllowedByOrganizations": all(organisation)},
        "PermissionsBoundaryDecisionDetail": _boundary_detail(None if None in within else all(within)),
    }
    if named != [ANY]:
        result["ResourceSpecificResults"] = [_specific(*each) for each in findings.items()]
    return result


def _specific(resource: str, finding: Finding) -> dict[str, Any]:
    return {
        "EvalResourceName": resource,
        "EvalResourceDecision": finding.decision,
        "MatchedStatements": _matched(finding),
        "MissingContextValues": list(finding.missing),
        "PermissionsBoundaryDecisionDetail": _boundary_detail(finding.within_boundary),
    }


def _matched(finding: Finding) -> list[dict[str, str]]:
    """Return the statements that decided, by their policies; where in the document they stand is not told."""
    return [{"SourcePolicyId": source.id, "SourcePolicyType": source.type} for source in finding.matched]


def _boundary_detail(is_allowed: bool | None) -> dict[str, bool] | None:  # noqa: FBT001 - it is what is told
    return None if is_allowed is None else {"AllowedByPermissionsBoundary": is_allowed}


def _once(members: Iterable[Any]) -> list[Any]:
    """Return *members* in their order, each once."""
    kept: list[Any] = []
    for member in members:
        if member not in kept:
            kept.append(member)
    return kept


def policies_of(call: Call, arn: str) -> tuple[Source, ...]:
    """Return the policies of an entity of the caller's account; an account's administrator has AWS's own for one."""
    if not _ENTITY.fullmatch(arn):
        message = f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        raise ENTITY_NAMED.refuse("InvalidInput", message)
    is_here = account_of(arn) == call.caller.account
    if is_here and is_administrator(arn):
        return (Source("AdministratorAccess", "aws-managed", parse_policy(_EVERYTHING)),)
    found = call.world.store(Moto).policies(arn) if is_here else None
    if found is None:
        kind, name = entity_kind(arn), arn.rpartition("/")[2]
        raise ENTITY_EXISTS.refuse("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    return tuple(Source(each.name, each.origin, parse_policy(each.text)) for each in found)


def _inputs(call: Call, member: str) -> tuple[Source, ...]:
    """Return the policies that the call itself carries, named as AWS names them: ``PolicyInputList.1``."""
    texts = call.params.get(member, [])
    return tuple(Source(f"{member}.{number}", "none", parsed(text)) for number, text in enumerate(texts, 1))


def _boundary(call: Call) -> Source | None:
    given = _inputs(call, "PermissionsBoundaryPolicyInputList")
    if len(given) > 1:
        raise POLICY_READABLE.refuse("InvalidInput", "Only one permissions boundary policy can be simulated.")
    return given[0] if given else None


def _resource_policy(call: Call, caller: Caller | None) -> Source | None:
    if "ResourcePolicy" not in call.params:
        return None
    if caller is None or caller.kind != "user":
        message = "A resource-based policy can be simulated only with an IAM user as the caller."
        raise USERS_ONLY.refuse("InvalidInput", message)
    return Source("ResourcePolicy", "resource", parsed(call.params["ResourcePolicy"]))


def parsed(text: str) -> tuple[Statement, ...]:
    """Return the statements of a policy that a call carries, or refuse what is none."""
    try:
        return parse_policy(text)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise POLICY_READABLE.refuse("InvalidInput", "The policy is not in the valid JSON format.") from None


def _caller(arn: str) -> Caller | None:
    """Return who is simulated to call; None where that is nobody, which only a resource's policy minds."""
    if not arn:
        return None
    if not _ENTITY.fullmatch(arn):
        message = f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        raise ENTITY_NAMED.refuse("InvalidInput", message)
    return Caller(account_of(arn), arn, arn, "user" if entity_kind(arn) == "user" else "role")


def _owner(call: Call, caller: Caller | None) -> str:
    """Return whose the resources are whose ARN does not tell: an account, given by itself or within an ARN."""
    given = call.params.get("ResourceOwner", caller.account if caller else "")
    return account_of(given) or given


OPERATIONS: Operations = {
    "SimulatePrincipalPolicy": simulate_principal_policy,
    "SimulateCustomPolicy": simulate_custom_policy,
}
RESOURCES: Mapping[str, Callable[[Call], Sequence[str]]] = {
    "SimulatePrincipalPolicy": lambda call: [call.params["PolicySourceArn"]],
}
"""Asked about is the entity whose policies are looked into; a custom simulation is on nothing."""
