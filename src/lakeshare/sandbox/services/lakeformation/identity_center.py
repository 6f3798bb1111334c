"""
CreateLakeFormationIdentityCenterConfiguration and its companions: an account's connection with IAM Identity Center.

The connection is kept and told. Nothing hangs on it here: users and groups of Identity Center sign nothing in the
sandbox, and the share that AWS makes for ``ShareRecipients`` is not made.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.world import World

_API: Final = "https://docs.aws.amazon.com/lake-formation/latest/APIReference"

RULE_ADMIN = rule(
    "lakeformation.identity-center.administrator",
    "Only data lake administrators connect an account with IAM Identity Center, for their own catalog.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/identity-center-integration.html; the message is that "
    "of opting in",
)
RULE_ONE = rule(
    "lakeformation.identity-center.one",
    "An account has one connection with IAM Identity Center in a Region, or none.",
    tag="documented",
    source=f"{_API}/API_CreateLakeFormationIdentityCenterConfiguration.html; the messages are ours",
)
RULE_INSTANCE = rule(
    "lakeformation.identity-center.instance",
    "What is connected is an instance of IAM Identity Center, named by its ARN.",
    tag="documented",
    source=f"{_API}/API_CreateLakeFormationIdentityCenterConfiguration.html; the message is ours",
)
_INSTANCE: Final = re.compile(r"arn:aws[\w-]*:sso:::instance/(ssoins-[\w-]+)")
_KEPT: Final = ("ExternalFiltering", "ShareRecipients", "ServiceIntegrations")


@dataclass(slots=True)
class Connection:
    """The instance, the application that Lake Formation is in it, and what else the connection was made with."""

    instance: str
    application: str
    settings: dict[str, Any]


class Connections:
    """The connections of each account and Region."""

    def __init__(self, _world: World) -> None:
        self.made: dict[Place, Connection] = {}


def create(call: Call) -> Mapping[str, Any]:
    """Answer CreateLakeFormationIdentityCenterConfiguration."""
    home, made = _home(call), call.world.store(Connections).made
    if home in made:
        message = "This account has a connection with IAM Identity Center already."
        raise RULE_ONE.refuse("AlreadyExistsException", message)
    instance = call.params.get("InstanceArn", "")
    found = _INSTANCE.fullmatch(instance)
    if found is None:
        raise RULE_INSTANCE.refuse("InvalidInputException", f"Invalid IAM Identity Center instance ARN: {instance}")
    application = f"arn:aws:sso::{home.account}:application/{found[1]}/apl-{uuid.uuid4().hex[:16]}"
    made[home] = Connection(instance, application, _kept(call))
    return {"ApplicationArn": application}


def describe(call: Call) -> Mapping[str, Any]:
    """Answer DescribeLakeFormationIdentityCenterConfiguration."""
    home = _home(call)
    found = _connection(call, home)
    told = {"CatalogId": home.account, "InstanceArn": found.instance, "ApplicationArn": found.application}
    return told | found.settings


def update(call: Call) -> Mapping[str, Any]:
    """Answer UpdateLakeFormationIdentityCenterConfiguration: what is not given stays as it was."""
    _connection(call, _home(call)).settings.update(_kept(call))
    return {}


def delete(call: Call) -> Mapping[str, Any]:
    """Answer DeleteLakeFormationIdentityCenterConfiguration."""
    home = _home(call)
    _connection(call, home)
    del call.world.store(Connections).made[home]
    return {}


def _home(call: Call) -> Place:
    """Return the catalog that the call is about; refuse anybody but its administrator."""
    home = Place(call.params.get("CatalogId") or call.caller.account, call.region)
    if not call.world.store(Settings).is_admin(home, call.caller.principal_arn):
        raise RULE_ADMIN.refuse("AccessDeniedException", "Insufficient Lake Formation permission(s) on Catalog")
    return home


def _connection(call: Call, home: Place) -> Connection:
    found = call.world.store(Connections).made.get(home)
    if found is None:
        message = "This account has no connection with IAM Identity Center."
        raise RULE_ONE.refuse("EntityNotFoundException", message)
    return found


def _kept(call: Call) -> dict[str, Any]:
    return {name: call.params[name] for name in _KEPT if name in call.params}


OPERATIONS: Operations = {
    "CreateLakeFormationIdentityCenterConfiguration": create,
    "DescribeLakeFormationIdentityCenterConfiguration": describe,
    "UpdateLakeFormationIdentityCenterConfiguration": update,
    "DeleteLakeFormationIdentityCenterConfiguration": delete,
}
