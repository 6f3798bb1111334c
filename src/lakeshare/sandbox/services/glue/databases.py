"""Databases and database links: making, reading, changing and deleting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue import links
from lakeshare.sandbox.services.glue.answers import database_answer, linked_database_answer
from lakeshare.sandbox.services.glue.attributes import attributes
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Place
from lakeshare.sandbox.services.glue.reach import followed, invalid_token, leave_to_iam, place_of, visible_database
from lakeshare.sandbox.services.lakeformation import access, by_tags
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, TableKey
from lakeshare.sandbox.services.lakeformation.revoking import forget_table
from lakeshare.sandbox.services.lakeformation.settings import LEFT_TO_IAM, Settings
from lakeshare.sandbox.services.lakeformation.tags import Tags
from lakeshare.sandbox.switches import switch

RULE_ONCE = rule(
    "glue.database.once",
    "A catalog has one database of a name; names fold to lower case.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html",
)
RULE_TARGET = rule(
    "glue.database.target-complete",
    "A database link says which database it leads to.",
    tag="inferred",
    source="botocore service model, glue DatabaseIdentifier; the message is ours",
)
RULE_LOCATION = rule(
    "glue.database.data-location",
    "A database at a registered place takes DATA_LOCATION_ACCESS on it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html; the wording is "
    "observed",
)
RULE_RENAME = rule(
    "glue.database.not-renamed",
    "A database keeps its name.",
    tag="observed",
    source="terraform-provider-aws",
)
UPDATED = switch(
    "glue.linked-database-update",
    "What UpdateDatabase changes when the database is a link.",
    positions={
        "target": "the target, as resource-links-glue-apis.html says",
        "link": "the link itself, which without a TargetDatabase is none any more, as cdkd issue 1807 saw",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-glue-apis.html; cdkd issue 1807",
    concerns=links.RULE_NOT_REPOINTED,
)
_ATTRIBUTES: Final = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}


def create_database(call: Call) -> Mapping[str, Any]:
    """
    Answer CreateDatabase, of a link where the input has a TargetDatabase, which need not exist.

    The new database, and by default its tables, are left to IAM where the account's settings say so; an input without
    CreateTableDefaultPermissions takes the account's (observed: terraform-provider-aws issue 27295).
    """
    place, given = place_of(call), call.params["DatabaseInput"]
    access.check(call.world, call.caller, place, CatalogKey(), "CREATE_DATABASE")
    target = given.get("TargetDatabase")
    if target is not None and not target.get("DatabaseName"):
        raise RULE_TARGET.refuse("InvalidInputException", "TargetDatabase must name a database.")
    if target is not None:
        given = links.bare(call.world, given, links.NOT_ON_DATABASE_LINKS)
    _check_location(call, place, given.get("LocationUri", ""))
    catalogs, settings = call.world.store(Catalogs), call.world.store(Settings)
    if catalogs.database(place, given["Name"]):
        raise RULE_ONCE.refuse("AlreadyExistsException", "Database already exists.")
    definition = dict(given)
    if target is None and "CreateTableDefaultPermissions" not in given:
        definition["CreateTableDefaultPermissions"] = LEFT_TO_IAM if settings.leaves_to_iam(place, "Table") else []
    made = catalogs.create_database(place.account, place.region, definition, creator=call.caller.principal_arn)
    made.tags.update(call.params.get("Tags", {}))
    if settings.leaves_to_iam(place, "Database"):
        leave_to_iam(call, place, DatabaseKey(made.name))
    return {}


def get_database(call: Call) -> Mapping[str, Any]:
    """Answer GetDatabase; on a link with the target's properties, if the caller can see the target."""
    place = place_of(call)
    database = visible_database(call, place, call.params["Name"])
    access.check(call.world, call.caller, place, DatabaseKey(database.name), "DESCRIBE")
    return {"Database": _answer(call, place, database)}


