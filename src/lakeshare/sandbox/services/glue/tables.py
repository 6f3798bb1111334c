"""Tables and table links: making, changing and deleting them. What reads them is in ``reading``."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue import links, reading
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Place, Table
from lakeshare.sandbox.services.glue.reach import (
    grant_defaults,
    home_of_tables,
    place_of,
    target_of,
    visible_database,
    visible_table,
)
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, TableKey
from lakeshare.sandbox.services.lakeformation.registrations import Locations
from lakeshare.sandbox.services.lakeformation.revoking import forget_table
from lakeshare.sandbox.services.lakeformation.tags import Tags

RULE_ONCE = rule(
    "glue.table.once",
    "A database has one table of a name; names fold to lower case.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html",
)
RULE_INPUT = rule(
    "glue.table.input",
    "A table is made and changed as a TableInput describes it; open table formats by themselves are not in here.",
    tag="inferred",
    source="botocore service model, glue CreateTableRequest (TableInput is not required any more); the message is ours",
)
RULE_LINK_IN_LINK = rule(
    "glue.link.unsupported-in-link",
    "A table link cannot be made, changed or written through a database link.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-glue-apis.html; the message is ours",
)
RULE_TARGET = rule(
    "glue.link.target-complete",
    "A table link says which table of which database it leads to.",
    tag="inferred",
    source="botocore service model, glue TableIdentifier; the message is ours",
)
RULE_VERSION = rule(
    "glue.table.current-version",
    "An update that names a version names the current one.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html",
)
RULE_LOCATION = rule(
    "glue.table.data-location",
    "A table at a registered place takes DATA_LOCATION_ACCESS on it, unless its database's own location is registered "
    "and holds it; data lake administrators have it everywhere.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html; "
    "hybrid-access-mode.html; the wording is observed",
)


def create_table(call: Call) -> Mapping[str, Any]:
    """
    Answer CreateTable, of a link where the input has a TargetTable, which need not exist.

    Through a database link it makes the table in the target database.
    """
    given = _input(call)
    place, name, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    if (target := given.get("TargetTable")) is not None:
        given = _checked_link(call, given, target, through_link=through_link)
    elif "IcebergInput" in call.params.get("OpenTableFormatInput", {}):
        # Observed: such a table says of itself that it is Iceberg's.
        given = {**given, "Parameters": {**given.get("Parameters", {}), "table_type": "ICEBERG"}}
    database = visible_database(call, place, name)
    access.check(call.world, call.caller, place, DatabaseKey(name), "CREATE_TABLE")
    _check_location(call, place, database, given.get("StorageDescriptor", {}).get("Location", ""))
    catalogs, caller = call.world.store(Catalogs), call.caller
    if catalogs.table(place, name, given["Name"]):
        raise RULE_ONCE.refuse("AlreadyExistsException", "Table already exists.")
    made = catalogs.create_table(
        place.account, place.region, name, given, creator=caller.principal_arn, created_by=caller.arn
    )
    made.indexes.extend(deepcopy(call.params.get("PartitionIndexes", [])))
    grant_defaults(call, place, TableKey(name, made.name), database.definition.get("CreateTableDefaultPermissions", []))
    return {}


def check_creation(call: Call, database: str, location: str) -> None:
    """Refuse a caller that may not make a table at *location* in a database of its own catalog."""
    place, name, _ = home_of_tables(call, place_of(call), database)
    home = visible_database(call, place, name)
    access.check(call.world, call.caller, place, DatabaseKey(name), "CREATE_TABLE")
    _check_location(call, place, home, location)


def update_table(call: Call) -> Mapping[str, Any]:
    """Answer UpdateTable, which through a link of either kind changes the target, and fails through both."""
    given = _input(call)
    place, name, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    if "TargetTable" in given:
        raise links.not_repointed()
    place, table = real_table(call, place, name, given["Name"], through_link=through_link)
    access.check(call.world, call.caller, place, TableKey(table.database, table.name), "ALTER")
    if call.params.get("VersionId", str(len(table.former))) != str(len(table.former)):
        message = f"The table {table.name} was changed since version {call.params['VersionId']}."
        raise RULE_VERSION.refuse("ConcurrentModificationException", message)
    location = given.get("StorageDescriptor", {}).get("Location", "")
    if location != table.definition.get("StorageDescriptor", {}).get("Location", ""):
        _check_location(call, place, access.find_database(call.world, place, table.database), location)
    if call.params.get("SkipArchive"):
        table.forgotten.add(len(table.former))
    table.former.append((table.updated_at, table.definition))
    table.definition = {**deepcopy(given), "Name": table.name}
    table.updated_at = call.world.clock.now()
    columns = [name.lower() for name, _ in (*table.columns, *table.partition_keys)]
    call.world.store(Tags).keep_columns(place, TableKey(table.database, table.name), columns)
    return {}


def delete_table(call: Call) -> Mapping[str, Any]:
    """Answer DeleteTable: of a link, the link alone; through a database link, the target's real table."""
    place, database, _ = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    _delete(call, place, database, call.params["Name"])
    return {}


