"""Resource shares themselves: making, changing, deleting and finding them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram import tags
from lakeshare.sandbox.services.ram.associations import Association, Share, receiver_of
from lakeshare.sandbox.services.ram.contents import association_answer
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.managed_permissions import known_permission, permissions_of
from lakeshare.sandbox.services.ram.owners import own_share, own_share_or_left
from lakeshare.sandbox.services.ram.refusals import (
    check_arn,
    check_principal,
    check_share_arn,
    check_shareable,
    unknown_share,
)
from lakeshare.sandbox.services.ram.shares import Shares

RULE_ORGANISATION = rule(
    "ram.organisation.known",
    "Sharing with an organisation or a unit takes one that the owner is in, with sharing enabled within it.",
    tag="observed",
    source="moto's ram backend",
)
RULE_EXTERNAL = rule(
    "ram.share.external-principals",
    "A share that does not allow external principals is for those within the owner's organisation.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html; the message is inferred",
)
RULE_PER_CALL = rule(
    "ram.association.hundred-per-call",
    "One call associates, or takes out, at most 100 resources.",
    tag="documented",
    source="botocore service model, ram ResourceShareLimitExceededException",
)
RULE_OWN_RESOURCE = rule(
    "ram.resource.own",
    "What belongs to another account or to another Region is not shared.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html; the code and the message "
    "are inferred",
)
MOST_PER_CALL: Final = 100
RULE_MANAGEMENT = rule(
    "ram.organisation.management-account",
    "Sharing within an organisation is enabled by its management account.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_EnableSharingWithAwsOrganization.html; the message "
    "as in moto's ram backend",
)


def create_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer CreateResourceShare."""
    shares, params = call.world.store(Shares), call.params
    _check_added(call)
    allows_external = params.get("allowExternalPrincipals", True)
    _check_principals(call, allows_external=allows_external)
    tags.read(params.get("tags", []))
    chosen = [known_permission(arn) for arn in params.get("permissionArns", [])]
    shares.check_room(call.caller.account, call.region)
    share = shares.create(call.caller.account, call.region, name=params["name"])
    share.allows_external = allows_external
    tags.add_tags(share, params.get("tags", []))
    for permission in chosen:
        share.permissions[permission.resource_type] = permission.arn
    _add(call, share)
    return {"resourceShare": _told(share)}


def associate_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer AssociateResourceShare."""
    share = own_share(call)
    _check_added(call)
    _check_principals(call, allows_external=share.allows_external)
    added = _add(call, share)
    return {"resourceShareAssociations": [association_answer(call, share, each) for each in added]}


def disassociate_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer DisassociateResourceShare."""
    shares, share = call.world.store(Shares), own_share_or_left(call)
    _check_added(call)
    gone = [each for arn in call.params.get("resourceArns", []) if (each := share.resources.get(arn))]
    gone += [each for account in call.params.get("principals", []) if (each := share.principals.get(account))]
    answers = [{**association_answer(call, share, each), "status": "DISASSOCIATING"} for each in gone]
    for association in gone:
        if association.kind == "RESOURCE":
            shares.disassociate_resource(share, association.entity)
        else:
            shares.remove_principal(share, association.entity)
    return {"resourceShareAssociations": answers}


def update_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer UpdateResourceShare: another name, or whether outsiders may be associated; those who are stay."""
    share, params = own_share(call), call.params
    share.name = params.get("name", share.name)
    share.allows_external = params.get("allowExternalPrincipals", share.allows_external)
    share.updated_at = call.world.clock.now()
    return {"resourceShare": _told(share)}


def delete_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer DeleteResourceShare."""
    call.world.store(Shares).delete(own_share(call))
    return {"returnValue": True}


def enable_sharing_with_aws_organization(call: Call) -> Mapping[str, Any]:
    """Answer EnableSharingWithAwsOrganization."""
    organisation = call.world.store(Moto).organisation_of(call.caller.account)
    if organisation is None or organisation.management != call.caller.account:
        message = (
            "Unable to enable sharing with AWS Organizations. Received AccessDeniedException from AWSOrganizations "
            "with the following error message: You don't have permissions to access this resource."
        )
        raise RULE_MANAGEMENT.refuse("OperationNotPermittedException", message)
    call.world.store(Shares).enable_sharing(organisation.id)
    return {"returnValue": True}


