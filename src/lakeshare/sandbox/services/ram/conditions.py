"""
The condition keys of RAM's calls, beside those that every call has.

From the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html
"""

from __future__ import annotations

from collections.abc import Iterable

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.resource_types import type_of
from lakeshare.sandbox.services.ram.shares import Shares


def of_call(call: Call) -> Given:
    """Return the keys of a call to RAM; what it does not say it does not have."""
    params = call.params
    found = of_resources(params.get("resourceArns", []), params.get("principals", []))
    if (allows := params.get("allowExternalPrincipals")) is not None:
        found["ram:RequestedAllowsExternalPrincipals"] = str(allows).lower()
    if permission := params.get("permissionArn"):
        found["ram:PermissionArn"] = permission
    if invitation := call.world.store(Shares).invitation(params.get("resourceShareInvitationArn", "")):
        found["ram:ShareOwnerAccountId"] = invitation.share.owner
    share = call.world.store(Shares).share(params.get("resourceShareArn", ""))
    if share is not None and share.owner == call.caller.account:
        found |= of_share(share)
    return found


def of_share(share: Share) -> dict[str, str | tuple[str, ...]]:
    """Return the keys of the share that a call is about."""
    tags: dict[str, str | tuple[str, ...]] = {f"aws:ResourceTag/{key}": value for key, value in share.tags.items()}
    return {
        **tags,
        "ram:ResourceShareName": share.name,
        "ram:AllowsExternalPrincipals": str(share.allows_external).lower(),
    }


def of_resources(arns: Iterable[str], principals: Iterable[str]) -> dict[str, str | tuple[str, ...]]:
    """Return the keys of what a call puts into a share, or takes out of it."""
    arns = list(arns)
    found: dict[str, tuple[str, ...]] = {
        "ram:ResourceArn": tuple(arns),
        "ram:RequestedResourceType": tuple(dict.fromkeys(type_of(arn) for arn in arns if arn.count(":") >= 5)),
        "ram:Principal": tuple(principals),
    }
    return {key: values for key, values in found.items() if values}
