"""
Grants as ListPermissions shows them, which is not how they were made.

SELECT comes back by itself as TableWithColumns, Super with everything it amounts to, a wildcard as ALL_TABLES
(observed: terraform-provider-aws, lakeformation/filter.go and its acceptance tests). What is held on the same values of
an LF-tag shares a row, all of them as a star (documented: TBAC-granting-revoking-tags-cli.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import effective, matrix
from lakeshare.sandbox.services.lakeformation.grants import Held, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, Key, PolicyKey, TableKey, TagKey
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS
from lakeshare.sandbox.services.lakeformation.resources import columns_for, resource_for, values_for
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a listing; ``granted_at`` in sandbox seconds, 0 where nobody granted it."""

    place: Place
    key: Key
    principal: str
    resource: Mapping[str, Any]
    permissions: tuple[str, ...]
    options: tuple[str, ...]
    granted_at: float = 0.0
    granted_by: str = ""


def rows_of(place: Place, key: Key, holder: Holder, rights: Mapping[Right, Held]) -> Iterator[Row]:
    """Yield the rows that one holder's rights on one thing make."""
    if isinstance(key, TagKey):
        yield from _rows_of_tag(place, key, holder, rights)
        return
    if holder.principal != IAM_ALLOWED_PRINCIPALS:
        rights = _expanded(key, rights)
    for (kind, detail), group in sorted(_grouped(key, holder, rights).items(), key=_in_order):
        if kind == "whole":
            resource = resource_for(place, key)
        else:
            assert isinstance(key, TableKey)
            columns = {"ColumnNames": sorted(column for right in group if (column := right.column))}
            wildcard = {"ColumnWildcard": {"ExcludedColumnNames": sorted(detail)} if detail else {}}
            resource = columns_for(place, key, columns if kind == "columns" else wildcard)
        yield _row(place, key, holder, resource, {right: rights[right] for right in group})


def effective_rows(world: World, place: Place, key: Key, principal: str, account: str) -> Iterator[Row]:
    """Yield the rows of what *principal* of *account* can do with a thing now, implicit rights included."""
    caller = Caller(account, principal, principal, "role")
    explicit = dict(effective.explicit_rights(world, caller, place, key))
    kind = effective.kind_of(world, place, key)
    assert kind is not None, "only things that exist are listed on"
    implicit = effective.implicit_permissions(world, caller, place, key, kind)
    made = effective.creator_permissions(world, caller, place, key, kind) if place.account == account else frozenset()
    held = {Right(each): Held(each in made, 0.0, "") for each in implicit} | explicit
    yield from rows_of(place, key, Holder(principal, account), held)


def _rows_of_tag(place: Place, key: TagKey, holder: Holder, rights: Mapping[Right, Held]) -> Iterator[Row]:
    """Yield a row for each set of values of a tag on which something is held, the whole tag first."""
    values: dict[str, dict[str, None]] = {}
    for right in rights:
        if right.column is not None:
            values.setdefault(right.permission, {})[right.column] = None
    groups: dict[tuple[str, ...], dict[Right, Held]] = {}
    for right, held in rights.items():
        named = () if right.column is None else tuple(sorted(values[right.permission]))
        groups.setdefault(named, {})[right] = held
    for named in sorted(groups):
        resource = values_for(place, key, named) if named else resource_for(place, key)
        yield _row(place, key, holder, resource, groups[named])


def _expanded(key: Key, rights: Mapping[Right, Held]) -> Mapping[Right, Held]:
    """Return *rights* with what Super amounts to beside it."""
    whole = rights.get(Right("ALL"))
    if whole is None:
        return rights
    kind: matrix.Kind = "table"
    if isinstance(key, CatalogKey):
        kind = "nested catalog"
    elif isinstance(key, DatabaseKey) or (isinstance(key, PolicyKey) and key.kind == "DATABASE"):
        kind = "database"
    return {Right(each): whole for each in matrix.expand("ALL", kind)} | dict(rights)


def _grouped(key: Key, holder: Holder, rights: Mapping[Right, Held]) -> dict[tuple[str, frozenset[str]], list[Right]]:
    """Return the rights that share a row: all but SELECT; SELECT on all columns but some; SELECT on columns."""
    groups: dict[tuple[str, frozenset[str]], list[Right]] = {}
    for right, held in rights.items():
        if right.permission != "SELECT" or not isinstance(key, TableKey) or holder.principal == IAM_ALLOWED_PRINCIPALS:
            groups.setdefault(("whole", frozenset()), []).append(right)
        elif right.column is not None:
            grantable = frozenset({"grantable"}) if held.grantable else frozenset()
            groups.setdefault(("columns", grantable), []).append(right)
        else:
            groups.setdefault(("wildcard", right.excluded), []).append(right)
    return groups


def _in_order(group: tuple[tuple[str, frozenset[str]], list[Right]]) -> tuple[bool, str, list[str]]:
    """Sort rows: the whole first, and always the same way, since pages must join."""
    (kind, detail), _ = group
    return kind != "whole", kind, sorted(detail)


def _row(place: Place, key: Key, holder: Holder, resource: Mapping[str, Any], rights: Mapping[Right, Held]) -> Row:
    latest = max(rights.values(), key=lambda held: held.granted_at)
    options = _names(right for right, held in rights.items() if held.grantable)
    return Row(place, key, holder.principal, resource, _names(rights), options, latest.granted_at, latest.granted_by)


def _names(rights: Iterable[Right]) -> tuple[str, ...]:
    return tuple(sorted({right.permission for right in rights}))
