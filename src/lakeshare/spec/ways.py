"""Which accounts of a spec a run is in: those of its shares, and those on the way to them."""

from __future__ import annotations

from collections import defaultdict

from lakeshare.spec.model import Spec


def used_accounts(spec: Spec) -> list[str]:
    """List the accounts that some share is from or to, by their names in the spec."""
    used = [alias for share in spec.shares.values() for alias in (share.source.account, share.to.account)]
    return list(dict.fromkeys(used))


def entered_accounts(spec: Spec) -> list[str]:
    """List the used accounts and all that these are entered by way of, each after the one whence it is entered."""
    found: dict[str, None] = {}
    for alias in used_accounts(spec):
        found |= dict.fromkeys([*reversed(hubs_of(spec, alias)), alias])
    return list(found)


def hubs_of(spec: Spec, alias: str) -> list[str]:
    """List the accounts by way of which *alias* is entered, the nearest first."""
    found, account = [], spec.accounts[alias]
    while account.via is not None:
        found.append(account.via)
        account = spec.accounts[account.via]
    return found


def is_between(spec: Spec, alias: str) -> bool:
    """Tell whether no share is from or to *alias*, and it is there only for others to be entered by way of it."""
    return alias not in used_accounts(spec)


def names_by_role(spec: Spec) -> list[tuple[str, ...]]:
    """
    List for each operator's role the names by which *spec* enters it, in the file's order.

    An account is named twice for two Regions, and IAM knows no Regions: that is one role, with one trust policy.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, account in spec.accounts.items():
        if account.role is not None:
            # A role is written by its name, its path and name, or its ARN.
            found[account.id, account.role.rpartition(":role/")[2].lstrip("/")].append(name)
    return [tuple(names) for names in found.values()]


def of_one_role(spec: Spec, alias: str) -> tuple[str, ...]:
    """List the names by which *spec* enters the role of *alias*, itself among them; itself alone where it has none."""
    return next((names for names in names_by_role(spec) if alias in names), (alias,))
