"""What the policy of an owner's catalog says of the permissions that Lake Formation asks about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, Key, TableKey
from lakeshare.sandbox.world import World

_OF_CATALOG: Final = {"CREATE_DATABASE": "glue:CreateDatabase"}
_OF_DATABASE: Final = {
    "ALTER": "glue:UpdateDatabase",
    "CREATE_TABLE": "glue:CreateTable",
    "DESCRIBE": "glue:GetDatabase",
    "DROP": "glue:DeleteDatabase",
}
_OF_TABLE: Final = {
    "ALTER": "glue:UpdateTable",
    "DESCRIBE": "glue:GetTable",
    "DROP": "glue:DeleteTable",
    "SELECT": "glue:GetTable",
}


def allows(world: World, caller: Caller, place: Place, key: Key, permission: str) -> bool:
    """Whether it lets *caller* do to a thing, and to all that it is in, what *permission* is for."""
    action, arns = _asked(place, key, permission)
    return action is not None and world.store(CatalogPolicies).allows(caller, action, *arns)


def denies(world: World, caller: Caller, place: Place, key: Key, permission: str) -> bool:
    """Whether it keeps *caller* from it, on the thing or on anything that it is in."""
    action, arns = _asked(place, key, permission)
    return action is not None and world.store(CatalogPolicies).denies(caller, action, *arns)


def _asked(place: Place, key: Key, permission: str) -> tuple[str | None, tuple[str, ...]]:
    """Return Glue's action for *permission*, None where it has none, and the ARNs that it is on."""
    actions: Mapping[str, str]
    arns: tuple[str, ...]
    match key:
        case CatalogKey():
            actions, arns = _OF_CATALOG, (place.catalog_arn,)
        case DatabaseKey(database):
            actions, arns = _OF_DATABASE, (place.catalog_arn, place.database_arn(database))
        case TableKey(database, table):
            inner = place.table_arn(database, table)
            actions, arns = _OF_TABLE, (place.catalog_arn, place.database_arn(database), inner)
        case _:
            return None, ()
    return actions.get(permission), arns
