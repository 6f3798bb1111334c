"""
Policies that hang on a resource: a bucket's, a catalog's, a key's. Pure.

Within an account such a policy may allow by itself; of another account's resource it must allow, and so must the
caller's own policies; its deny always wins. A key is opened by its own policy or not at all.
(documented: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)
"""

from __future__ import annotations

from collections.abc import Iterable

from lakeshare.access.iam.conditions import Context
from lakeshare.access.iam.decide import Decision, Statements, applies, first_deny
from lakeshare.access.iam.documents import Statement
from lakeshare.access.iam.logic import Known, all_of, any_of, negated


def concerning(statements: Iterable[Statement], principal: str) -> Statements:
    """
    Return those *statements* that are surely about *principal*, an IAM role or user: by ARN, by its account, everybody.

    A grant to the account lets the account's own policies decide; see `names_in_person`.
    """
    return tuple(item for item in statements if _is_meant(item, principal))


def refusal(
    statements: Iterable[Statement],
    principal: str,
    action: str,
    resource: str,
    context: Context,
    *,
    is_bounded: bool = False,
) -> Decision | None:
    """
    Return the deny of a resource's policy that surely applies to *principal*, else one that may, else None.

    Whom a deny with NotPrincipal leaves out is denied nevertheless where a permissions boundary holds them (documented:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html), which not every
    policy engine knows: it counts as open here.
    """
    told = tuple(statements)
    sure = first_deny(concerning(told, principal), action, resource, context, "resource")
    if sure is not None and sure.is_allowed is False:
        return sure
    for item in told:
        is_meant = _is_meant(item, principal)
        if is_bounded and item.not_principals and is_meant is False:
            is_meant = None
        if item.is_deny and is_meant is None and applies(item, action, resource, context) is not False:
            why = f"{item} may deny {action}: whether it means this session of {principal} cannot be told from here"
            return Decision(None, why, "resource", item)
    return sure


def names_in_person(item: Statement, principal: str) -> bool:
    """Tell whether *item* names *principal* itself, a session of it, or everybody, and not just its account."""
    return any(wanted in ("*", principal) or _is_session(wanted, principal) for wanted in item.principals or ())


def grants(
    statements: Iterable[Statement], principal: str, action: str, resource: str, context: Context, *, in_person: bool
) -> Known:
    """Tell whether a resource's policy allows it to *principal*; *in_person* passes over grants to its account."""
    return any_of(
        all_of(
            [
                _is_meant(item, principal),
                not in_person or names_in_person(item, principal),
                applies(item, action, resource, context),
            ]
        )
        for item in statements
        if not item.is_deny
    )


def _is_meant(item: Statement, principal: str) -> Known:
    if item.not_principals:
        named = any_of(_names(wanted, principal) for wanted in item.not_principals)
        # An account leaves out whoever is in it only where they are named as well (documented, with a warning).
        return negated(named if named is not True or _is_in_person(item.not_principals, principal) else None)
    return any_of(_names(wanted, principal) for wanted in item.principals or ())


def _is_in_person(named: Iterable[str], principal: str) -> bool:
    return any(wanted in ("*", principal) for wanted in named)


def _names(wanted: str, principal: str) -> Known:
    account = principal.split(":")[4]
    if wanted in ("*", principal, account) or wanted.endswith(f"::{account}:root"):
        return True
    return None if _is_session(wanted, principal) else False


def _is_session(wanted: str, principal: str) -> bool:
    """Tell whether *wanted* is one session of the role *principal*: whether it is this one nobody can say."""
    role, account = principal.rpartition("/")[2], principal.split(":")[4]
    return ":role/" in principal and f":sts::{account}:assumed-role/{role}/" in wanted
