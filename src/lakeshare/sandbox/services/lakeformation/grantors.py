"""What whoever grants to another account, or revokes, must be allowed to have RAM do with the shares behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.rules import Rule, rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.sharing import Arrival, Departure
from lakeshare.sandbox.services.ram.conditions import of_resources, of_share
from lakeshare.sandbox.services.ram.managed_permissions import lake_permission
from lakeshare.sandbox.world import World

HYBRID_VERSION: Final = 4

_SOURCE = (
    "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLakeFormationCrossAccountManager.html, "
    "https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html"
)
RULE_CREATE = rule(
    "lakeformation.grant.may-create-share",
    "A grant to another account that takes a new share needs IAM's ram:CreateResourceShare for what is shared, and "
    "from CROSS_ACCOUNT_VERSION 4 on ram:AssociateResourceSharePermission for the permission that the share gets.",
    tag="documented",
    source=f"{_SOURCE}; that the second is asked for with each new share is inferred",
)
RULE_EXTEND = rule(
    "lakeformation.grant.may-extend-share",
    "A grant to another account that adds to a share needs IAM's ram:AssociateResourceShare on it.",
    tag="documented",
    source=_SOURCE,
)
RULE_SHRINK = rule(
    "lakeformation.revoke.may-change-share",
    "Revoking what a share carries needs IAM's ram:DisassociateResourceShare on it, or ram:DeleteResourceShare where "
    "nothing is left in it.",
    tag="documented",
    source=_SOURCE,
)
_THROUGH: Final = {"aws:CalledVia": "lakeformation.amazonaws.com", "aws:ViaAWSService": "true"}
"""Lake Formation calls RAM in its caller's name."""


def check_may_share(world: World, caller: Caller, place: Place, arriving: Arrival, version: int) -> None:
    """Refuse a grantor that may not have RAM make the share, or add to the one there is."""
    brought = of_resources([arriving.entity], [arriving.principal])
    if arriving.share is None:
        external = {"ram:RequestedAllowsExternalPrincipals": "true"}
        # The share has no id yet: IAM is asked about any of the account's.
        any_share = f"arn:{partition_in(place.region)}:ram:{place.region}:{place.account}:resource-share/*"
        _ask(RULE_CREATE, world, caller, "ram:CreateResourceShare", any_share, brought | external)
        if version >= HYBRID_VERSION:
            permission = lake_permission(arriving.entity)
            given = {"ram:PermissionArn": permission.arn, "ram:PermissionResourceType": permission.resource_type}
            named = {"ram:ResourceShareName": "LakeFormation"}
            _ask(RULE_CREATE, world, caller, "ram:AssociateResourceSharePermission", any_share, given | named)
    elif arriving.changes:
        context = brought | of_share(arriving.share)
        _ask(RULE_EXTEND, world, caller, "ram:AssociateResourceShare", arriving.share.arn, context)


def check_may_unshare(world: World, caller: Caller, leaving: Departure) -> None:
    """Refuse whoever revokes and may not have RAM take out of the share what then leaves it."""
    action = next(_to_leave(leaving), None)
    if action is not None:
        context = of_share(leaving.share) | of_resources([leaving.share.carried[leaving.arn]], [leaving.principal])
        _ask(RULE_SHRINK, world, caller, action, leaving.share.arn, context)


def _to_leave(leaving: Departure) -> Iterator[str]:
    if leaving.deletes:
        yield "ram:DeleteResourceShare"
    elif leaving.changes:
        yield "ram:DisassociateResourceShare"


def _ask(broken: Rule, world: World, caller: Caller, action: str, resource: str, given: Given) -> None:
    try:
        authorize(world, caller, action, resource, context={**given, **_THROUGH})
    except ServiceError as error:
        raise broken.refuse(error.code, error.message) from error
