"""How Glue's operations come to the things that they name: whose catalog, through which link, with whose leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue import links
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Place, Table
from lakeshare.sandbox.services.glue.encryption import check_key
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, Key, TableKey
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS, canonical

RULE_TOKEN = rule(
    "glue.list.token",
    "A NextToken is one that an earlier page gave.",
    tag="inferred",
    source="the message is ours",
)


def invalid_token() -> ServiceError:
    """Return the refusal of a token that no page gave."""
    return RULE_TOKEN.refuse("InvalidInputException", "Invalid NextToken.")


def place_of(call: Call) -> Place:
    """Return the catalog that the call is about: its CatalogId, or the caller's own."""
    return Place(call.params.get("CatalogId") or call.caller.account, call.region)


def leave_to_iam(call: Call, place: Place, key: Key) -> None:
    """Give IAM_ALLOWED_PRINCIPALS Super on a new thing, as an account's or a database's defaults ask."""
    group = Holder(IAM_ALLOWED_PRINCIPALS, place.account)
    call.world.store(Grants).add(place, key, group, {Right("ALL"): False}, by=call.caller.principal_arn)


def grant_defaults(call: Call, place: Place, key: Key, defaults: Sequence[Mapping[str, Any]]) -> None:
    """Grant on a new table what its database's CreateTableDefaultPermissions say, to whomever they name."""
    for entry in defaults:
        principal = canonical(entry.get("Principal", {}).get("DataLakePrincipalIdentifier", ""))
        rights = {Right(permission): False for permission in entry.get("Permissions", [])}
        if principal and rights:
            holder = Holder(principal, place.account)
            call.world.store(Grants).add(place, key, holder, rights, by=call.caller.principal_arn)


def visible_database(call: Call, place: Place, name: str) -> Database:
    """Return a database or link; one of another account that the caller may not describe is refused, there or not."""
    if place.account != call.caller.account:
        access.check(call.world, call.caller, place, DatabaseKey(name.lower()), "DESCRIBE")
    return access.find_database(call.world, place, name)


def home_of_tables(call: Call, place: Place, name: str) -> tuple[Place, str, bool]:
    """
    Return the catalog and database whose tables an operation on *name* is about, and whether a link led there.

    A database link is followed once; following it takes DESCRIBE on it.
    """
    if place.account != call.caller.account:
        return place, name.lower(), False
    database = access.find_database(call.world, place, name)
    if database.target is None:
        return place, database.name, False
    access.check(call.world, call.caller, place, DatabaseKey(database.name), "DESCRIBE")
    there, target = links.target_of_database(place, database)
    if there != place:
        check_key(call.world, call.caller, there)
    return there, target, True


def visible_table(call: Call, place: Place, database: str, name: str, permission: str) -> Table:
    """
    Return a table or link on which the caller has *permission*, of a database that is no link.

    In the caller's own catalog a missing table is said to be missing; in another's it is refused like a hidden one.
    """
    key = TableKey(database, name.lower())
    if place.account != call.caller.account:
        access.check_arrived(call.world, call.caller, place, key, permission)
        access.check(call.world, call.caller, place, key, permission)
    found = access.find_table(call.world, place, database, name)
    access.check(call.world, call.caller, place, key, permission)
    return found


def followed(call: Call, place: Place, key: Key, action: str) -> bool:
    """Whether the caller may see a link's target: it takes IAM's leave, Lake Formation's, and its catalog's key."""
    if not access.may(call.world, call.caller, place, key, "DESCRIBE"):
        return False
    arns = [place.catalog_arn]
    match key:
        case DatabaseKey(database):
            arns += [place.database_arn(database)]
        case TableKey(database, table):
            arns += [place.database_arn(database), place.table_arn(database, table)]
    try:
        authorize(call.world, call.caller, action, *arns)
        check_key(call.world, call.caller, place)
    except ServiceError:
        return False
    return True


def target_of(call: Call, place: Place, link: Table) -> tuple[Place, Table] | None:
    """Return where a table link leads, if there is something there that the caller may see."""
    there, database, name = links.target_of_table(place, link)
    target = call.world.store(Catalogs).table(there, database, name)
    if target is None or not followed(call, there, TableKey(database, name), "glue:GetTable"):
        return None
    return there, target
