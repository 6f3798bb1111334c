"""CreateDataCellsFilter and its companions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place, Table
from lakeshare.sandbox.services.lakeformation import access, authority, effective, row_expressions
from lakeshare.sandbox.services.lakeformation.cells import CellsFilter, CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Right
from lakeshare.sandbox.services.lakeformation.keys import FilterKey, TableKey
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.settings import Settings

RULE_ONCE = rule(
    "lakeformation.filter.once",
    "A table has one data filter of a name.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateDataCellsFilter.html",
)
RULE_EXISTS = rule(
    "lakeformation.filter.exists",
    "Only a data filter that exists can be read, changed, deleted or granted.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetDataCellsFilter.html",
)
RULE_TABLE = rule(
    "lakeformation.filter.on-tables",
    "Data filters are made on tables, not on resource links or views.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html; the message is ours",
)
RULE_SHAPE = rule(
    "lakeformation.filter.columns-and-rows",
    "A data filter lists columns of the table or takes the ColumnWildcard, and has a row filter or takes all rows; it "
    "cannot leave out a partition key.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DataCellsFilter.html; "
    "lake-formation/latest/dg/data-filtering-notes.html; the messages are ours",
)
RULE_VERSION = rule(
    "lakeformation.filter.version",
    "An update that names a version changes that one or nothing.",
    tag="inferred",
    source="botocore service model, lakeformation UpdateDataCellsFilter (ConcurrentModificationException)",
)
RULE_MAY = rule(
    "lakeformation.filter.who-may",
    "Data filters are made by data lake administrators and by holders of SELECT with the grant option on the whole "
    "table; dropped also by holders of DROP on the filter, read by holders of anything on it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/managing-filters.html; the message is observed",
)


def create_data_cells_filter(call: Call) -> Mapping[str, Any]:
    """Answer CreateDataCellsFilter."""
    given = call.params["TableData"]
    place, key = _named(call, given)
    table = _table(call, place, key)
    _check_may_make(call, place, key)
    filters = call.world.store(CellsFilters).on(place, key.of)
    if key.name in filters:
        raise RULE_ONCE.refuse("AlreadyExistsException", f"Data cells filter {key.name} already exists.")
    filters[key.name] = _described(given, key, table)
    return {}


def update_data_cells_filter(call: Call) -> Mapping[str, Any]:
    """Answer UpdateDataCellsFilter."""
    given = call.params["TableData"]
    place, key = _named(call, given)
    table = _table(call, place, key)
    found = _found(call, place, key)
    _check_may_make(call, place, key)
    if given.get("VersionId") not in {None, found.version}:
        message = f"Data cells filter {key.name} is at another version than {given['VersionId']}."
        raise RULE_VERSION.refuse("ConcurrentModificationException", message)
    call.world.store(CellsFilters).on(place, key.of)[key.name] = _described(given, key, table)
    return {}


def get_data_cells_filter(call: Call) -> Mapping[str, Any]:
    """Answer GetDataCellsFilter."""
    place, key = _named(call, call.params)
    found = _found(call, place, key)
    if not _may_see(call, place, key):
        raise authority.not_authorised()
    return {"DataCellsFilter": _answer(place, found)}


def delete_data_cells_filter(call: Call) -> Mapping[str, Any]:
    """Answer DeleteDataCellsFilter; what was granted on it goes with it."""
    place, key = _named(call, call.params)
    _found(call, place, key)
    if "DROP" not in effective.permissions(call.world, call.caller, place, key):
        _check_may_make(call, place, key)
    del call.world.store(CellsFilters).on(place, key.of)[key.name]
    call.world.store(Grants).forget(place, key)
    return {}


def list_data_cells_filter(call: Call) -> Mapping[str, Any]:
    """Answer ListDataCellsFilter: those on one table, or all that the caller may see."""
    found, token = page(
        _listed(call),
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=1000,
        refusal=invalid_token,
    )
    return with_token({"DataCellsFilters": [_answer(place, each) for place, each in found]}, token)


def _listed(call: Call) -> Iterator[tuple[Place, CellsFilter]]:
    asked = call.params.get("Table") or {}
    place = Place(asked.get("CatalogId") or call.caller.account, call.region)
    filters = call.world.store(CellsFilters)
    if "Name" in asked:
        key = TableKey(asked["DatabaseName"].lower(), asked["Name"].lower())
        access.find_table(call.world, place, key.database, key.table)
        there = iter(filters.on(place, key).values())
    else:
        there = filters.of(place)
    for each in there:
        is_asked_for = not asked or each.key.database == asked["DatabaseName"].lower()
        if is_asked_for and _may_see(call, place, each.key):
            yield place, each


def _named(call: Call, given: Mapping[str, Any]) -> tuple[Place, FilterKey]:
    missing = [name for name in ("DatabaseName", "TableName", "Name") if not given.get(name)]
    if missing:
        raise RULE_SHAPE.refuse("InvalidInputException", f"{', '.join(missing)} must be given.")
    place = Place(given.get("TableCatalogId") or call.caller.account, call.region)
    return place, FilterKey(given["DatabaseName"].lower(), given["TableName"].lower(), given["Name"])


def _found(call: Call, place: Place, key: FilterKey) -> CellsFilter:
    found = call.world.store(CellsFilters).named(place, key)
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", f"Data cells filter {key.name} not found.")
    return found


def _table(call: Call, place: Place, key: FilterKey) -> Table:
    kind = effective.kind_of(call.world, place, key.of)
    if kind not in {None, "table"}:
        message = f"Data cells filters cannot be created on a {kind}."
        raise RULE_TABLE.refuse("InvalidInputException", message)
    return access.find_table(call.world, place, key.database, key.table)


def _check_may_make(call: Call, place: Place, key: FilterKey) -> None:
    home = Place(call.caller.account, call.region)
    is_admin = call.world.store(Settings).is_admin(home, call.caller.principal_arn)
    if is_admin and place == home:
        return
    whole = Right("SELECT")
    passes_on = effective.account_passes_on(call.world, place, key.of, call.caller.account, whole)
    if is_admin and passes_on:
        return
    if not effective.may_pass_on(call.world, call.caller, place, key.of, whole):
        message = f"Insufficient Lake Formation permission(s): Required Select With Grant Option on {key.table}"
        raise RULE_MAY.refuse("AccessDeniedException", message)


def _may_see(call: Call, place: Place, key: FilterKey) -> bool:
    if effective.permissions(call.world, call.caller, place, key):
        return True
    return effective.may_pass_on(call.world, call.caller, place, key.of, Right("SELECT"))


def _described(given: Mapping[str, Any], key: FilterKey, table: Table) -> CellsFilter:
    """Return the filter that was asked for, or refuse one that does not fit its table."""
    columns = {name.lower(): of for name, of in table.columns}
    keys = {name.lower(): of for name, of in table.partition_keys}
    names, wildcard = given.get("ColumnNames"), given.get("ColumnWildcard")
    if (names is None) == (wildcard is None) or names == []:
        raise RULE_SHAPE.refuse("InvalidInputException", "Either ColumnNames or a ColumnWildcard must be given.")
    listed = tuple(name.lower() for name in names) if names is not None else None
    excluded = frozenset(name.lower() for name in (wildcard or {}).get("ExcludedColumnNames", []))
    asked = [name.partition(".")[0] for name in (*(listed or ()), *excluded)]
    if unknown := sorted(set(asked) - columns.keys() - keys.keys()):
        raise RULE_SHAPE.refuse("InvalidInputException", f"The table has no column {', '.join(unknown)}.")
    if left_out := sorted(excluded & keys.keys()):
        message = f"Partition key columns cannot be excluded: {', '.join(left_out)}"
        raise RULE_SHAPE.refuse("InvalidInputException", message)
    expression = _row_filter(given.get("RowFilter") or {})
    if expression is not None:
        row_expressions.check(expression, columns, keys)
    return CellsFilter(key, expression, listed, excluded, str(uuid.uuid4()))


def _row_filter(given: Mapping[str, Any]) -> str | None:
    """Return the row filter's expression, None for all rows."""
    has_expression, has_wildcard = bool(given.get("FilterExpression")), "AllRowsWildcard" in given
    if has_expression == has_wildcard:
        message = "A RowFilter must have either a FilterExpression or the AllRowsWildcard."
        raise RULE_SHAPE.refuse("InvalidInputException", message)
    expression: str | None = given.get("FilterExpression")
    # What the console calls all rows (documented: data-filters-about.html).
    return None if expression is None or expression.strip().lower() == "true" else expression


def _answer(place: Place, found: CellsFilter) -> dict[str, Any]:
    rows: dict[str, Any] = {"FilterExpression": found.expression} if found.expression else {}
    answer = {
        "TableCatalogId": place.account,
        "DatabaseName": found.key.database,
        "TableName": found.key.table,
        "Name": found.key.name,
        "RowFilter": rows or {"FilterExpression": "TRUE", "AllRowsWildcard": {}},
        "VersionId": found.version,
    }
    if found.columns is not None:
        return answer | {"ColumnNames": list(found.columns)}
    return answer | {"ColumnWildcard": {"ExcludedColumnNames": sorted(found.excluded)}}


OPERATIONS: Operations = {
    "CreateDataCellsFilter": create_data_cells_filter,
    "GetDataCellsFilter": get_data_cells_filter,
    "UpdateDataCellsFilter": update_data_cells_filter,
    "DeleteDataCellsFilter": delete_data_cells_filter,
    "ListDataCellsFilter": list_data_cells_filter,
}
