"""The permissions boundaries of users, which moto has for roles only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

BOUNDARY = rule(
    "iam.boundary.exists",
    "The boundary of a user is a managed policy that exists, and the user does.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html",
)


def put_user_permissions_boundary(call: Call) -> Mapping[str, Any]:
    """Answer PutUserPermissionsBoundary."""
    account, policy = call.caller.account, call.params["PermissionsBoundary"]
    moto = call.world.store(Moto)
    if moto.managed_policy_text(account, policy) is None:
        raise BOUNDARY.refuse("NoSuchEntity", f"Policy {policy} does not exist or is not attachable.", 404)
    _set(call, policy)
    return {}


def delete_user_permissions_boundary(call: Call) -> Mapping[str, Any]:
    """Answer DeleteUserPermissionsBoundary."""
    _set(call, None)
    return {}


def note_boundary(world: World, account: str, form: Mapping[str, str]) -> None:
    """Keep the boundary that CreateUser was given."""
    if policy := form.get("PermissionsBoundary"):
        world.store(Moto).set_user_boundary(account, form["UserName"], policy)


def _set(call: Call, policy: str | None) -> None:
    name = call.params["UserName"]
    if not call.world.store(Moto).set_user_boundary(call.caller.account, name, policy):
        raise BOUNDARY.refuse("NoSuchEntity", f"The user with name {name} cannot be found.", 404)


OPERATIONS: Operations = {
    "PutUserPermissionsBoundary": put_user_permissions_boundary,
    "DeleteUserPermissionsBoundary": delete_user_permissions_boundary,
}
