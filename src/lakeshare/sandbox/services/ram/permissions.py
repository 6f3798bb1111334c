"""
The managed permissions of shares: listing those there are, and those of one share.

They are the ones that Lake Formation has used since July 2023 (documented: AWSLakeFormationCrossAccountManager names
them by their prefix). A share of tables that somebody made with RAM itself has the same here (inferred).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.policies import policies_on
from lakeshare.sandbox.services.ram.refusals import check_arn, unknown_share
from lakeshare.sandbox.services.ram.shares import Share, Shares

RULE_SHARED = rule(
    "ram.policy.resource-shared",
    "Policies are read of resources that the caller's account owns and has shared.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourcePolicies.html; the message is inferred",
)


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that AWS manages, for one type of resource."""

    name: str
    resource_type: str

    @property
    def arn(self) -> str:
        """The ARN, which names no account."""
        return f"arn:aws:ram::aws:permission/{self.name}"


DATABASE: Final = Permission("AWSRAMLFEnabledGlueDatabaseReadWrite", "glue:Database")
ALL_TABLES: Final = Permission("AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase", "glue:Database")
TABLE: Final = Permission("AWSRAMLFEnabledGlueTableReadWrite", "glue:Table")
_PERMISSIONS: Final = (DATABASE, ALL_TABLES, TABLE)
_SINCE: Final = datetime(2023, 7, 1, tzinfo=UTC)


def list_permissions(call: Call) -> Mapping[str, Any]:
    """Answer ListPermissions: those that AWS manages for the Data Catalog; an account has none of its own."""
    wanted = call.params.get("resourceType", "").lower()
    is_asked = call.params.get("permissionType", "ALL") != "CUSTOMER_MANAGED"
    found = [each for each in _PERMISSIONS if is_asked and wanted in {"", each.resource_type.lower()}]
    return listed(call, "permissions", [_answer(each) for each in found])


def list_resource_share_permissions(call: Call) -> Mapping[str, Any]:
    """Answer ListResourceSharePermissions, to a share's owner and to those who have it."""
    arn, shares = call.params["resourceShareArn"], call.world.store(Shares)
    check_arn(arn)
    share = shares.share(arn)
    received = {each.arn for each in shares.received_by(call.caller.account, call.region)}
    if share is None or (share.owner != call.caller.account and arn not in received):
        raise unknown_share(arn)
    return listed(call, "permissions", [_answer(each) for each in _of(share)])


def get_resource_policies(call: Call) -> Mapping[str, Any]:
    """Answer GetResourcePolicies: what RAM has written for resources of the caller's account."""
    found: list[str] = []
    for arn in call.params["resourceArns"]:
        check_arn(arn)
        if not any(share.owner == call.caller.account for share in call.world.store(Shares).holding(arn)):
            raise RULE_SHARED.refuse("ResourceArnNotFoundException", f"Resource {arn} could not be found.")
        found += policies_on(call.world, arn)
    return listed(call, "policies", found)


def _of(share: Share) -> Iterable[Permission]:
    """Return the permissions of what is in *share*, each once."""
    return dict.fromkeys(_for(arn) for arn in share.resources if ":glue:" in arn and ":catalog" not in arn)


def _for(arn: str) -> Permission:
    if ":table/" not in arn:
        return DATABASE
    return ALL_TABLES if arn.endswith("/*") else TABLE


def _answer(permission: Permission) -> dict[str, Any]:
    return {
        "arn": permission.arn,
        "version": "1",
        "defaultVersion": True,
        "name": permission.name,
        "resourceType": permission.resource_type,
        "status": "ATTACHABLE",
        "creationTime": _SINCE,
        "lastUpdatedTime": _SINCE,
        "isResourceTypeDefault": False,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


OPERATIONS: Operations = {
    "GetResourcePolicies": get_resource_policies,
    "ListPermissions": list_permissions,
    "ListResourceSharePermissions": list_resource_share_permissions,
}
