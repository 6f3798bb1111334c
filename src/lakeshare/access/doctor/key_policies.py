"""What the policy of a KMS key says of a principal. Pure; grants of KMS's own are not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from lakeshare.access.doctor.looking import Unread
from lakeshare.access.doctor.statements import account_named, account_of, listed, principals, speaks_of
from lakeshare.resources.documents import statements_of

Word: TypeAlias = Literal["allowed", "left to IAM", "on conditions", "denied", "not allowed"]
"""What a key policy says of a principal. ``left to IAM``: it allows the account, whose IAM decides (documented)."""


def says(policy: Mapping[str, Any] | Unread | None, principal: str, action: str) -> Word | Unread:
    """Return what a key policy says of *principal*; one that cannot be read is returned as such."""
    if not isinstance(policy, Mapping):
        return policy or "left to IAM"
    words = [
        (one["Effect"], sort, bool(one.get("Condition")))
        for one in statements_of(policy)
        if speaks_of(one, action) and (sort := _meant(one, principal))
    ]
    if any(effect == "Deny" and not is_bound for effect, _sort, is_bound in words):
        return "denied"
    free = [sort for effect, sort, is_bound in words if effect == "Allow" and not is_bound]
    if "itself" in free:
        return "allowed"
    if free:
        return "left to IAM"
    return "on conditions" if any(effect == "Allow" for effect, _, _ in words) else "not allowed"


def _meant(statement: Mapping[str, Any], principal: str) -> str | None:
    """Tell whether *statement* means *principal* ``itself``, its ``account``, or not at all."""
    if "NotPrincipal" in statement:
        named = statement["NotPrincipal"]
        others = listed(named.get("AWS")) if isinstance(named, Mapping) else listed(named)
        return None if principal in others else "itself"
    names = principals(statement)
    if principal in names or "*" in names:
        return "itself"
    # An account stands for all in it: an Allow hands on to its IAM, a Deny denies them all (documented).
    return "account" if account_of(principal) in {account_named(name) for name in names} else None