def batch_delete_table(call: Call) -> Mapping[str, Any]:
    """Answer BatchDeleteTable: each as DeleteTable, with those that failed in the answer."""
    place, database, _ = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    errors = []
    for name in call.params["TablesToDelete"]:
        try:
            _delete(call, place, database, name)
        except ServiceError as error:
            reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": reason})
    return {"Errors": errors}


def delete_table_version(call: Call) -> Mapping[str, Any]:
    """Answer DeleteTableVersion: of a former version; the current one stays."""
    _delete_version(_versioned(call), call.params["VersionId"])
    return {}


def batch_delete_table_version(call: Call) -> Mapping[str, Any]:
    """Answer BatchDeleteTableVersion, with those that failed in the answer."""
    table = _versioned(call)
    errors = []
    for version in call.params["VersionIds"]:
        try:
            _delete_version(table, version)
        except ServiceError as error:
            reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": reason})
    return {"Errors": errors}


def real_table(call: Call, place: Place, database: str, name: str, *, through_link: bool) -> tuple[Place, Table]:
    """Return the table that a call means to write to: a table link is followed, but not after a database link."""
    table = visible_table(call, place, database, name, "DESCRIBE")
    if table.target is None:
        return place, table
    if through_link:
        message = f"Table {table.name} is a resource link inside a resource link, which is not supported."
        raise RULE_LINK_IN_LINK.refuse("InvalidInputException", message)
    target = target_of(call, place, table)
    if target is None:
        raise access.insufficient(TableKey(table.database, table.name), "ALTER")
    return target


def _check_location(call: Call, place: Place, database: Database, location: str) -> None:
    """Refuse a table at a registered place for which the caller has no data location permission."""
    if not location or access.may_point_to(call.world, call.caller, place, location):
        return
    home = str(database.definition.get("LocationUri", ""))
    if home and location.startswith(home.rstrip("/") + "/") and call.world.store(Locations).governing(place, home):
        return
    message = f"Insufficient Lake Formation permission(s) on {location}"
    raise RULE_LOCATION.refuse("AccessDeniedException", message)


def _checked_link(
    call: Call, given: dict[str, Any], target: Mapping[str, Any], *, through_link: bool
) -> dict[str, Any]:
    """Return what is stored of a new link; refuse one in a link, without a target, or with a schema of its own."""
    if through_link:
        message = "Creating a resource link inside a resource link is not supported."
        raise RULE_LINK_IN_LINK.refuse("InvalidInputException", message)
    if not target.get("DatabaseName") or not target.get("Name"):
        raise RULE_TARGET.refuse("InvalidInputException", "TargetTable must name a database and a table.")
    return links.bare(call.world, given, links.NOT_ON_TABLE_LINKS)


def _input(call: Call) -> dict[str, Any]:
    given: dict[str, Any] | None = call.params.get("TableInput")
    if given is None:
        raise RULE_INPUT.refuse("InvalidInputException", "TableInput must be given.")
    return given


def _versioned(call: Call) -> Table:
    """Return the table whose versions the call deletes, which takes ALTER on it (inferred)."""
    place, name, through_link = home_of_tables(call, place_of(call), call.params["DatabaseName"])
    place, table = real_table(call, place, name, call.params["TableName"], through_link=through_link)
    access.check(call.world, call.caller, place, TableKey(table.database, table.name), "ALTER")
    return table


def _delete_version(table: Table, version: str) -> None:
    number = int(reading.check_version(version))
    if number >= len(table.former) or number in table.forgotten:
        raise reading.no_version()
    table.forgotten.add(number)


def _delete(call: Call, place: Place, database: str, name: str) -> None:
    table = visible_table(call, place, database, name, "DROP")
    call.world.store(Catalogs).delete_table(place, database, table.name)
    forget_table(call.world, place, TableKey(database, table.name))


OPERATIONS: Operations = {
    "CreateTable": create_table,
    "UpdateTable": update_table,
    "DeleteTable": delete_table,
    "BatchDeleteTable": batch_delete_table,
    "DeleteTableVersion": delete_table_version,
    "BatchDeleteTableVersion": batch_delete_table_version,
    **reading.OPERATIONS,
}
