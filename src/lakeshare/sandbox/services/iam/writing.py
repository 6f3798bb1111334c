"""
What IAM refuses to store, looked at before moto stores it: a principal where none belongs, trust in nobody, sizes.

A document that is no JSON is left to moto, which has its own words for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.principals import principal_known
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.wire.http import Request

_QUOTAS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
NO_PRINCIPAL = rule(
    "iam.policy.no-principal",
    "A policy of a user, group or role, inline or managed, names no principal: it is for whom it belongs to.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html; "
    "connect-data-lake.md 7.1",
)
TRUST_FORM = rule(
    "iam.trust.form",
    "A statement of a trust policy names a principal, no resource, and actions of STS only.",
    tag="observed",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
TRUST_PRINCIPAL = rule(
    "iam.trust.principal-exists",
    "A trust policy names accounts, and roles and users that exist and have become known everywhere.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
)
MANAGED_SIZE = rule(
    "iam.policy.managed-size",
    "A managed policy has 6,144 characters at most, white space not counted.",
    tag="documented",
    source=_QUOTAS,
)
INLINE_SIZE = rule(
    "iam.policy.inline-size",
    "All inline policies of a role together have 10,240 characters at most, a user's 2,048, a group's 5,120, white "
    "space not counted.",
    tag="documented",
    source=_QUOTAS,
)
TRUST_SIZE = rule(
    "iam.trust.size", "A trust policy has 2,048 characters at most.", tag="documented", source=f"{_QUOTAS}, default"
)
ATTACHED = rule(
    "iam.policy.attached",
    "A role, user or group has ten managed policies attached at most.",
    tag="documented",
    source=f"{_QUOTAS}, default",
)
PROTECTED = rule(
    "iam.role.protected",
    "Roles that AWS keeps, for IAM Identity Center and for its own services, are changed by AWS alone.",
    tag="documented",
    source="https://repost.aws/knowledge-center/identity-center-aws-reserved-sso; that such a role can be made is the "
    "sandbox's own, which has no Identity Center to make it",
)
_KEPT_BY_AWS: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:role/(?:aws-reserved|aws-service-role)/.+")
_MANAGED, _TRUST, _MOST_ATTACHED = 6144, 2048, 10
_INLINE: Final = {"role": 10240, "user": 2048, "group": 5120}
_TRUST_ACTION: Final = re.compile(r"\*|sts:[\w*?]+", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"\d{12}|arn:[\w-]+:iam::\d{12}:root")
_ENTITY: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:(?:role|user)/[^*?]+")
_SESSION: Final = re.compile(r"arn:[\w-]+:sts::\d{12}:(?:assumed-role|federated-user)/[^*?]+")
_UNIQUE_ID: Final = re.compile(r"A(?:ROA|IDA)[A-Z0-9]+")

Before: TypeAlias = Callable[[Call, Request], None]


def statements_of(text: str) -> Sequence[Mapping[str, Any]]:
    """Return a document's statements as they were written; none of what is no document."""
    try:
        document = json.loads(text)
    except ValueError:
        return ()
    said = document.get("Statement", []) if isinstance(document, dict) else []
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, dict)]


