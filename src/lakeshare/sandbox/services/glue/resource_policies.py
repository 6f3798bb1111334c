"""The Data Catalog's own policy, and those that RAM makes beside it: putting, reading and deleting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies, CatalogPolicy, hash_of
from lakeshare.sandbox.policy.documents import Statement, parse_policy
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import moment
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.glue.reach import invalid_token
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.policies import policies_on, policy_of
from lakeshare.sandbox.services.ram.shares import Shares

RULE_READABLE = rule(
    "glue.policy.readable",
    "A catalog's policy is a policy document whose statements each name principals, actions and resources of the "
    "catalog, every one by an ARN of its account and Region.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html; the message "
    "is ours",
)
RULE_HYBRID = rule(
    "glue.policy.enable-hybrid",
    "Where Lake Formation has shared something with another account, a policy is put with EnableHybrid TRUE.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_PutResourcePolicy.html; the code and the message are "
    "inferred",
)
RULE_CONDITION = rule(
    "glue.policy.condition",
    "A policy is replaced or deleted only if it is the one whose hash the call gives, and is there or not as it asks.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_PutResourcePolicy.html",
)
RULE_EXISTS = rule(
    "glue.policy.exists",
    "A policy that was never put cannot be read or deleted.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetResourcePolicy.html; the message is ours",
)
RULE_WHOLE = rule(
    "glue.policy.of-catalog",
    "A policy is put on the catalog as a whole; those of single resources are RAM's to make.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_PutResourcePolicy.html: ResourceArn is for internal use "
    "only; the refusal is inferred",
)
_OF_CATALOG: Final = r"arn:aws[\w-]*:glue:{region}:{account}:(?:\*|[a-zA-Z*]+/?.*)"


def put_resource_policy(call: Call) -> Mapping[str, Any]:
    """Answer PutResourcePolicy."""
    place, policies, text = _catalog(call), call.world.store(CatalogPolicies), call.params["PolicyInJson"]
    _check_readable(place, text)
    if call.params.get("EnableHybrid") != "TRUE" and any(_made_by_lake_formation(call, place)):
        message = (
            "Cross-account access was granted through Lake Formation: the policy must be put with EnableHybrid 'TRUE'."
        )
        raise RULE_HYBRID.refuse("InvalidInputException", message)
    known, wanted = policies.policy(_where(place)), call.params.get("PolicyExistsCondition")
    if (wanted == "MUST_EXIST" and known is None) or (wanted == "NOT_EXIST" and known is not None):
        message = f"Policy {'does not exist' if known is None else 'already exists'}"
        raise RULE_CONDITION.refuse("ConditionCheckFailureException", message)
    _check_hash(call, known)
    return {"PolicyHash": policies.put(_where(place), text).hash}


def get_resource_policy(call: Call) -> Mapping[str, Any]:
    """Answer GetResourcePolicy: the catalog's, or with a ResourceArn what RAM has made for that thing (inferred)."""
    place, arn = Place(call.caller.account, call.region), call.params.get("ResourceArn")
    if arn in {None, place.catalog_arn}:
        return _answer(_existing(call, place))
    found = next(policies_on(call.world, arn), None) if _is_of(place, arn) else None
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", "Policy not found")
    return {"PolicyInJson": found, "PolicyHash": hash_of(found)}


def get_resource_policies(call: Call) -> Mapping[str, Any]:
    """Answer GetResourcePolicies: one that RAM has made for each share, then the catalog's own."""
    place, params = Place(call.caller.account, call.region), call.params
    found = [_answer_of_share(share, text) for share, text in _made_by_ram(call, place)]
    own = call.world.store(CatalogPolicies).policy(_where(place))
    entries = [*found, *([_answer(own)] if own else [])]
    shown, token = page(entries, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"GetResourcePoliciesResponseList": shown}, token)


def delete_resource_policy(call: Call) -> Mapping[str, Any]:
    """Answer DeleteResourcePolicy."""
    place = _catalog(call)
    _check_hash(call, _existing(call, place))
    call.world.store(CatalogPolicies).delete(_where(place))
    return {}


def _catalog(call: Call) -> Place:
    """Return the caller's own catalog, which is all that a policy can be put on."""
    place = Place(call.caller.account, call.region)
    if call.params.get("ResourceArn") not in {None, place.catalog_arn}:
        raise RULE_WHOLE.refuse("InvalidInputException", "ResourceArn is for internal use only.")
    return place


def _existing(call: Call, place: Place) -> CatalogPolicy:
    found = call.world.store(CatalogPolicies).policy(_where(place))
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", "Policy not found")
    return found


def _check_hash(call: Call, known: CatalogPolicy | None) -> None:
    wanted = call.params.get("PolicyHashCondition")
    if wanted is not None and (known is None or known.hash != wanted):
        raise RULE_CONDITION.refuse("ConditionCheckFailureException", "Policy hash condition not met")


def _check_readable(place: Place, text: str) -> None:
    try:
        statements = parse_policy(text)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RULE_READABLE.refuse("InvalidInputException", "The policy is not a valid policy document.") from None
    if not statements or not all(_is_complete(place, statement) for statement in statements):
        message = (
            "Each statement of the policy must have a Principal, an Action and a Resource, with resources of the form "
            f"arn:aws:glue:{place.region}:{place.account}:..."
        )
        raise RULE_READABLE.refuse("InvalidInputException", message)


def _is_complete(place: Place, statement: Statement) -> bool:
    resources = (*statement.resources, *statement.not_resources)
    principals = statement.principals or statement.not_principals
    actions = statement.actions or statement.not_actions
    return bool(principals and actions and resources) and all(_is_of(place, arn) for arn in resources)


def _is_of(place: Place, arn: str) -> bool:
    pattern = _OF_CATALOG.format(region=re.escape(place.region), account=place.account)
    return re.fullmatch(pattern, arn) is not None


def _made_by_ram(call: Call, place: Place) -> Iterator[tuple[Share, str]]:
    """Yield the living shares of the catalog's owner that have come to something, with their policies."""
    for share in call.world.store(Shares).owned_by(place.account, place.region):
        text = policy_of(call.world, share)
        if text is not None:
            yield share, text


def _made_by_lake_formation(call: Call, place: Place) -> Iterator[Share]:
    """Yield the living shares that carry grants; those that somebody made with RAM itself have no purpose."""
    owned = call.world.store(Shares).owned_by(place.account, place.region)
    return (share for share in owned if share.purpose and share.resources)


def _answer(policy: CatalogPolicy) -> dict[str, Any]:
    return {
        "PolicyInJson": policy.text,
        "PolicyHash": policy.hash,
        "CreateTime": moment(policy.created_at),
        "UpdateTime": moment(policy.updated_at),
    }


def _answer_of_share(share: Share, text: str) -> dict[str, Any]:
    return {
        "PolicyInJson": text,
        "PolicyHash": hash_of(text),
        "CreateTime": moment(share.created_at),
        "UpdateTime": moment(share.updated_at),
    }


def _where(place: Place) -> tuple[str, str]:
    return place.account, place.region


OPERATIONS: Operations = {
    "PutResourcePolicy": put_resource_policy,
    "GetResourcePolicy": get_resource_policy,
    "GetResourcePolicies": get_resource_policies,
    "DeleteResourcePolicy": delete_resource_policy,
}
