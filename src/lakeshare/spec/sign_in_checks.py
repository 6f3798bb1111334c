"""What must fit together for lakeshare to get into each account."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lakeshare.catalogue import nearest
from lakeshare.spec.draft import Draft, DraftAccount
from lakeshare.spec.tree import Findings

_ARN_ACCOUNT = re.compile(r"arn:[^:]*:iam::([0-9]{12}):")


def check_sign_ins(draft: Draft, findings: Findings) -> None:
    """Add to *findings* what is wrong with the ways into the accounts."""
    for account in draft.accounts.values():
        _check_keys(account, findings)
        _check_role(account, findings)
        _check_via(account, draft, findings)
    _check_admins(draft, findings)


def _check_keys(account: DraftAccount, findings: Findings) -> None:
    keys = account.keys
    for one, other in (("role", "profile"), ("external_id", "external_id_parameter")):
        if one in keys and other in keys:
            later = max(keys[one].key_place, keys[other].key_place)
            message = f"accounts.{account.name} has both {one} and {other}; expected one of them, or neither"
            findings.add(later, message)
    # An external_id has a use without one: roles made for readers ask the operator for it.
    for name in ("session_name", "via"):
        if name in keys and "role" not in keys:
            findings.add(keys[name].key_place, f"accounts.{account.name}.{name} has no use without role")


def _check_role(account: DraftAccount, findings: Findings) -> None:
    in_arn = _ARN_ACCOUNT.match(account.role.text) if account.role else None
    if account.role and account.id and in_arn and in_arn[1] != account.id.text:
        message = f"accounts.{account.name}.role is in account {in_arn[1]}; expected a role in {account.id.shown}"
        findings.add(account.role.place, message)


def _check_via(account: DraftAccount, draft: Draft, findings: Findings) -> None:
    if account.via is None or draft.account_names is None:
        return
    if account.via.text not in draft.account_names:
        guess = nearest(account.via.text, draft.account_names)
        instead = f'did you mean "{guess}"?' if guess else f"accounts has {', '.join(draft.account_names)}"
        findings.add(account.via.place, f'there is no account "{account.via.shown}"; {instead}')
        return
    if _leads_back(account, draft.accounts):
        message = f"accounts.{account.name} is entered via {account.via.shown}, and so by way of itself"
        findings.add(account.via.place, f"{message}; expected an account that is entered without it")


def _check_admins(draft: Draft, findings: Findings) -> None:
    """Two names of one account, Region and role have one entry among its administrators: lasting, or borrowed."""
    first: dict[tuple[str | None, ...], DraftAccount] = {}
    for account in draft.accounts.values():
        door = tuple(word.text if word else None for word in (account.id, account.region, account.role))
        there = first.setdefault(door, account)
        if account.id and account.region and _admin(account) != _admin(there):
            place = (account.admin or account.id).place
            findings.add(
                place,
                f"accounts.{account.name} is {_admin(account)}, and accounts.{there.name}, the same account entered the"
                f" same way, {_admin(there)}; expected one admin for both",
            )


def _admin(account: DraftAccount) -> str:
    return account.admin.text if account.admin else "lasting"


def _leads_back(account: DraftAccount, accounts: Mapping[str, DraftAccount]) -> bool:
    """Tell whether following ``via`` from *account* comes back to it."""
    seen: set[str] = set()
    there: DraftAccount | None = account
    while there is not None and there.via is not None and there.via.text not in seen:
        seen.add(there.via.text)
        there = accounts.get(there.via.text)
        if there is account:
            return True
    return False
