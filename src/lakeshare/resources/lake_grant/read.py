"""
Reads grants by walking ListPermissions without any filter, and matches on our side.

Filters change what the call means: with a principal it computes effective permissions, and comes back empty for roles
of other accounts (observed; terraform-provider-aws 44574, 48360, 49669).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant.model import Held, Key, LakeGrant, add_row
from lakeshare.resources.values import Absent, Place, Unreadable, has_unknowns

Walk = Mapping[Key, Held] | Unreadable


def read_grants(run: Run, wanted: Sequence[LakeGrant]) -> Mapping[str, LakeGrant | Absent | Unreadable]:
    """Return what each *wanted* principal holds where it is wanted."""
    spots = list(dict.fromkeys((item.place, str(item.catalog)) for item in wanted if not has_unknowns(item)))
    walks = dict(zip(spots, run.aws.in_parallel(lambda spot: walk_once(run, *spot), spots), strict=True))
    unknown = Unreadable("the account that owns the table is known after association")
    return {
        item.address: unknown if has_unknowns(item) else _observed(item, walks[item.place, str(item.catalog)])
        for item in wanted
    }


def walk_once(run: Run, place: Place, catalog: str) -> Walk:
    """Return `walk_grants`, from memory where *run* has one and walked there before."""
    return run.once(("grants", place, catalog), lambda: walk_grants(run, place, catalog))


def walk_grants(run: Run, place: Place, catalog: str) -> Walk:
    """Return everything that the operator may see of *catalog*'s grants from *place*, one page per 1,000 rows."""
    held: dict[Key, Held] = {}
    try:
        for row in run.aws.pages(
            place.alias,
            place.region,
            "lakeformation",
            "list_permissions",
            "PrincipalResourcePermissions",
            CatalogId=catalog,
            MaxResults=1000,
        ):
            add_row(held, row)
    except CallError as error:
        if error.aws_code in ("AccessDeniedException", "EntityNotFoundException"):
            return Unreadable(f"ListPermissions on catalog {catalog} is refused")
        raise
    return held


def _observed(item: LakeGrant, walk: Walk) -> LakeGrant | Absent | Unreadable:
    if isinstance(walk, Unreadable):
        return walk
    key = (item.principal, str(item.catalog), item.database, item.table, item.permission)
    held = walk.get(key)
    if held is None:
        return Absent()
    columns = None if held.is_whole else held.columns
    share_arns = held.share_arns or None
    if (columns, held.is_grantable, share_arns) == (item.columns, item.grantable, item.share_arns):
        return item  # of a million grants, nearly all are as they are wanted: no need of a second copy
    return replace(item, columns=columns, grantable=held.is_grantable, share_arns=share_arns)
