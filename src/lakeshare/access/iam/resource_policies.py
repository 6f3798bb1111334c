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
from lakeshare.access.iam.decide import Statements, applies
from lakeshare.access.iam.documents import Statement
from lakeshare.access.iam.logic import Known, all_of, any_of


def concerning(statements: Iterable[Statement], principal: str) -> Statements:
    """
    Return those *statements* that are about *principal*, an IAM role or user: by ARN, by its account or everybody.

    A grant to the account lets the account's own policies decide; see `names_in_person`.
    """
    return tuple(item for item in statements if _is_meant(item, principal))


def names_in_person(item: Statement, principal: str) -> bool:
    """Tell whether *item* names *principal* itself, or everybody, and not just its account."""
    return any(wanted in ("*", principal) for wanted in item.principals or ())


def grants(
    statements: Iterable[Statement], principal: str, action: str, resource: str, context: Context, *, in_person: bool
) -> Known:
    """Tell whether a resource's policy allows it to *principal*; *in_person* passes over grants to its account."""
    return any_of(
        all_of([not in_person or names_in_person(item, principal), applies(item, action, resource, context)])
        for item in concerning(statements, principal)
        if not item.is_deny
    )


def _is_meant(item: Statement, principal: str) -> bool:
    if item.not_principals:
        return not any(_names(wanted, principal) for wanted in item.not_principals)
    return any(_names(wanted, principal) for wanted in item.principals or ())


def _names(wanted: str, principal: str) -> bool:
    account = principal.split(":")[4]
    # Sessions by name are passed over: which name a session will have, nobody can say.
    return wanted in ("*", principal, account) or wanted.endswith(f"::{account}:root")