def get_databases(call: Call) -> Mapping[str, Any]:
    """Answer GetDatabases: those that the caller may see, with ResourceShareType ALL or FOREIGN also shared ones."""
    place, kind = place_of(call), call.params.get("ResourceShareType")
    trim = attributes(call, _ATTRIBUTES)
    found: list[tuple[Place, Database]] = []
    if kind in {None, "ALL"}:
        found += [(place, each) for each in call.world.store(Catalogs).databases(place)]
    if kind in {"ALL", "FOREIGN"}:
        found += _shared(call)
    seen = [pair for pair in found if _may_describe(call, *pair)]
    params = call.params
    shown, token = page(seen, params.get("NextToken"), params.get("MaxResults"), most=100, refusal=invalid_token)
    return with_token({"DatabaseList": [trim(_answer(call, *pair)) for pair in shown]}, token)


def update_database(call: Call) -> Mapping[str, Any]:
    """Answer UpdateDatabase, which through a link changes the target (documented: resource-links-glue-apis.html)."""
    place, given = place_of(call), call.params["DatabaseInput"]
    database = visible_database(call, place, call.params["Name"])
    if given["Name"].lower() != database.name:
        raise RULE_RENAME.refuse("InvalidInputException", "Database cannot be renamed.")
    if database.target is not None and UPDATED.stands_at(call.world) == "link":
        access.check(call.world, call.caller, place, DatabaseKey(database.name), "DROP")
        database.definition = {**deepcopy(given), "Name": database.name}
        return {}
    if "TargetDatabase" in given and given["TargetDatabase"] != database.target:
        raise links.not_repointed()
    if database.target is not None:
        access.check(call.world, call.caller, place, DatabaseKey(database.name), "DESCRIBE")
        place, name = links.target_of_database(place, database)
        database = visible_database(call, place, name)
    access.check(call.world, call.caller, place, DatabaseKey(database.name), "ALTER")
    if given.get("LocationUri", "") != database.definition.get("LocationUri", ""):
        _check_location(call, place, given.get("LocationUri", ""))
    kept = {"CreateTableDefaultPermissions": database.definition.get("CreateTableDefaultPermissions", [])}
    changed = {member: value for member, value in given.items() if member != "TargetDatabase"}
    database.definition = {**kept, **deepcopy(changed), "Name": database.name}
    return {}


def delete_database(call: Call) -> Mapping[str, Any]:
    """Answer DeleteDatabase: with its tables; of a link, the link alone."""
    place = place_of(call)
    database = visible_database(call, place, call.params["Name"])
    access.check(call.world, call.caller, place, DatabaseKey(database.name), "DROP")
    call.world.store(Catalogs).delete_database(place, database.name)
    grants = call.world.store(Grants)
    for key in (DatabaseKey(database.name), TableKey(database.name, "*")):
        grants.forget(place, key)
    call.world.store(Tags).forget(place, DatabaseKey(database.name))
    for table in database.tables:
        forget_table(call.world, place, TableKey(database.name, table))
    return {}


def _check_location(call: Call, place: Place, location: str) -> None:
    """Refuse a database at a registered place for which the caller has no data location permission."""
    if location and not access.may_point_to(call.world, call.caller, place, location):
        message = f"Insufficient Lake Formation permission(s) on {location}"
        raise RULE_LOCATION.refuse("AccessDeniedException", message)


def _answer(call: Call, place: Place, database: Database) -> dict[str, Any]:
    if database.target is None:
        return database_answer(place, database)
    there, name = links.target_of_database(place, database)
    target = call.world.store(Catalogs).database(there, name)
    if target is None or not followed(call, there, DatabaseKey(name), "glue:GetDatabase"):
        return database_answer(place, database)
    return linked_database_answer(place, database, target)


def _may_describe(call: Call, place: Place, database: Database) -> bool:
    return access.may(call.world, call.caller, place, DatabaseKey(database.name), "DESCRIBE")


def _shared(call: Call) -> Iterator[tuple[Place, Database]]:
    """Yield the databases of other accounts on which the caller's account was granted something."""
    here = Place(call.caller.account, call.region)
    for owner, key in dict.fromkeys(by_tags.shared_with(call.world, here)):
        if isinstance(key, DatabaseKey):
            database = call.world.store(Catalogs).database(owner, key.database)
            if database is not None:
                yield owner, database


OPERATIONS: Operations = {
    "CreateDatabase": create_database,
    "GetDatabase": get_database,
    "GetDatabases": get_databases,
    "UpdateDatabase": update_database,
    "DeleteDatabase": delete_database,
}
