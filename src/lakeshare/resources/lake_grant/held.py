"""Lake Formation's rows in one canonical form: who holds which single permission on what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any, TypeAlias

from lakeshare.resources.lake_grant.model import ALL_TABLES, IAM_ALLOWED_PRINCIPALS, LakeGrant, Parts


@dataclass(slots=True)
class Held:
    """
    What one principal holds of one permission on one object, added up over all rows that say so.

    ``all_but`` are the columns that a row on all columns leaves out, None where there is no such row. ``is_grantable``
    is about the whole, ``grantable_columns`` about single columns: an option on one row says nothing of another.
    """

    is_whole: bool = False
    is_grantable: bool = False
    columns: frozenset[str] = frozenset()
    share_arns: tuple[str, ...] = ()
    all_but: frozenset[str] | None = None
    grantable_columns: frozenset[str] = frozenset()

    def covers(self, column: str) -> bool:
        """Tell whether *column* is among what is held."""
        name = column.lower()
        return self.is_whole or name in self.columns or (self.all_but is not None and name not in self.all_but)

    def is_beyond(self, parts: Parts) -> bool:
        """Tell whether there is more than *parts*, whose columns may be spelt in any case."""
        ours = Parts(is_whole=parts.is_whole, columns=_folded(parts.columns))
        return self.all_but is not None or bool(Parts(is_whole=self.is_whole, columns=self.columns) - ours)

    def add(self, columns: frozenset[str] | None, excluded: frozenset[str], *, grantable: bool) -> None:
        """Add a row: on all columns but the *excluded* ones, or on *columns*."""
        if columns is not None:
            self.columns |= columns
            if grantable:
                self.grantable_columns |= columns
        elif excluded:
            self.all_but = excluded if self.all_but is None else self.all_but & excluded
        else:
            self.is_whole = True
            self.is_grantable |= grantable


Key: TypeAlias = tuple[str, str, str, str | None, str]
"""
(principal, catalog, database, table, permission); the table is ``*`` for all tables, None for the database. Names are
in lower case, as Glue keeps them (documented).
"""

SUPER = "ALL"
AMOUNTS_TO: Mapping[bool, tuple[str, ...]] = {
    False: ("ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"),
    True: ("ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"),
}
"""
What Super on a database, and on a table, contains (documented). AWS lists all of it beside ALL (observed: Terraform's
acceptance tests); a list that did not would mean the same.
"""

_OPEN_GROUP = frozenset({"iamallowedprincipals", "everyone"})


def key_of(item: LakeGrant) -> Key:
    """Return where *item* is to be found among what is held. Its catalog must be known."""
    table = None if item.table is None else item.table.lower()
    return item.principal, str(item.catalog), item.database.lower(), table, item.permission


def canonical(principal: str) -> str:
    """
    Return *principal* under the one name that we use for it.

    The group for "IAM alone decides" goes by several: AWS's documents print IAM_Allowed_Principals, the console
    IAMAllowedPrincipals, the API IAM_ALLOWED_PRINCIPALS, and EVERYONE is echoed (observed: data.all issue 588).
    """
    if ":" in principal or principal.isdecimal():
        return principal
    return IAM_ALLOWED_PRINCIPALS if principal.replace("_", "").lower() in _OPEN_GROUP else principal


def add_row(held: dict[Key, Held], row: Mapping[str, Any], catalog: str = "") -> None:
    """
    Add one row of a ListPermissions on *catalog* to *held*.

    AWS hands SELECT on a table back as TableWithColumns with a wildcard, and wildcards under the name ALL_TABLES
    (observed: Terraform's acceptance tests); both shapes end up under one key here. Rows on anything but databases and
    tables (data cells filters, LF-tags, locations, the catalog) are no rights on a table, and are passed over. A
    million rows name few readers and tables, so each name is kept once.
    """
    located = _locate(row["Resource"], catalog)
    if located is None:
        return
    owner, database, table, columns, excluded = located
    principal = intern(canonical(row["Principal"]["DataLakePrincipalIdentifier"]))
    grantable = set(row.get("PermissionsWithGrantOption", ()))
    shares = tuple((row.get("AdditionalDetails") or {}).get("ResourceShare", ()))
    for permission in _expanded(row["Permissions"], principal, is_table=table is not None):
        key = (principal, intern(owner), intern(database), table and intern(table), intern(permission))
        spot = held.get(key)
        if spot is None:
            spot = held[key] = Held()
        spot.add(columns, excluded, grantable=not grantable.isdisjoint((permission, SUPER)))
        if shares:
            spot.share_arns = tuple(dict.fromkeys((*spot.share_arns, *shares)))


def _expanded(permissions: Sequence[str], principal: str, *, is_table: bool) -> Sequence[str]:
    if SUPER not in permissions or principal == IAM_ALLOWED_PRINCIPALS:
        return permissions
    return tuple(dict.fromkeys((*permissions, *AMOUNTS_TO[is_table])))


def _locate(
    resource: Mapping[str, Any], catalog: str
) -> tuple[str, str, str | None, frozenset[str] | None, frozenset[str]] | None:
    """Return (catalog, database, table, columns, columns left out) of a resource; None for kinds without tables."""
    if "Database" in resource:
        spot = resource["Database"]
        return spot.get("CatalogId") or catalog, spot["Name"].lower(), None, None, frozenset()
    spot = resource.get("Table") or resource.get("TableWithColumns")
    if spot is None:
        return None
    is_wildcard = "TableWildcard" in spot or spot.get("Name") == "ALL_TABLES"
    table = ALL_TABLES if is_wildcard else spot["Name"].lower()
    excluded = _folded((spot.get("ColumnWildcard") or {}).get("ExcludedColumnNames") or ())
    columns = _folded(spot["ColumnNames"]) if spot.get("ColumnNames") else None
    return spot.get("CatalogId") or catalog, spot["DatabaseName"].lower(), table, columns, excluded


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
