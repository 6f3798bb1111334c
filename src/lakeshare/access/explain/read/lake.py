"""What Lake Formation shows of one catalog: administrators, grants, LF-tags, filters and opt-ins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeshare.access.explain.observed import CellsFilter, Grant, Grants, Lake, OptIns, Spot, Tags
from lakeshare.access.explain.read.asking import tried, tried_or
from lakeshare.access.explain.read.catalog import read_catalog_key, read_catalog_policy
from lakeshare.resources.administrators import administrators, settings_or_refusal
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import ALL_TABLES
from lakeshare.resources.lake_grant.held import canonical
from lakeshare.resources.values import Place, Unreadable


@dataclass(frozen=True, slots=True)
class Administration:
    """Who administers a lake, and whether the operator sees everything in it."""

    administrators: tuple[str, ...] | Unreadable
    readers: tuple[str, ...]
    sees_all: bool


def read_administration(run: Run, place: Place) -> Administration:
    """Return who administers the lake of *place*, read-only administrators apart."""
    settings = tried(lambda: settings_or_refusal(run, place))
    if isinstance(settings, Unreadable):
        return Administration(settings, (), sees_all=False)
    readers = tuple(row["DataLakePrincipalIdentifier"] for row in settings.get("ReadOnlyAdmins", ()))
    own = tried(lambda: run.aws.identity(place.alias).principal_arn)
    known = tuple(administrators(settings))
    return Administration(known, readers, sees_all=own in (*known, *readers))


def read_lake(
    run: Run,
    place: Place,
    catalog: str,
    spots: Collection[Spot],
    *,
    counts: Callable[[str], bool],
    beside: Lake | None = None,
) -> Lake:
    """
    Return *catalog* as the operator of *place* sees it, as far as it concerns *spots*.

    *counts* tells of a principal whether what it holds matters: LF-tags are read only where a grant by tags does, and
    data cells filters where one by filters does. *beside* is the same catalog as another account sees it: what its
    grants rest on is read here, too.
    """
    region, administration = next(iter(spots)).region, read_administration(run, place)
    grants = _with_saved(run, place, region, catalog, read_grants(run, place, catalog, spots))
    rows: tuple[Grant, ...] = () if isinstance(grants, Unreadable) else grants
    others = () if beside is None or isinstance(beside.grants, Unreadable) else beside.grants
    counting = [row for row in (*rows, *others) if counts(row.principal)]
    tables = [spot for spot in spots if spot.table]
    is_own = catalog == place.account_id
    key, key_role = read_catalog_key(run, place, region) if is_own else (None, None)
    return Lake(
        administrators=administration.administrators if is_own else (),
        readers_of_all=administration.readers if is_own else (),
        grants=grants,
        sees_all=administration.sees_all,
        tags={str(spot): _tags(run, place, spot) for spot in spots} if any(row.tagged for row in counting) else {},
        filters=_filters(run, place, tables) if any(row.filter_name for row in counting) else {},
        policy=read_catalog_policy(run, place, region) if is_own else (),
        key=key,
        key_role=key_role,
    )


def read_grants(run: Run, place: Place, catalog: str, spots: Collection[Spot]) -> Grants:
    """
    Return every grant on *spots*, on their databases, and by LF-tags, as the operator of *place* sees them.

    The whole list is walked without a filter, since filters change what it means (observed: terraform-provider-aws
    44574). Where the list of another account's catalog is refused or shows nothing, what the own list shows of it
    counts, and what asking by name shows.
    """
    region = next(iter(spots)).region
    wanted = {(spot.database, spot.table) for spot in spots} | {(spot.database, None) for spot in spots}

    def walk(of: str, **more: Any) -> tuple[Grant, ...]:
        rows = run.aws.pages(
            place.alias,
            region,
            "lakeformation",
            "list_permissions",
            "PrincipalResourcePermissions",
            CatalogId=of,
            **more,
        )
        return tuple(grant for row in rows for grant in _read_row(row, catalog, wanted))

    found = tried(lambda: walk(catalog, MaxResults=1000))
    if catalog == place.account_id:
        return found
    seen = [] if isinstance(found, Unreadable) else [found]
    own = tried(lambda: walk(place.account_id, MaxResults=1000))
    seen += [] if isinstance(own, Unreadable) else [own]
    for spot in spots:
        if spot.table and not any(row.table for rows in seen for row in rows):
            named = {"Table": {"CatalogId": catalog, "DatabaseName": spot.database, "Name": spot.table}}
            asked = tried(lambda named=named: walk(catalog, Resource=named))  # type: ignore[misc]
            seen += [] if isinstance(asked, Unreadable) else [asked]
    return tuple(dict.fromkeys(row for rows in seen for row in rows)) if seen else found


def _read_row(row: Mapping[str, Any], catalog: str, wanted: Collection[tuple[str, str | None]]) -> Iterator[Grant]:
    principal = canonical(row["Principal"]["DataLakePrincipalIdentifier"])
    permissions = frozenset(row["Permissions"])
    grantable = frozenset(row.get("PermissionsWithGrantOption", ()))
    resource = row["Resource"]
    # Rows that AWS makes by itself, such as a new database's, name nobody.
    by = (row.get("LastUpdatedBy") or "::::").split(":")[4]
    if "LFTagPolicy" in resource:
        yield from _by_tags(resource["LFTagPolicy"], catalog, Grant(principal, permissions, grantable, by=by))
        return
    found = _located(resource, catalog)
    if found is None:
        return
    owner, database, table, columns, excluded, filter_name = found
    if owner != catalog or (
        (database, table) not in wanted and not (table == ALL_TABLES and (database, None) in wanted)
    ):
        return
    yield Grant(principal, permissions, grantable, database, table, columns, excluded, filter_name, by=by)


def _located(
    resource: Mapping[str, Any], catalog: str
) -> tuple[str, str, str | None, frozenset[str] | None, frozenset[str], str | None] | None:
    """Return (catalog, database, table, columns, columns left out, filter) of a resource; None for other kinds."""
    if "Database" in resource:
        spot = resource["Database"]
        return spot.get("CatalogId") or catalog, spot["Name"].lower(), None, None, frozenset(), None
    if "DataCellsFilter" in resource:
        spot = resource["DataCellsFilter"]
        owner = spot.get("TableCatalogId") or catalog
        return owner, spot["DatabaseName"].lower(), spot["TableName"].lower(), None, frozenset(), spot["Name"]
    spot = resource.get("Table") or resource.get("TableWithColumns")
    if spot is None:
        return None
    is_wildcard = "TableWildcard" in spot or spot.get("Name") == "ALL_TABLES"
    table = ALL_TABLES if is_wildcard else spot["Name"].lower()
    excluded = _lower((spot.get("ColumnWildcard") or {}).get("ExcludedColumnNames") or ())
    columns = _lower(spot["ColumnNames"]) if spot.get("ColumnNames") else None
    return spot.get("CatalogId") or catalog, spot["DatabaseName"].lower(), table, columns, excluded, None


def _by_tags(policy: Mapping[str, Any], catalog: str, row: Grant) -> Iterator[Grant]:
    if (policy.get("CatalogId") or catalog) != catalog:
        return
    expression = _expression(policy["Expression"]) if policy.get("Expression") else None
    yield replace(row, expression=expression, tagged=policy["ResourceType"], saved_as=policy.get("ExpressionName"))


def _expression(pairs: Collection[Mapping[str, Any]]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((each["TagKey"], frozenset(each["TagValues"])) for each in pairs)


def _with_saved(run: Run, place: Place, region: str, catalog: str, grants: Grants) -> Grants:
    """Return *grants* with the saved expressions in them read, as far as these show from *place*."""
    if isinstance(grants, Unreadable):
        return grants
    names = dict.fromkeys(row.saved_as for row in grants if row.saved_as and row.expression is None)

    def read(name: str) -> tuple[tuple[str, frozenset[str]], ...]:
        answer = run.aws.call(
            place.alias, region, "lakeformation", "get_lf_tag_expression", Name=name, CatalogId=catalog
        )
        return _expression(answer["Expression"])

    found = {name: tried(lambda name=name: read(name)) for name in names if name}  # type: ignore[misc]
    known = {name: each for name, each in found.items() if not isinstance(each, Unreadable)}
    return tuple(
        replace(row, expression=known[row.saved_as]) if row.expression is None and row.saved_as in known else row
        for row in grants
    )


def _lower(names: Collection[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _tags(run: Run, place: Place, spot: Spot) -> Tags | Unreadable:
    resource: dict[str, Any] = {"Database": {"CatalogId": spot.catalog, "Name": spot.database}}
    if spot.table:
        resource = {"Table": {"CatalogId": spot.catalog, "DatabaseName": spot.database, "Name": spot.table}}

    def read() -> Tags:
        answer = run.aws.call(
            place.alias, spot.region, "lakeformation", "get_resource_lf_tags", CatalogId=spot.catalog, Resource=resource
        )
        columns = {row["Name"].lower(): _pairs(row.get("LFTags", ())) for row in answer.get("LFTagsOnColumns", ())}
        return Tags(_pairs(answer.get("LFTagOnDatabase", ())), _pairs(answer.get("LFTagsOnTable", ())), columns)

    return tried_or(read, Tags(), "EntityNotFoundException")


def _pairs(rows: Collection[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    return {row["TagKey"]: frozenset(row["TagValues"]) for row in rows}


def _filters(run: Run, place: Place, spots: Collection[Spot]) -> dict[str, CellsFilter] | Unreadable:
    def read() -> dict[str, CellsFilter]:
        return {
            row["Name"]: CellsFilter(
                row["Name"],
                _lower(row["ColumnNames"]) if row.get("ColumnNames") else None,
                _lower((row.get("ColumnWildcard") or {}).get("ExcludedColumnNames") or ()),
                (row.get("RowFilter") or {}).get("FilterExpression", ""),
            )
            for spot in spots
            for row in run.aws.pages(
                place.alias,
                spot.region,
                "lakeformation",
                "list_data_cells_filter",
                "DataCellsFilters",
                Table={"CatalogId": spot.catalog, "DatabaseName": spot.database, "Name": spot.table},
            )
        }

    return tried(read)


def read_opt_ins(run: Run, place: Place, region: str, principals: Collection[str]) -> Mapping[str, OptIns] | Unreadable:
    """Return what each of *principals* is opted in to."""

    def read() -> dict[str, OptIns]:
        found: dict[str, set[tuple[str, str, str | None]]] = {principal: set() for principal in principals}
        for row in run.aws.pages(
            place.alias, region, "lakeformation", "list_lake_formation_opt_ins", "LakeFormationOptInsInfoList"
        ):
            principal, located = (
                row["Principal"]["DataLakePrincipalIdentifier"],
                _located(row["Resource"], place.account_id),
            )
            if located and principal in found:
                found[principal].add(located[:3])
        return {principal: frozenset(spots) for principal, spots in found.items()}

    return tried(read)
