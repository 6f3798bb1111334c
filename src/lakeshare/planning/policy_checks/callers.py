"""Whom conditions leave in, of all who could call: a whole account, somebody in it, or everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from lakeshare.planning.policy_checks.conditions import Asked
from lakeshare.planning.policy_checks.documents import EXTERNAL_ID
from lakeshare.planning.policy_checks.patterns import before_wildcard, is_wild, matches

_ARN: Final = "aws:principalarn"
_USER_ID: Final = "aws:userid"
_LEAST_LETTERS: Final = 4
"""So many letters of an ExternalId must be given for it to be a word that one has to know; our own measure."""
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]{10}")
"""How the id of an organisation begins: ten characters at least (documented: Organizations API, OrganizationId)."""
_UNIQUE_ID_LETTERS: Final = 16
"""IAM's unique ids, such as AROA..., are no shorter (documented: IAM API, RoleId)."""
_STRANGERS: Final = tuple(
    tuple(f"arn:{partition}:{kind}/{name}" for name in ("qq/qq", "77/77"))
    for partition in ("aws", "aws-cn", "aws-us-gov")
    for kind in ("iam::{account}:role", "iam::{account}:user", "sts::{account}:federated-user")
)
"""Names that nobody thinks of: a pattern that fits both of a pair is not about a name."""


def are_guarded(asked: Iterable[Asked]) -> bool:
    """Tell whether callers show a shared word or an organisation: strangers cannot (documented: confused deputy)."""
    return any(one.key in _GUARDS and all(map(_GUARDS[one.key], one.patterns)) for one in asked)


def _is_word(pattern: str) -> bool:
    return bool(pattern) and (not is_wild(pattern) or len(re.sub(r"[*?]", "", pattern)) >= _LEAST_LETTERS)


def _is_organisation(pattern: str) -> bool:
    """Tell whether one organisation is named, be it with a path below it: ids of roots and units are short."""
    organisation = pattern.partition("/")[0]
    named = before_wildcard(organisation) if is_wild(organisation) else ""
    return bool(organisation) and (not is_wild(organisation) or _ORGANISATION.match(named) is not None)


_GUARDS: Final[Mapping[str, Callable[[str], bool]]] = {
    EXTERNAL_ID: _is_word,
    "aws:principalorgid": _is_organisation,
    "aws:principalorgpaths": _is_organisation,
}


def accounts_of(asked: Iterable[Asked]) -> frozenset[str] | None:
    """Return the accounts that callers are held to; None where they may be of any account."""
    held: frozenset[str] | None = None
    for one in asked:
        accounts = [_account_in(one, pattern) for pattern in one.patterns]
        named = frozenset(account for account in accounts if account is not None)
        if named and None not in accounts:
            held = named if held is None else held & named
    return held


def _account_in(asked: Asked, pattern: str) -> str | None:
    match asked.key:
        case "aws:principalaccount":
            found = re.fullmatch(r"(\d{12})", pattern)
        case "aws:principalarn" if asked.by_part:
            found = re.match(r"(?:[^:]*:){4}(\d{12}):", pattern)
        case "aws:principalarn":
            # A path may have colons (documented: IAM API, path), so an asterisk before the account goes beyond it.
            found = re.match(r"(?:[^:*]*:){4}(\d{12})[:*]", pattern)
        case "aws:userid":
            found = re.match(r"(\d{12})(?::|$)", pattern)
        case _:
            return None
    return found[1] if found else None


def are_somebody(asked: Iterable[Asked], account: str | None) -> bool:
    """
    Tell whether callers are held to somebody in particular in *account*, and not to all of it.

    Without an *account* they must be so wherever they are: a name can be had in any account, a unique id cannot.
    """
    for one in asked:
        if one.key == _ARN and account and not any(_fits_all(pattern, account) for pattern in one.patterns):
            return True
        if one.key == _USER_ID and all(map(_is_unique, one.patterns)):
            return True
    return False


def _fits_all(pattern: str, account: str) -> bool:
    """Tell whether *pattern* fits all roles of *account*, all its users, or all that it federates."""
    wide = pattern.replace("?", "*")
    return any(all(matches(wide, name.format(account=account)) for name in pair) for pair in _STRANGERS)


def _is_unique(pattern: str) -> bool:
    """Tell whether one role or user is meant: ``AROA...:*``; what follows the colon callers choose for themselves."""
    who, given = pattern.partition(":")[0], before_wildcard(pattern)
    is_federated = re.fullmatch(r"\d{12}", who) is not None and is_wild(pattern)
    return not is_federated and ((bool(who) and not is_wild(who)) or len(given) >= _UNIQUE_ID_LETTERS)
