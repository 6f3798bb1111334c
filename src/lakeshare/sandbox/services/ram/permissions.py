"""The managed permissions of shares: those there are, those of one share, and choosing others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.managed_permissions import (
    EVERY_PERMISSION,
    Permission,
    known_permission,
    permissions_of,
    unknown_permission,
)
from lakeshare.sandbox.services.ram.owners import own_share
from lakeshare.sandbox.services.ram.policies import policies_on
from lakeshare.sandbox.services.ram.refusals import check_arn, check_share_arn, unknown_share
from lakeshare.sandbox.services.ram.resource_types import type_of
from lakeshare.sandbox.services.ram.shares import Shares

RULE_SHARED = rule(
    "ram.policy.resource-shared",
    "Policies are read of resources that the caller's account owns and has shared.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourcePolicies.html; the message is inferred",
)


RULE_ONE = rule(
    "ram.permission.one-per-type",
    "A share has one permission for each type of resource: another takes the place of the first when that is asked "
    "for, and none is taken away from what is in the share.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceSharePermission.html, "
    "API_DisassociateResourceSharePermission.html; the messages are inferred",
)


def list_permissions(call: Call) -> Mapping[str, Any]:
    """Answer ListPermissions: those that AWS manages, for every service; an account has none of its own."""
    wanted = call.params.get("resourceType", "").lower()
    is_asked = call.params.get("permissionType", "ALL") != "CUSTOMER_MANAGED"
    is_asked &= call.params.get("permissionStatus", "ATTACHABLE") == "ATTACHABLE"
    found = [each for each in EVERY_PERMISSION.values() if is_asked and wanted in {"", each.resource_type.lower()}]
    return listed(call, "permissions", [_answer(each) for each in found])


def get_permission(call: Call) -> Mapping[str, Any]:
    """Answer GetPermission."""
    permission = _known(call)
    return {"permission": {**_answer(permission), "permission": permission.template}}


def list_permission_versions(call: Call) -> Mapping[str, Any]:
    """Answer ListPermissionVersions: of each there is the one that is the default (inferred)."""
    return listed(call, "permissions", [_answer(_known(call))])


def list_permission_associations(call: Call) -> Mapping[str, Any]:
    """Answer ListPermissionAssociations: which shares of the caller's account have which permission."""
    params, shares = call.params, call.world.store(Shares)
    if "permissionArn" in params:
        _known(call)
    is_own = params.get("resourceOwner", "SELF") == "SELF"
    seen = shares.owned_by(call.caller.account, call.region) if is_own else []
    found = [
        {
            "arn": each.arn,
            "permissionVersion": str(each.version),
            "defaultVersion": True,
            "resourceType": each.resource_type,
            "status": "ASSOCIATED",
            "featureSet": "STANDARD",
            "lastUpdatedTime": datetime.fromtimestamp(share.updated_at, UTC),
            "resourceShareArn": share.arn,
        }
        for share in seen
        if params.get("resourceShareArn") in {None, share.arn}
        for each in permissions_of(share)
        if params.get("permissionArn") in {None, each.arn} and params.get("resourceType") in {None, each.resource_type}
        if params.get("associationStatus", "ASSOCIATED") == "ASSOCIATED"
    ]
    return listed(call, "permissions", found)


def list_resource_share_permissions(call: Call) -> Mapping[str, Any]:
    """Answer ListResourceSharePermissions, to a share's owner and to those who have it."""
    arn, shares = call.params["resourceShareArn"], call.world.store(Shares)
    check_share_arn(arn)
    share = shares.share(arn)
    received = {each.arn for each in shares.received_by(call.caller.account, call.region)}
    if share is None or (share.owner != call.caller.account and arn not in received):
        raise unknown_share(arn)
    return listed(call, "permissions", [_of_share(each, share) for each in permissions_of(share)])


def associate_resource_share_permission(call: Call) -> Mapping[str, Any]:
    """Answer AssociateResourceSharePermission."""
    share, permission = own_share(call), _known(call)
    has = [each for each in permissions_of(share) if each.resource_type == permission.resource_type]
    if has and has != [permission] and not call.params.get("replace", False):
        message = (
            f"Resource share {share.arn} already has a permission for {permission.resource_type}. "
            "Set replace to true to put another in its place."
        )
        raise RULE_ONE.refuse("InvalidParameterException", message)
    share.permissions[permission.resource_type] = permission.arn
    share.updated_at = call.world.clock.now()
    return {"returnValue": True}


def disassociate_resource_share_permission(call: Call) -> Mapping[str, Any]:
    """Answer DisassociateResourceSharePermission."""
    share, permission = own_share(call), _known(call)
    if permission not in permissions_of(share):
        raise unknown_permission(permission.arn)
    if any(type_of(arn) == permission.resource_type for arn in share.resources):
        message = f"Resource share {share.arn} has resources of type {permission.resource_type}, which need one."
        raise RULE_ONE.refuse("InvalidStateTransitionException", message)
    del share.permissions[permission.resource_type]
    share.updated_at = call.world.clock.now()
    return {"returnValue": True}


def get_resource_policies(call: Call) -> Mapping[str, Any]:
    """Answer GetResourcePolicies: what RAM has written for resources of the caller's account."""
    found: list[str] = []
    for arn in call.params["resourceArns"]:
        check_arn(arn)
        if not any(share.owner == call.caller.account for share in call.world.store(Shares).holding(arn)):
            raise RULE_SHARED.refuse("ResourceArnNotFoundException", f"Resource {arn} could not be found.")
        found += policies_on(call.world, arn)
    return listed(call, "policies", found)


def _known(call: Call) -> Permission:
    return known_permission(call.params["permissionArn"], call.params.get("permissionVersion"))


def _of_share(permission: Permission, share: Share) -> dict[str, Any]:
    """Return a permission as a share has it (observed: its status is that of the association)."""
    updated = datetime.fromtimestamp(share.updated_at, UTC)
    return {**_answer(permission), "status": "ASSOCIATED", "lastUpdatedTime": updated}


def _answer(permission: Permission) -> dict[str, Any]:
    return {
        "arn": permission.arn,
        "version": str(permission.version),
        "defaultVersion": True,
        "name": permission.name,
        "resourceType": permission.resource_type,
        "status": "ATTACHABLE",
        "creationTime": permission.since,
        "lastUpdatedTime": permission.since,
        "isResourceTypeDefault": permission.is_default,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


OPERATIONS: Operations = {
    "AssociateResourceSharePermission": associate_resource_share_permission,
    "DisassociateResourceSharePermission": disassociate_resource_share_permission,
    "GetPermission": get_permission,
    "GetResourcePolicies": get_resource_policies,
    "ListPermissionAssociations": list_permission_associations,
    "ListPermissionVersions": list_permission_versions,
    "ListPermissions": list_permissions,
    "ListResourceSharePermissions": list_resource_share_permissions,
}
