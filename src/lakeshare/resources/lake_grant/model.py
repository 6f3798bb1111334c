"""One permission of one principal on one thing in a Lake Formation catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from sys import intern
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import PlainSerializer

from lakeshare.resources.values import Addressed, KnownAfter, Place, not_compared

Permission: TypeAlias = Literal["SELECT", "DESCRIBE", "CREATE_TABLE"]

Columns: TypeAlias = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""Written in order: a set's own order changes from run to run, and a plan file must not."""

IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"


@dataclass(frozen=True, slots=True)
class LakeGrant(Addressed):
    """
    A single-permission grant, the unit in which Lake Formation's rows are compared.

    ``catalog`` is the account that owns the object; ``owner`` is what the address calls a foreign one, since its id may
    be unknown when planning (empty for the own catalog). ``table`` is None for a grant on the database itself.
    ``columns`` restricts SELECT, by inclusion: Athena honours nothing else (documented). None is the whole table.
    ``share_arns`` are the RAM shares that a grant to another account travels on.
    """

    place: Place
    principal: str
    permission: Permission
    catalog: str | KnownAfter
    owner: str
    database: str
    table: str | None = None
    columns: Columns | None = None
    grantable: bool = False
    depends_on: tuple[str, ...] = not_compared(())
    share_arns: tuple[str, ...] | None = not_compared(None)

    kind: ClassVar[str] = "lake_grant"

    def _spelt_out(self) -> str:
        """``consumer/eu-west-2/grant:role/analyst/SELECT/connect:connect_datalake.contact_record``."""
        who = self.principal.split(":", 5)[-1] if self.principal.startswith("arn:") else self.principal
        return f"{self.place}/grant:{who}/{self.permission}/{self.thing}"

    @property
    def thing(self) -> str:
        """What it is a grant on, in words short enough for a line of a plan."""
        name = f"{self.database}.{self.table}" if self.table else self.database
        return f"{self.owner}:{name}" if self.owner else name

    @property
    def is_to_account(self) -> bool:
        """Whether the grantee is a whole account rather than somebody in this one."""
        return self.principal.isdecimal()

    def takes_from(self, held: LakeGrant) -> bool:
        """Tell whether columns go when *held* becomes this grant."""
        if self.columns is None:
            return False
        return held.columns is None or bool(held.columns - self.columns)

    def resource_of(self, columns: frozenset[str] | None) -> dict[str, Any]:
        """Return the Resource structure of an API call about this grant, for *columns* of the table."""
        if self.table is None:
            return {"Database": {"CatalogId": self.catalog, "Name": self.database}}
        table = {"CatalogId": self.catalog, "DatabaseName": self.database, "Name": self.table}
        if columns is None:
            return {"Table": table}
        return {"TableWithColumns": {**table, "ColumnNames": sorted(columns)}}


def our_part(mine: LakeGrant, observed: LakeGrant) -> LakeGrant:
    """Return what of *observed*, which adds up everybody's grants, is *mine*: my columns, and my grant option."""
    return replace(observed, columns=mine.columns, grantable=mine.grantable)


@dataclass(slots=True)
class Held:
    """
    What one principal holds of one permission on one object, added up over all rows that say so.

    ``all_but`` are the columns that a row on all columns leaves out, None where there is no such row.
    """

    is_whole: bool = False
    is_grantable: bool = False
    columns: frozenset[str] = frozenset()
    share_arns: tuple[str, ...] = ()
    all_but: frozenset[str] | None = None

    def covers(self, column: str) -> bool:
        """Tell whether *column* is among what is held."""
        return self.is_whole or column in self.columns or (self.all_but is not None and column not in self.all_but)


Key: TypeAlias = tuple[str, str, str, str | None, str]
"""(principal, catalog, database, table, permission); the table is ``*`` for all tables, None for the database."""

ALL_TABLES = "*"


def add_row(held: dict[Key, Held], row: Mapping[str, Any]) -> None:
    """
    Add one row of ListPermissions to *held*.

    AWS hands SELECT on a table back as TableWithColumns with a wildcard, and wildcards under the name ALL_TABLES
    (observed: Terraform's acceptance tests); both shapes end up under one key here. A million rows name few readers and
    tables, so each name is kept once.
    """
    located = _locate(row["Resource"])
    if located is None:
        return
    catalog, database, table, columns, excluded = located
    principal = intern(row["Principal"]["DataLakePrincipalIdentifier"])
    grantable = set(row.get("PermissionsWithGrantOption", ()))
    shares = tuple((row.get("AdditionalDetails") or {}).get("ResourceShare", ()))
    for permission in row["Permissions"]:
        key = (principal, intern(catalog), intern(database), table and intern(table), intern(permission))
        spot = held.get(key)
        if spot is None:
            spot = held[key] = Held()
        if excluded:
            spot.all_but = excluded if spot.all_but is None else spot.all_but & excluded
        elif columns is None:
            spot.is_whole = True
        else:
            spot.columns |= columns
        spot.is_grantable |= permission in grantable
        if shares:
            spot.share_arns = tuple(dict.fromkeys((*spot.share_arns, *shares)))


def _locate(
    resource: Mapping[str, Any],
) -> tuple[str, str, str | None, frozenset[str] | None, frozenset[str]] | None:
    """Return (catalog, database, table, columns, columns left out) of a resource; None for kinds without tables."""
    if "Database" in resource:
        spot = resource["Database"]
        return spot["CatalogId"], spot["Name"], None, None, frozenset()
    spot = resource.get("Table") or resource.get("TableWithColumns")
    if spot is None:
        return None
    is_wildcard = "TableWildcard" in spot or spot.get("Name") == "ALL_TABLES"
    table = ALL_TABLES if is_wildcard else spot["Name"]
    # Exclusions cannot be turned into a list of columns without the schema: such a row grants nothing we rely on.
    excluded = frozenset((spot.get("ColumnWildcard") or {}).get("ExcludedColumnNames") or ())
    columns = frozenset(spot["ColumnNames"]) if spot.get("ColumnNames") else None
    return spot["CatalogId"], spot["DatabaseName"], table, columns, excluded
