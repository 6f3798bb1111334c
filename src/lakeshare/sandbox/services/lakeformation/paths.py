"""GetEffectivePermissionsForPath: despite its name, the grants on the databases and tables that lie at a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox.arns import s3_path, s3_url
from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page_of_groups, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, Key, TableKey
from lakeshare.sandbox.services.lakeformation.listing import answer, invalid_token, visible

RULE_OWN = rule(
    "lakeformation.path.own-account",
    "One asks for the permissions at a path of S3 in one's own catalog.",
    tag="inferred",
    source="botocore service model, lakeformation GetEffectivePermissionsForPath; the message is ours",
)


def get_effective_permissions_for_path(call: Call) -> Mapping[str, Any]:
    """Answer GetEffectivePermissionsForPath: the grants as ListPermissions shows them, to whom it shows them."""
    arn, place = call.params["ResourceArn"], Place(call.caller.account, call.region)
    if s3_path(arn) is None or call.params.get("CatalogId") not in {None, place.account}:
        message = "ResourceArn must be a location in S3, and the catalog this account's."
        raise RULE_OWN.refuse("InvalidInputException", message)
    path = s3_url(arn).rstrip("/")
    found, token = page_of_groups(
        _things_at(call, place, path),
        lambda key: visible(call, place, key),
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=1000,
        refusal=invalid_token,
    )
    return with_token({"Permissions": [answer(call, row) for row in found]}, token)


def _things_at(call: Call, place: Place, path: str) -> Iterator[Key]:
    """Yield the databases and tables whose location is *path* or below it."""
    for database in call.world.store(Catalogs).databases(place):
        if _is_at(database.definition.get("LocationUri"), path):
            yield DatabaseKey(database.name)
        for table in database.tables.values():
            if _is_at(table.definition.get("StorageDescriptor", {}).get("Location"), path):
                yield TableKey(database.name, table.name)


def _is_at(location: str | None, path: str) -> bool:
    return location is not None and f"{location.rstrip('/')}/".startswith(f"{path}/")


OPERATIONS: Operations = {"GetEffectivePermissionsForPath": get_effective_permissions_for_path}
