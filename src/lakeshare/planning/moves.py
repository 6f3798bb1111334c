"""
What becomes of the ledger's things when an account gets another name in the spec. Pure.

Addresses begin with the account's name, and what is in the ledger goes by its address. So ``moved: {from: old-name}``
gives every thing the address that it would have been made under; in AWS nothing has that name, and nothing changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lakeshare.errors import LedgerError
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import KnownAfter, resolve
from lakeshare.spec import Spec


def account_moves(spec: Spec) -> dict[str, str]:
    """Return the new names of renamed accounts by their old ones."""
    return {account.moved.before: name for name, account in spec.accounts.items() if account.moved}


def share_moves(spec: Spec) -> dict[str, str]:
    """Return the new names of renamed shares by their old ones."""
    return {share.moved.before: name for name, share in spec.shares.items() if share.moved}


def moved(resources: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """
    Return those of *resources* (by address) that change when accounts are renamed as *names* say, by old address.

    What only depends on something renamed changes too. A name that nothing in *resources* goes by has no effect: a move
    that is done may stay in the spec.
    """
    if not names:
        return {}
    fresh = {address: KINDS[item.kind].renamed(item, names) for address, item in resources.items()}

    def address_of(old: str) -> str:
        if old in fresh:
            return str(fresh[old].address)
        alias, slash, rest = old.partition("/")
        return names.get(alias, alias) + slash + rest

    def renamed(unknown: KnownAfter) -> KnownAfter:
        return replace(unknown, address=address_of(unknown.address))

    changed = {}
    for address, item in fresh.items():
        now = replace(resolve(item, renamed), depends_on=tuple(address_of(below) for below in item.depends_on))
        if now != resources[address] or now.depends_on != resources[address].depends_on:
            changed[address] = now
    return changed


def under_new_addresses(resources: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return *resources* by address once those that *changed* (by old address) are under their new ones.

    Raises LedgerError when two things would be at one address: both names were in use, and each has made it.
    """
    now = {address: changed.get(address, item) for address, item in resources.items()}
    counts = Counter(item.address for item in now.values())
    if clashing := sorted(address for address, count in counts.items() if count > 1):
        more = f" and {len(clashing) - 1} more" if len(clashing) > 1 else ""
        raise LedgerError(
            f"`moved` would bring two things of the ledger to {clashing[0]}{more}",
            hint="both names were in use and each made it; `lakeshare state rm` forgets the one that is not meant",
            address=clashing[0],
        )
    return {item.address: item for item in now.values()}