def get_resource_shares(call: Call) -> Mapping[str, Any]:
    """
    Answer GetResourceShares.

    With OTHER-ACCOUNTS a share shows once it is accepted; asked for by ARN before that, it does not exist.
    """
    params = call.params
    visible = {share.arn: share for share in shares_seen(call)}
    for arn in params.get("resourceShareArns", []):
        check_share_arn(arn)
        if arn not in visible:
            raise unknown_share(arn)
    wanted = [visible[arn] for arn in params.get("resourceShareArns", [])] or visible.values()
    return listed(call, "resourceShares", (_answer(share) for share in wanted if _is_asked_for(share, params)))


def _is_asked_for(share: Share, params: Mapping[str, Any]) -> bool:
    """Whether a share passes what GetResourceShares filters by."""
    permission = params.get("permissionArn")
    return (
        params.get("name") in {None, share.name}
        and params.get("resourceShareStatus") in {None, _status(share)}
        and tags.matches(share, params.get("tagFilters", []))
        and (permission is None or permission in {each.arn for each in permissions_of(share)})
    )


def shares_seen(call: Call) -> list[Share]:
    """Return the shares that the caller's account owns (SELF) or has accepted (OTHER-ACCOUNTS)."""
    shares, account = call.world.store(Shares), call.caller.account
    is_own = call.params["resourceOwner"] == "SELF"
    return list(shares.owned_by(account, call.region) if is_own else shares.received_by(account, call.region))


def _check_added(call: Call) -> None:
    """Refuse resources and principals that cannot be in a share, and too many at once."""
    arns = call.params.get("resourceArns", [])
    if len(arns) > MOST_PER_CALL:
        message = f"You can associate up to {MOST_PER_CALL} resources per call."
        raise RULE_PER_CALL.refuse("ResourceShareLimitExceededException", message)
    for arn in arns:
        check_arn(arn)
        check_shareable(arn)
        region, account = arn.split(":")[3:5]
        if account not in {"", call.caller.account}:
            message = f"Resource {arn} is not yours to share."
            raise RULE_OWN_RESOURCE.refuse("OperationNotPermittedException", message)
        if region not in {"", call.region}:
            message = f"Resource {arn} is in another Region than the resource share."
            raise RULE_OWN_RESOURCE.refuse("InvalidParameterException", message)
    for principal in call.params.get("principals", []):
        check_principal(principal)


def _add(call: Call, share: Share) -> list[Association]:
    """Associate what the call lists, and return the associations."""
    shares = call.world.store(Shares)
    for arn in call.params.get("resourceArns", []):
        shares.add_resource(share, arn)
    for account in call.params.get("principals", []):
        shares.add_principal(share, account)
    return [share.resources[arn] for arn in call.params.get("resourceArns", [])] + [
        share.principals[account] for account in call.params.get("principals", [])
    ]


def _check_principals(call: Call, *, allows_external: bool) -> None:
    """Refuse organisations and units that nobody shares within, and strangers where the share is for its own."""
    shares, owner = call.world.store(Shares), call.caller.account
    for principal in call.params.get("principals", []):
        if receiver_of(principal) == owner or shares.is_within(owner, principal):
            continue
        if ":organizations:" in principal:
            name = principal.rpartition("/")[2]
            what = (
                f"OrganizationalUnit {name} in unknown organization" if ":ou/" in principal else f"Organization {name}"
            )
            raise RULE_ORGANISATION.refuse("UnknownResourceException", f"{what} could not be found.")
        if not allows_external:
            message = (
                f"Principal {principal} is not in your AWS organization. You do not have permission to add external "
                "AWS accounts to a resource share."
            )
            raise RULE_EXTERNAL.refuse("OperationNotPermittedException", message)


def _status(share: Share) -> str:
    return "ACTIVE" if share.deleted_at is None else "DELETED"


def _told(share: Share) -> dict[str, Any]:
    """Return a share as what makes or changes it tells of it: without its feature set (observed: moto's tests)."""
    return {member: value for member, value in _answer(share).items() if member != "featureSet"}


def _answer(share: Share) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allows_external,
        "status": _status(share),
        "creationTime": datetime.fromtimestamp(share.created_at, UTC),
        "lastUpdatedTime": datetime.fromtimestamp(share.updated_at, UTC),
        "featureSet": "STANDARD",
        "tags": [{"key": key, "value": value} for key, value in share.tags.items()],
    }


OPERATIONS: Operations = {
    "CreateResourceShare": create_resource_share,
    "UpdateResourceShare": update_resource_share,
    "AssociateResourceShare": associate_resource_share,
    "DisassociateResourceShare": disassociate_resource_share,
    "DeleteResourceShare": delete_resource_share,
    "EnableSharingWithAwsOrganization": enable_sharing_with_aws_organization,
    "GetResourceShares": get_resource_shares,
}
