"""What the policy of a KMS key says of a principal. Pure; grants of KMS's own are not looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from lakeshare.access.doctor.looking import Unread
from lakeshare.access.doctor.statement_edits import Who
from lakeshare.access.doctor.statements import account_named, account_of, listed, principals, speaks_of
from lakeshare.resources.documents import statements_of

Word: TypeAlias = Literal["allowed", "left to IAM", "on conditions", "denied", "not allowed"]
"""What a key policy says of a principal. ``left to IAM``: it allows the account, whose IAM decides (documented)."""


def says(policy: Mapping[str, Any] | Unread | None, principal: str, action: str) -> Word | Unread:
    """
    Return what a key policy says of *principal*; one that cannot be read is returned as such.

    A Deny on a condition may win over what is allowed: ``on conditions``.
    """
    if not isinstance(policy, Mapping):
        return policy or "left to IAM"
    if denying(policy, [principal], [action]):
        return "denied"
    word = allows(policy, principal, action)
    is_bound = any(effect == "Deny" for effect, _sort, _is_bound in _words(policy, principal, action))
    return "on conditions" if is_bound and word != "not allowed" else word


def allows(policy: Mapping[str, Any], principal: str, action: str) -> Word:
    """Return what a key policy says of *principal* where nothing is denied."""
    words = [(sort, is_bound) for effect, sort, is_bound in _words(policy, principal, action) if effect == "Allow"]
    free = [sort for sort, is_bound in words if not is_bound]
    if free:
        return "allowed" if "itself" in free else "left to IAM"
    return "on conditions" if words else "not allowed"


def denying(policy: Mapping[str, Any], persons: Iterable[str], actions: Collection[str]) -> dict[int, list[Who]]:
    """Return the statements that deny *persons* one of *actions* come what may: by number, whom that they name."""
    found: dict[int, list[Who]] = {}
    for number, one in enumerate(statements_of(policy)):
        if one.get("Effect") == "Deny" and not one.get("Condition") and any(speaks_of(one, each) for each in actions):
            meant = [person for person in persons if _meant(one, person)]
            if meant:
                found[number] = [("AWS", name) for name in principals(one) if any(_is_of(name, who) for who in meant)]
    return found


def _words(policy: Mapping[str, Any], principal: str, action: str) -> list[tuple[str, str, bool]]:
    """Return effect, whom it means, and whether it hangs on a condition, of all that is said of *principal*."""
    return [
        (one["Effect"], sort, bool(one.get("Condition")))
        for one in statements_of(policy)
        if speaks_of(one, action) and (sort := _meant(one, principal))
    ]


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


def _is_of(name: str, principal: str) -> bool:
    """Tell whether *name* is *principal*, the account that it is in, or everybody."""
    account = account_named(name)
    return name in ("*", principal) or (account is not None and account == account_of(principal))