def unknown_principals(call: Call, statements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield those that *statements* name as AWS principals and that AWS would not find, as it calls them."""
    for statement in statements:
        named = statement.get("Principal", statement.get("NotPrincipal"))
        values = named.get("AWS", []) if isinstance(named, dict) else []
        for value in values if isinstance(values, list) else [values]:
            if not _is_found(call, str(value)):
                yield f'"AWS":"{value}"'


def _is_found(call: Call, value: str) -> bool:
    if value == "*" or _ACCOUNT.fullmatch(value) or _SESSION.fullmatch(value) or _UNIQUE_ID.fullmatch(value):
        return True
    return bool(_ENTITY.fullmatch(value)) and principal_known(call.world, value)


def _check_trust(parameter: str) -> Before:
    def check(call: Call, request: Request) -> None:
        text = request.form.get(parameter, "")
        statements = statements_of(text)
        for statement in statements:
            _check_form(statement)
        for unknown in unknown_principals(call, statements):
            raise TRUST_PRINCIPAL.refuse("MalformedPolicyDocument", f"Invalid principal in policy: {unknown}")
        if _size(text) > _TRUST:
            raise TRUST_SIZE.refuse("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {_TRUST}", 409)

    return check


def _check_form(statement: Mapping[str, Any]) -> None:
    malformed = "MalformedPolicyDocument"
    for field in ("Resource", "NotResource"):
        if field in statement:
            raise TRUST_FORM.refuse(malformed, f"Has prohibited field {field}.")
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise TRUST_FORM.refuse(malformed, "Missing required field Principal")
    actions = statement.get("Action", [])
    for action in actions if isinstance(actions, list) else [actions]:
        if not _TRUST_ACTION.fullmatch(str(action)):
            raise TRUST_FORM.refuse(malformed, "AssumeRole policy may only specify STS AssumeRole actions.")


def _check_managed(_call: Call, request: Request) -> None:
    text = request.form.get("PolicyDocument", "")
    _check_no_principal(text)
    if _size(text) > _MANAGED:
        raise MANAGED_SIZE.refuse("LimitExceeded", f"Cannot exceed quota for PolicySize: {_MANAGED}", 409)


def _check_inline(kind: str, parameter: str) -> Before:
    def check(call: Call, request: Request) -> None:
        text, name = request.form.get("PolicyDocument", ""), request.form.get(parameter, "")
        _check_no_principal(text)
        held = _policies(call, kind, name, origins={kind})
        others = sum(_size(said) for policy, said in held.items() if policy != request.form.get("PolicyName"))
        if others + _size(text) > _INLINE[kind]:
            message = f"Maximum policy size of {_INLINE[kind]} bytes exceeded for {kind} {name}"
            raise INLINE_SIZE.refuse("LimitExceeded", message, 409)

    return check


def _check_attached(kind: str, parameter: str) -> Before:
    def check(call: Call, request: Request) -> None:
        held = _policies(call, kind, request.form.get(parameter, ""), origins={"aws-managed", "user-managed"})
        is_more = request.form.get("PolicyArn", "").rpartition("/")[2] not in held
        if is_more and len(held) >= _MOST_ATTACHED:
            quota = f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {_MOST_ATTACHED}"
            raise ATTACHED.refuse("LimitExceeded", quota, 409)

    return check


def _check_unprotected(call: Call, request: Request) -> None:
    name = request.form.get("RoleName", "")
    arn = call.world.store(Moto).entity_arn(call.caller.account, "role", name) or ""
    if _KEPT_BY_AWS.fullmatch(arn):
        message = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        raise PROTECTED.refuse("UnmodifiableEntity", message)


def one_after_another(*checks: Before) -> Before:
    """Return a check that is all of *checks*, in order."""

    def check(call: Call, request: Request) -> None:
        for each in checks:
            each(call, request)

    return check


def _check_no_principal(text: str) -> None:
    if any("Principal" in one or "NotPrincipal" in one for one in statements_of(text)):
        raise NO_PRINCIPAL.refuse("MalformedPolicyDocument", "Policy document should not specify a principal.")


def _policies(call: Call, kind: str, name: str, *, origins: set[str]) -> dict[str, str]:
    """Return the policies of an entity itself, by name; of those *origins* only."""
    moto = call.world.store(Moto)
    arn = moto.entity_arn(call.caller.account, kind, name)
    found = () if arn is None else moto.policies(arn, own=True) or ()
    return {each.name: each.text for each in found if each.origin in origins}


def _size(text: str) -> int:
    """Count a document's characters as IAM does: without its white space."""
    return len(re.sub(r"\s", "", text))


BEFORE: Mapping[str, Before] = {
    "CreateRole": _check_trust("AssumeRolePolicyDocument"),
    "UpdateAssumeRolePolicy": one_after_another(_check_unprotected, _check_trust("PolicyDocument")),
    "CreatePolicy": _check_managed,
    "CreatePolicyVersion": _check_managed,
    "PutRolePolicy": one_after_another(_check_unprotected, _check_inline("role", "RoleName")),
    "PutUserPolicy": _check_inline("user", "UserName"),
    "PutGroupPolicy": _check_inline("group", "GroupName"),
    "AttachRolePolicy": one_after_another(_check_unprotected, _check_attached("role", "RoleName")),
    **dict.fromkeys(
        (
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "TagRole",
            "UntagRole",
            "UpdateRole",
            "UpdateRoleDescription",
        ),
        _check_unprotected,
    ),
    "AttachUserPolicy": _check_attached("user", "UserName"),
    "AttachGroupPolicy": _check_attached("group", "GroupName"),
}
"""What is looked at before moto answers an operation: called with the call and its request."""
