"""
What becomes of a share that expired before anybody accepted it. Pure.

An invitation lives twelve hours (documented). Once it is over, data sets associated later join the dead share until it
is emptied (observed in AWS's construct), so all of them come off it and are associated again. That takes away what
is on the share, so it happens by itself only when every data set on it is ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeshare.planning.build import Ours
from lakeshare.resources.connect_association import ConnectAssociation
from lakeshare.resources.ram_invitation import RamInvitation
from lakeshare.resources.values import Absent, Blocker, Unreadable


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the observation becomes once dead shares are accounted for, and what a person has to decide."""

    wanted: Mapping[str, Any]
    observed: Mapping[str, Any]
    blockers: tuple[Blocker, ...]


def dead_shares(observed: Mapping[str, Any]) -> frozenset[str]:
    """List the shares whose invitation can no longer be accepted."""
    return frozenset(
        str(arn)
        for there in observed.values()
        if isinstance(there, RamInvitation) and there.state == "expired"
        for arn in there.share_arns
    )


def plan_recovery(
    unresolved: Mapping[str, Any],
    wanted: Mapping[str, Any],
    observed: Mapping[str, Any],
    on_share: Mapping[str, Collection[str]],
    ours: Ours,
    allowed: Collection[str],
) -> Recovery:
    """
    Mark the associations on dead shares for replacement, and what rests on them as unknown again.

    *on_share* lists, by share ARN, the addresses of all associations that Connect shows on it; *allowed* are the shares
    that the user named with ``--recover-share``.
    """
    blockers = []
    recovered: set[str] = set()
    for arn, addresses in on_share.items():
        others = sorted(address for address in addresses if address not in ours)
        if unwanted := sorted(set(addresses) - set(wanted)):
            # First of all, for no word of the user's helps as long as this is so.
            blockers.append(_unwanted_on_share(arn, unwanted))
        elif others and arn not in allowed:
            blockers.append(_others_on_share(arn, others))
        else:
            recovered.add(arn)
    seen = {address: _marked(there, recovered, on_share) for address, there in observed.items()}
    again = {
        address: unresolved[address] if isinstance(seen.get(address), Unreadable) and address in unresolved else item
        for address, item in wanted.items()
    }
    return Recovery(_joining_later(again, seen), seen, tuple(blockers))


def _joining_later(wanted: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """
    Make associations that are still missing wait for those that come off a dead share.

    Made earlier, they would join the dead share. A recovery that failed half-way leaves just such a mixture.
    """
    coming_off: dict[Any, list[str]] = defaultdict(list)
    for address, there in seen.items():
        if isinstance(there, ConnectAssociation) and there.share_expired:
            coming_off[_pair(there)].append(address)
    return {
        address: replace(item, depends_on=(*item.depends_on, *coming_off[_pair(item)]))
        if isinstance(item, ConnectAssociation)
        and isinstance(seen.get(address), Absent)
        and coming_off.get(_pair(item))
        else item
        for address, item in wanted.items()
    }


def _pair(item: ConnectAssociation) -> tuple[Any, str, str]:
    """What goes on one share: an instance's data sets for one account."""
    return item.place, item.instance, item.target_account


def _marked(there: Any, recovered: Collection[str], dead: Collection[str]) -> Any:
    """Mark what rests on a dead share. One that blocks is told once, not again for each of its tables."""
    if isinstance(there, ConnectAssociation) and there.share_arn in recovered:
        return replace(there, share_expired=True)
    if isinstance(there, RamInvitation) and any(str(arn) in dead for arn in there.share_arns):
        return Unreadable("its share is made anew first")
    return there


def _others_on_share(arn: str, others: list[str]) -> Blocker:
    return Blocker(
        arn,
        "ram_invitation",
        f"the share expired, and {len(others)} data sets on it are not ours: {', '.join(others)}",
        f"to take them off it and associate them again as well: `lakeshare apply --recover-share {arn}`",
    )


def _unwanted_on_share(arn: str, unwanted: list[str]) -> Blocker:
    return Blocker(
        arn,
        "ram_invitation",
        f"the share expired, and data sets on it are not in the spec: {', '.join(unwanted)}",
        "add them to the spec or disassociate them by hand; a share is only made anew once nothing is left on it",
    )
