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
from lakeshare.resources.lake_grant.held import Held, Key, add_row, key_of
from lakeshare.resources.lake_grant.model import ALL_TABLES, NO_COLUMNS, LakeGrant
from lakeshare.resources.values import Absent, Place, Unreadable, has_unknowns

MOST_PROBES = 50
"""The most things that are asked about by name in one look around."""

Walk = Mapping[Key, Held] | Unreadable


def read_grants(run: Run, wanted: Sequence[LakeGrant]) -> Mapping[str, LakeGrant | Absent | Unreadable]:
    """Return what each *wanted* principal holds where it is wanted."""
    spots = list(dict.fromkeys((item.place, str(item.catalog)) for item in wanted if not has_unknowns(item)))
    walks = dict(zip(spots, run.aws.in_parallel(lambda spot: walk_once(run, *spot), spots), strict=True))
    unknown = Unreadable("the account that owns the table is known after association")
    return {
        item.address: unknown if has_unknowns(item) else observed_in(walks[item.place, str(item.catalog)], item)
        for item in wanted
    }


def walk_once(run: Run, place: Place, catalog: str) -> Walk:
    """
    Return `walk_grants`, from memory where *run* has one and walked there before.

    Where asking about another account's catalog is refused, what the own catalog's list shows of it is all there is
    (how such grants list is documented nowhere; terraform-provider-aws 38982 was refused after a grant succeeded).
    """
    walk = run.once(("grants", place, catalog), lambda: walk_grants(run, place, catalog))
    if isinstance(walk, Unreadable) and catalog != place.account_id:
        return walk_once(run, place, place.account_id)
    return walk


def walk_grants(run: Run, place: Place, catalog: str) -> Walk:
    """Return everything that the operator may see of *catalog*'s grants from *place*, one page per 1,000 rows."""
    held: dict[Key, Held] = {}
    try:
        for row in run.aws.pages(*_list_of(place), CatalogId=catalog, MaxResults=1000):
            add_row(held, row, catalog)
    except CallError as error:
        if error.aws_code in ("AccessDeniedException", "EntityNotFoundException"):
            return Unreadable(f"ListPermissions on catalog {catalog} is refused")
        raise
    return held


def probe_grants(run: Run, hidden: Sequence[LakeGrant]) -> Mapping[str, LakeGrant]:
    """
    Ask by name for the things on which *hidden*, which no walk has shown, were granted; return those that are there.

    One call for each thing, and for no more than `MOST_PROBES` of them: granting again what is not found costs less.
    No Principal: with one the answer is what somebody can do by any right, implicit ones included, which proves nothing
    of a grant, and for roles of other accounts it is empty whatever they hold.
    """
    spots: dict[tuple[Place, str, str], LakeGrant] = {}
    for item in hidden:
        spots.setdefault((item.place, str(item.catalog), item.thing), item)
    asked = dict(list(spots.items())[:MOST_PROBES])
    answers = dict(zip(asked, run.aws.in_parallel(lambda item: _rows_on(run, item), asked.values()), strict=True))
    found = {
        item.address: observed_in(answers.get((item.place, str(item.catalog), item.thing), {}), item) for item in hidden
    }
    return {address: there for address, there in found.items() if isinstance(there, LakeGrant)}


def _rows_on(run: Run, item: LakeGrant) -> Mapping[Key, Held]:
    held: dict[Key, Held] = {}
    try:
        for row in run.aws.pages(*_list_of(item.place), CatalogId=item.catalog, Resource=item.resource_of(None)):
            add_row(held, row, str(item.catalog))
    except CallError as error:
        if error.aws_code not in ("AccessDeniedException", "EntityNotFoundException", "InvalidInputException"):
            raise
    return held


def _list_of(place: Place) -> tuple[str, str, str, str, str]:
    return place.alias, place.region, "lakeformation", "list_permissions", "PrincipalResourcePermissions"


def observed_in(walk: Walk, item: LakeGrant) -> LakeGrant | Absent | Unreadable:
    """Return what the principal of *item* holds of it according to *walk*."""
    if isinstance(walk, Unreadable):
        return walk
    held = walk.get(key_of(item))
    wider = () if item.columns is None else _wider(item, walk)
    if held is None and not wider:
        return Absent()
    held = held or Held()
    if not held.is_whole and not held.columns and not wider:
        return Absent()  # all columns but some, for whoever wants the whole table: a row of somebody else's
    spelt = {name.lower(): name for name in item.columns or ()}
    columns = frozenset(spelt.get(name, name) for name in held.columns)
    seen = (
        None if held.is_whole else columns,
        columns if held.is_whole else NO_COLUMNS,
        held.is_grantable if held.is_whole else held.columns <= held.grantable_columns,
        held.share_arns or None,
    )
    if seen == (item.columns, item.beside, item.grantable, item.share_arns) and not (wider or item.unlisted_since):
        return item  # of a million grants, nearly all are as they are wanted: no need of a second copy
    whole, beside, grantable, shares = seen
    return replace(
        item,
        columns=whole,
        beside=beside,
        grantable=grantable,
        share_arns=shares,
        wider=wider,
        unlisted_since=None,
    )


def _wider(item: LakeGrant, walk: Mapping[Key, Held]) -> tuple[str, ...]:
    """Say by which other rows the principal reads columns that *item* leaves out: Lake Formation's grants add up."""
    principal, catalog, database, table, permission = key_of(item)
    everybody = f"{item.place.account_id}:IAMPrincipals"
    hidden = frozenset(name.lower() for name in item.hidden)
    said = []
    for who, whom in ((principal, ""), (everybody, f" to {everybody}")):
        for name, what in ((table, "the whole table"), (ALL_TABLES, "all tables of the database")):
            there = walk.get((who, catalog, database, name, permission))
            if there is None:
                continue
            if there.is_whole and (whom or name == ALL_TABLES):
                said.append(f"somebody else granted {what}{whom}")
            elif there.all_but is not None and not (hidden and hidden <= there.all_but):
                said.append(f"somebody else granted all columns but {', '.join(sorted(there.all_but))}{whom}")
    return tuple(said)
