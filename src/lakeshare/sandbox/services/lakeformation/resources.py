"""Lake Formation's Resource structure: what it names, and the structure for what was named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import matrix
from lakeshare.sandbox.services.lakeformation.grants import Right
from lakeshare.sandbox.services.lakeformation.keys import (
    ALL_TABLES,
    ANY_VALUE,
    CatalogKey,
    DatabaseKey,
    ExpressionKey,
    FilterKey,
    Key,
    LocationKey,
    PolicyKey,
    TableKey,
    TagKey,
)
from lakeshare.sandbox.services.lakeformation.tag_structures import read_policy, read_values, shown_policy

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
    "This sandbox grants on catalogs, databases, tables, columns, data filters, locations and LF-tags, and by LF-tags; "
    "row-level policies, functions and whatever a principal's attributes match are not in it.",
    tag="inferred",
    source="a limit of the sandbox, not of AWS",
)


@dataclass(frozen=True, slots=True)
class Named:
    """
    What a Resource names: a thing in a catalog, for TableWithColumns the columns, and for an LFTag its values.

    ``columns`` (the values of a tag) is None for all of them; ``excluded`` are the exceptions of a ColumnWildcard.
    """

    place: Place
    key: Key
    is_columns: bool = False
    columns: tuple[str, ...] | None = None
    excluded: frozenset[str] = frozenset()

    def rights(self, permissions: Iterable[str]) -> list[Right]:
        """Return *permissions* on what is named, one per column or value where those are listed."""
        if isinstance(self.key, TagKey):
            whole = [Right(permission) for permission in permissions if permission in matrix.OF_TAG]
            of_values = [permission for permission in permissions if permission not in matrix.OF_TAG]
            return whole + [Right(permission, value) for permission in of_values for value in self.columns or (None,)]
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
    if member == "Catalog":
        account, _, nested = catalog.partition(":")
        return Named(Place(account, region), CatalogKey(nested.lower()))
    if member == "TableWithColumns":
        return _with_columns(place, value)
    if member == "LFTag":
        return Named(place, TagKey(value["TagKey"].lower()), columns=read_values(value["TagValues"]))
    return Named(place, _key(member, value))


def resource_for(place: Place, key: Key) -> dict[str, Any]:
    """Return the structure that names a thing as a whole; CatalogId is always filled in (observed, as above)."""
    catalog = {"CatalogId": place.account}
    match key:
        case CatalogKey(name):
            shown: dict[str, Any] = {"Catalog": {"Id": f"{place.account}:{name}" if name else place.account}}
        case DatabaseKey(database):
            shown = {"Database": {**catalog, "Name": database}}
        case TableKey(database, table):
            named_part = {"Name": ALL_TABLES_NAME, "TableWildcard": {}} if key.is_wildcard else {"Name": table}
            shown = {"Table": {**catalog, "DatabaseName": database, **named_part}}
        case FilterKey(database, table, name):
            part = {"TableCatalogId": place.account, "DatabaseName": database, "TableName": table, "Name": name}
            shown = {"DataCellsFilter": part}
        case LocationKey(arn):
            shown = {"DataLocation": {**catalog, "ResourceArn": arn}}
        case TagKey(tag):
            shown = {"LFTag": {**catalog, "TagKey": tag, "TagValues": [ANY_VALUE]}}
        case ExpressionKey(name):
            shown = {"LFTagExpression": {**catalog, "Name": name}}
        case PolicyKey():
            shown = shown_policy(place, key)
    return shown


def values_for(place: Place, key: TagKey, values: Iterable[str]) -> dict[str, Any]:
    """Return the structure for some values of an LF-tag."""
    return {"LFTag": {"CatalogId": place.account, "TagKey": key.tag, "TagValues": sorted(values)}}


def columns_for(place: Place, key: TableKey, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the structure for some columns of a table; *columns* is its ColumnNames or ColumnWildcard member."""
    name = ALL_TABLES_NAME if key.is_wildcard else key.table
    named_part = {"CatalogId": place.account, "DatabaseName": key.database, "Name": name}
    return {"TableWithColumns": {**named_part, **columns}}


def _key(member: str, value: Mapping[str, Any]) -> Key:
    """Return what a member of a Resource names as a whole."""
    match member:
        case "Database":
            key: Key = DatabaseKey(value["Name"].lower())
        case "Table":
            key = TableKey(value["DatabaseName"].lower(), _table_name(value))
        case "DataCellsFilter":
            if not all(value.get(name) for name in ("DatabaseName", "TableName", "Name")):
                message = "DataCellsFilter resource must have a DatabaseName, a TableName and a Name."
                raise RULE_NAMED.refuse("InvalidInputException", message)
            key = FilterKey(value["DatabaseName"].lower(), value["TableName"].lower(), value["Name"])
        case "DataLocation":
            key = LocationKey(value["ResourceArn"])
        case "LFTagExpression":
            key = ExpressionKey(value["Name"])
        case "LFTagPolicy":
            key = read_policy(value)
        case _:
            raise RULE_HERE.refuse("InvalidInputException", f"{member} is not supported by this sandbox.")
    return key


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
