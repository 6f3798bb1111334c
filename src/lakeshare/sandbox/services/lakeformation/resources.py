"""Lake Formation's Resource structure: what it names, and the structure for what was named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.grants import Right
from lakeshare.sandbox.services.lakeformation.keys import (
    ALL_TABLES,
    CatalogKey,
    DatabaseKey,
    FilterKey,
    Key,
    LocationKey,
    TableKey,
)

ALL_TABLES_NAME = "ALL_TABLES"
"""What a wildcard's table is called in answers (observed: terraform-provider-aws, lakeformation/filter.go)."""

_CATALOG_MEMBERS = {"Catalog": "Id", "DataCellsFilter": "TableCatalogId"}

RULE_ONE = rule(
    "lakeformation.resource.exactly-one",
    "A Resource names exactly one thing.",
    tag="inferred",
    source="botocore service model, lakeformation Resource",
)
RULE_NAMED = rule(
    "lakeformation.resource.name-or-wildcard",
    "A Table names a table or takes the TableWildcard; a TableWithColumns lists columns or takes the ColumnWildcard.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_TableResource.html",
)
RULE_HERE = rule(
    "lakeformation.resource.in-sandbox",
    "This sandbox grants on catalogs, databases, tables, columns, data filters and locations; tags are not in it.",
    tag="inferred",
    source="a limit of the sandbox, not of AWS",
)


@dataclass(frozen=True, slots=True)
class Named:
    """
    What a Resource names: a thing in a catalog, and for TableWithColumns the columns.

    ``columns`` is None for all of them; ``excluded`` are the exceptions of a ColumnWildcard.
    """

    place: Place
    key: Key
    is_columns: bool = False
    columns: tuple[str, ...] | None = None
    excluded: frozenset[str] = frozenset()

    def rights(self, permissions: Iterable[str]) -> list[Right]:
        """Return *permissions* on what is named, one per column where columns are listed."""
        if self.columns is not None:
            return [Right(permission, column) for permission in permissions for column in self.columns]
        return [Right(permission, excluded=self.excluded) for permission in permissions]


def named(resource: Mapping[str, Any], catalog: str, region: str) -> Named:
    """Return what *resource* names; *catalog* is the account whose catalog is meant where it names none."""
    if len(resource) != 1:
        raise RULE_ONE.refuse("InvalidInputException", "Resource must have exactly one of the fields set.")
    (member, value), *_ = resource.items()
    catalog = value.get(_CATALOG_MEMBERS.get(member, "CatalogId")) or catalog
    place = Place(catalog, region)
    match member:
        case "Catalog":
            account, _, nested = catalog.partition(":")
            return Named(Place(account, region), CatalogKey(nested.lower()))
        case "Database":
            return Named(place, DatabaseKey(value["Name"].lower()))
        case "Table":
            return Named(place, TableKey(value["DatabaseName"].lower(), _table_name(value)))
        case "TableWithColumns":
            return _with_columns(place, value)
        case "DataCellsFilter":
            if not all(value.get(name) for name in ("DatabaseName", "TableName", "Name")):
                message = "DataCellsFilter resource must have a DatabaseName, a TableName and a Name."
                raise RULE_NAMED.refuse("InvalidInputException", message)
            return Named(place, FilterKey(value["DatabaseName"].lower(), value["TableName"].lower(), value["Name"]))
        case "DataLocation":
            return Named(place, LocationKey(value["ResourceArn"]))
        case _:
            raise RULE_HERE.refuse("InvalidInputException", f"{member} is not supported by this sandbox.")


def resource_for(place: Place, key: Key) -> dict[str, Any]:
    """Return the structure that names a thing as a whole; CatalogId is always filled in (observed, as above)."""
    match key:
        case CatalogKey(name):
            return {"Catalog": {"Id": f"{place.account}:{name}" if name else place.account}}
        case DatabaseKey(database):
            return {"Database": {"CatalogId": place.account, "Name": database}}
        case TableKey(database, table):
            table_part = {"CatalogId": place.account, "DatabaseName": database}
            if key.is_wildcard:
                return {"Table": {**table_part, "Name": ALL_TABLES_NAME, "TableWildcard": {}}}
            return {"Table": {**table_part, "Name": table}}
        case FilterKey(database, table, name):
            part = {"TableCatalogId": place.account, "DatabaseName": database, "TableName": table, "Name": name}
            return {"DataCellsFilter": part}
        case LocationKey(arn):
            return {"DataLocation": {"CatalogId": place.account, "ResourceArn": arn}}


def columns_for(place: Place, key: TableKey, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the structure for some columns of a table; *columns* is its ColumnNames or ColumnWildcard member."""
    name = ALL_TABLES_NAME if key.is_wildcard else key.table
    named_part = {"CatalogId": place.account, "DatabaseName": key.database, "Name": name}
    return {"TableWithColumns": {**named_part, **columns}}


def _table_name(value: Mapping[str, Any]) -> str:
    name = value.get("Name")
    if name == ALL_TABLES_NAME or (name is None and "TableWildcard" in value):
        return ALL_TABLES
    if name is None or "TableWildcard" in value:
        raise RULE_NAMED.refuse("InvalidInputException", "Table resource must have either a Name or a TableWildcard.")
    return str(name).lower()


def _with_columns(place: Place, value: Mapping[str, Any]) -> Named:
    key = TableKey(value["DatabaseName"].lower(), _table_name({"Name": value["Name"]}))
    names, wildcard = value.get("ColumnNames"), value.get("ColumnWildcard")
    if (names is None) == (wildcard is None) or names == []:
        message = "TableWithColumns resource must have either ColumnNames or a ColumnWildcard."
        raise RULE_NAMED.refuse("InvalidInputException", message)
    if key.is_wildcard and (names or (wildcard or {}).get("ExcludedColumnNames")):
        raise RULE_NAMED.refuse("InvalidInputException", "Columns can be listed for one table only, not for all.")
    if names is not None:
        return Named(place, key, is_columns=True, columns=tuple(name.lower() for name in names))
    assert wildcard is not None
    excluded = frozenset(name.lower() for name in wildcard.get("ExcludedColumnNames", []))
    return Named(place, key, is_columns=True, excluded=excluded)
