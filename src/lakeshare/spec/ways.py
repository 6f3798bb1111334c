"""Which accounts of a spec a run is in: those of its shares, and those on the way to them."""

from __future__ import annotations

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
