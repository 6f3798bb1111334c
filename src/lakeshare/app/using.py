"""Finds out which of the things that are about to leave somebody else has come to use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lakeshare.app.workspace import Workspace
from lakeshare.catalogue import SOURCE_DATABASE
from lakeshare.planning.build import Ours
from lakeshare.planning.expand import place_of
from lakeshare.resources.connect_association import ConnectAssociation
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import IAM_ALLOWED_PRINCIPALS, LakeGrant, Parts, key_of, walk_once
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Place, Unreadable


def used_by_others(space: Workspace, run: Run, leaving: Sequence[Any], ours: Ours) -> dict[str, str]:
    """
    Say on which of the things that are *leaving* somebody else's grants rest: those would go with them.

    With a link go the grants on it, and with what an account was granted, or Connect shares with it, all that was
    passed on of that there (documented: cross-account-cascading-permissions.html). Lake Formation's own group for "IAM
    alone decides" is nobody in particular.
    """
    grants = (ours.last_known(address) for address in ours.addresses())
    mine = {key_of(item): item for item in grants if isinstance(item, LakeGrant)}
    resting: dict[tuple[Place, str], dict[tuple[str, str | None], list[str]]] = defaultdict(lambda: defaultdict(list))
    for item in leaving:
        for place, catalog, database, table in _grounds(space, item):
            resting[place, catalog][database.lower(), table.lower()].append(item.address)
    found: dict[str, list[str]] = defaultdict(list)
    kept: dict[str, str] = {}
    for (place, catalog), spots in resting.items():
        held = walk_once(run, place, catalog)
        if isinstance(held, Unreadable):
            unseen = f"others may hold grants on it, which would go with it, and {held.reason}"
            kept |= {address: unseen for addresses in spots.values() for address in addresses}
            continue
        nobody = {run.aws.identity(place.alias).principal_arn, IAM_ALLOWED_PRINCIPALS, place.account_id}
        for key, there in held.items():
            principal, owner, _, _, permission = key
            addresses = spots.get((key[2], key[3]), ()) if owner == catalog and principal not in nobody else ()
            if addresses and there.is_beyond(mine[key].parts if key in mine else Parts()):
                for address in addresses:
                    found[address].append(f"{principal} holds {permission}")
    return kept | {
        address: f"{', '.join(sorted(others))} by others, which would go with it; revoke that first"
        for address, others in found.items()
    }


def _grounds(space: Workspace, item: Any) -> list[tuple[Place, str, str, str]]:
    """Return (place, catalog, database, table) of the grants that rest on *item*, where they are to be seen."""
    match item:
        case ResourceLink():
            return [(item.place, item.place.account_id, item.database, item.name)]
        case LakeGrant(table=str(table)) if item.is_to_account:
            spot = (str(item.catalog), item.database, table)
            return [(place, *spot) for place in _places_of(space, item.principal, item.place.region)]
        case ConnectAssociation(lake_account=str(owner)):
            spot = (owner, SOURCE_DATABASE, item.data_set)
            return [(place, *spot) for place in _places_of(space, item.target_account, item.place.region)]
        case _:
            return []


def _places_of(space: Workspace, account_id: str, region: str) -> list[Place]:
    """Return the first of the spec's accounts that is *account_id* in *region*: from another one nobody can look."""
    places = [place_of(space.spec, alias) for alias in space.spec.accounts]
    return [place for place in places if (place.account_id, place.region) == (account_id, region)][:1]
