"""
IAM's policy simulator: SimulatePrincipalPolicy and SimulateCustomPolicy.

It asks the same evaluation that every other call of the sandbox goes through, so what it says is what will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.sandbox.arns import account_of, entity_kind
from lakeshare.sandbox.calls import Call, Caller, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.paging import page
from lakeshare.sandbox.policy.context import Context
from lakeshare.sandbox.policy.documents import Statement, parse_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.rules import rule

RULE_ACTIONS = rule(
    "iam.simulate.action-names",
    "Actions are simulated by their names, service:Operation, without wildcards.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html",
)
RULE_SOURCE = rule(
    "iam.simulate.source",
    "The policies of a user or role of one's own account are simulated (of groups too at AWS, not here).",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html",
)
RULE_POLICIES = rule(
    "iam.simulate.policy-documents",
    "Policies that are handed in are JSON policy documents.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html",
)
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Simulated:
    """Whose policies speak: each with the id and the type that the answer gives it; and the boundary, if any."""

    policies: tuple[tuple[str, str, tuple[Statement, ...]], ...]
    boundary: tuple[Statement, ...] | None
    context: Context


def simulate_principal_policy(call: Call) -> Mapping[str, Any]:
    """Answer SimulatePrincipalPolicy: what a user's or role's own policies, and those handed in, come to."""
    arn, moto = call.params["PolicySourceArn"], call.world.store(Moto)
    kind = entity_kind(arn)
    if account_of(arn) != call.caller.account or kind not in {"user", "role"} or not moto.principal_exists(arn):
        raise RULE_SOURCE.refuse("NoSuchEntity", f"The principal {arn} cannot be found.", 404)
    name = arn.rpartition("/")[2]
    own = [(name, kind, parse_policy(text)) for text in moto.identity_policy_texts(arn)]
    boundary = moto.permissions_boundary(arn)
    given = call.params.get("PermissionsBoundaryPolicyInputList")
    inside = _joined(given) if given else parse_policy(boundary) if boundary else None
    caller = Caller(call.caller.account, arn, arn, "role" if kind == "role" else "user")
    return _answer(call, Simulated((*own, *_handed_in(call)), inside, _context(call, caller)))


def simulate_custom_policy(call: Call) -> Mapping[str, Any]:
    """Answer SimulateCustomPolicy: what the policies that are handed in come to, for nobody in particular."""
    given = call.params.get("PermissionsBoundaryPolicyInputList")
    inside = _joined(given) if given else None
    arn = call.params.get("CallerArn", call.caller.principal_arn)
    return _answer(
        call, Simulated(tuple(_handed_in(call)), inside, _context(call, Caller(call.caller.account, arn, arn, "user")))
    )


def _answer(call: Call, simulated: Simulated) -> Mapping[str, Any]:
    actions = call.params["ActionNames"]
    for action in actions:
        service, _, name = action.partition(":")
        if not service or not name or "*" in action or "?" in action:
            raise RULE_ACTIONS.refuse("InvalidInput", f"Invalid Action Name: {action}")
    asked = [(action, resource) for action in actions for resource in call.params.get("ResourceArns") or ["*"]]
    shown, marker = page(
        asked, call.params.get("Marker"), call.params.get("MaxItems"), most=_MOST, refusal=_invalid_marker
    )
    answer: dict[str, Any] = {
        "EvaluationResults": [_result(simulated, *each) for each in shown],
        "IsTruncated": marker is not None,
    }
    return answer | ({"Marker": marker} if marker else {})


def _invalid_marker() -> ServiceError:
    return RULE_ACTIONS.refuse("InvalidInput", "Invalid Marker")


def _result(simulated: Simulated, action: str, resource: str) -> dict[str, Any]:
    context = simulated.context
    statements = [statement for _, _, policy in simulated.policies for statement in policy]
    verdict = evaluate(statements, action, resource, context)
    inside = None if simulated.boundary is None else evaluate(simulated.boundary, action, resource, context)
    answer: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _decision(verdict, inside),
        "MatchedStatements": [
            {"SourcePolicyId": name, "SourcePolicyType": kind}
            for name, kind, policy in simulated.policies
            if verdict is not Verdict.SILENT and evaluate(policy, action, resource, context) is verdict
        ],
        "MissingContextValues": sorted(set(_missing(statements, action, resource, context))),
    }
    if inside is None:
        return answer
    return answer | {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": inside is Verdict.ALLOW}}


def _decision(verdict: Verdict, inside: Verdict | None) -> str:
    if Verdict.DENY in {verdict, inside}:
        return "explicitDeny"
    return "allowed" if verdict is Verdict.ALLOW and inside in {None, Verdict.ALLOW} else "implicitDeny"


def _missing(statements: Sequence[Statement], action: str, resource: str, context: Context) -> Iterator[str]:
    """Yield the condition keys that statements about the action ask for and nobody gave."""
    for statement in statements:
        bare = Statement(statement.effect, statement.actions, statement.not_actions, statement.resources)
        if evaluate([bare], action, resource, context) is not Verdict.SILENT:
            yield from (condition.key for condition in statement.conditions if not context.values(condition.key))


def _handed_in(call: Call) -> Iterator[tuple[str, str, tuple[Statement, ...]]]:
    for number, text in enumerate(call.params.get("PolicyInputList", []), 1):
        yield f"PolicyInputList.{number}", "none", _parsed(text)


def _joined(texts: Sequence[str]) -> tuple[Statement, ...]:
    return tuple(statement for text in texts for statement in _parsed(text))


def _parsed(text: str) -> tuple[Statement, ...]:
    try:
        return parse_policy(text)
    except (ValueError, TypeError, KeyError) as error:
        raise RULE_POLICIES.refuse("InvalidInput", "Invalid Input Policy: it is no policy document") from error


def _context(call: Call, caller: Caller) -> Context:
    entries = call.params.get("ContextEntries", [])
    given = {entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues", [])) for entry in entries}
    return Context(call.world, caller, given)


OPERATIONS: Operations = {
    "SimulatePrincipalPolicy": simulate_principal_policy,
    "SimulateCustomPolicy": simulate_custom_policy,
}
