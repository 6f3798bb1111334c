"""Catalogs within an account's own: made, read, changed and deleted, and granted on as things of their own."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import moment
from lakeshare.sandbox.services.glue.catalog import Catalogs, NestedCatalog, Place
from lakeshare.sandbox.services.glue.reach import invalid_token
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey

RULE_ONCE = rule(
    "glue.catalog.once",
    "An account has one catalog of a name within its own; names fold to lower case.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCatalog.html; the message is ours",
)
RULE_EXISTS = rule(
    "glue.catalog.exists",
    "A catalog that is read, changed or deleted is there; the account's own is not changed or deleted by name.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetCatalog.html; the message is ours",
)
_OVERWRITES: Final = "OverwriteChildResourcePermissionsWithDefault"


def create_catalog(call: Call) -> Mapping[str, Any]:
    """Answer CreateCatalog, which takes CREATE_CATALOG on the account's own."""
    place, name = Place(call.caller.account, call.region), call.params["Name"]
    access.check(call.world, call.caller, place, CatalogKey(), "CREATE_CATALOG")
    catalogs = call.world.store(Catalogs)
    if catalogs.nested(place, name):
        raise RULE_ONCE.refuse("AlreadyExistsException", "Catalog already exists.")
    catalogs.create_nested(place, name, call.params["CatalogInput"], creator=call.caller.principal_arn)
    return {}


def get_catalog(call: Call) -> Mapping[str, Any]:
    """Answer GetCatalog, of the account's own too."""
    account, _, name = call.params["CatalogId"].partition(":")
    place = Place(account, call.region)
    if account == call.caller.account and not name:
        return {"Catalog": _root(place)}
    return {"Catalog": _answer(place, _named(call, "DESCRIBE")[1])}


def get_catalogs(call: Call) -> Mapping[str, Any]:
    """Answer GetCatalogs: those that the caller may see, with IncludeRoot the account's own before them."""
    params = call.params
    place = Place(call.caller.account, call.region)
    seen = [
        _answer(place, each)
        for each in call.world.store(Catalogs).all_nested(place)
        if access.may(call.world, call.caller, place, CatalogKey(each.name), "DESCRIBE")
    ]
    everything = [_root(place), *seen] if params.get("IncludeRoot") else seen
    shown, token = page(everything, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"CatalogList": shown}, token)


def update_catalog(call: Call) -> Mapping[str, Any]:
    """Answer UpdateCatalog."""
    _, catalog = _named(call, "ALTER")
    catalog.definition = deepcopy(call.params["CatalogInput"])
    catalog.updated_at = call.world.clock.now()
    return {}


def delete_catalog(call: Call) -> Mapping[str, Any]:
    """Answer DeleteCatalog; what was granted on it goes with it."""
    place, catalog = _named(call, "DROP")
    call.world.store(Catalogs).delete_nested(place, catalog.name)
    call.world.store(Grants).forget(place, CatalogKey(catalog.name))
    return {}


def _named(call: Call, permission: str) -> tuple[Place, NestedCatalog]:
    """Return the catalog that the call's CatalogId names, ``ACCOUNT:NAME``, on which the caller has *permission*."""
    account, _, name = call.params["CatalogId"].partition(":")
    place = Place(account, call.region)
    found = call.world.store(Catalogs).nested(place, name)
    if found is None:
        raise _missing(name)
    access.check(call.world, call.caller, place, CatalogKey(found.name), permission)
    return place, found


def _missing(name: str) -> ServiceError:
    return RULE_EXISTS.refuse("EntityNotFoundException", f"Catalog {name or 'of the account'} not found.")


def _answer(place: Place, catalog: NestedCatalog) -> dict[str, Any]:
    # What an update is to do to the databases and tables in it is not told back.
    kept = {name: value for name, value in catalog.definition.items() if name != _OVERWRITES}
    return {
        **kept,
        "CatalogId": f"{place.account}:{catalog.name}",
        "Name": catalog.name,
        "ResourceArn": f"{place.catalog_arn}/{catalog.name}",
        "CreateTime": moment(catalog.created_at),
        "UpdateTime": moment(catalog.updated_at),
    }


def _root(place: Place) -> dict[str, Any]:
    return {"CatalogId": place.account, "Name": place.account, "ResourceArn": place.catalog_arn}


OPERATIONS: Operations = {
    "CreateCatalog": create_catalog,
    "GetCatalog": get_catalog,
    "GetCatalogs": get_catalogs,
    "UpdateCatalog": update_catalog,
    "DeleteCatalog": delete_catalog,
}
