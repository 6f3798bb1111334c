"""Resource shares themselves: making, changing, deleting and finding them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.contents import association_answer
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.refusals import check_arn, check_principal, check_shareable, unknown_share
from lakeshare.sandbox.services.ram.shares import Association, Share, Shares

RULE_OWNER = rule(
    "ram.share.owner-changes",
    "Only the account that owns a share changes it.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceShare.html",
)
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
    share = shares.create(call.caller.account, call.region, name=params["name"])
    share.allows_external = allows_external
    share.tags.update({tag["key"]: tag["value"] for tag in params.get("tags", [])})
    _add(call, share)
    return {"resourceShare": _told(share)}


def associate_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer AssociateResourceShare."""
    share = _own(call)
    _check_added(call)
    _check_principals(call, allows_external=share.allows_external)
    added = _add(call, share)
    return {"resourceShareAssociations": [association_answer(call, share, each) for each in added]}


def disassociate_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer DisassociateResourceShare."""
    shares, share = call.world.store(Shares), _own(call)
    gone = [each for arn in call.params.get("resourceArns", []) if (each := share.resources.get(arn))]
    gone += [each for account in call.params.get("principals", []) if (each := share.principals.get(account))]
    answers = [{**association_answer(call, share, each), "status": "DISASSOCIATING"} for each in gone]
    for association in gone:
        if association.kind == "RESOURCE":
            shares.remove_resource(share, association.entity)
        else:
            shares.remove_principal(share, association.entity)
    return {"resourceShareAssociations": answers}


def update_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer UpdateResourceShare: another name, or whether outsiders may be associated; those who are stay."""
    share, params = _own(call), call.params
    share.name = params.get("name", share.name)
    share.allows_external = params.get("allowExternalPrincipals", share.allows_external)
    share.updated_at = call.world.clock.now()
    return {"resourceShare": _told(share)}


def delete_resource_share(call: Call) -> Mapping[str, Any]:
    """Answer DeleteResourceShare."""
    call.world.store(Shares).delete(_own(call))
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
        check_arn(arn)
        if arn not in visible:
            raise unknown_share(arn)
    wanted = [visible[arn] for arn in params.get("resourceShareArns", [])] or visible.values()
    found = [
        share
        for share in wanted
        if params.get("name") in {None, share.name} and params.get("resourceShareStatus") in {None, _status(share)}
    ]
    return listed(call, "resourceShares", (_answer(share) for share in found))


def shares_seen(call: Call) -> list[Share]:
    """Return the shares that the caller's account owns (SELF) or has accepted (OTHER-ACCOUNTS)."""
    shares, account = call.world.store(Shares), call.caller.account
    is_own = call.params["resourceOwner"] == "SELF"
    return list(shares.owned_by(account, call.region) if is_own else shares.received_by(account, call.region))


def _own(call: Call) -> Share:
    """Return the share that the call names, which must be the caller's and alive."""
    arn = call.params["resourceShareArn"]
    check_arn(arn)
    share = call.world.store(Shares).share(arn)
    if share is None or share.deleted_at is not None:
        raise unknown_share(arn)
    if share.owner != call.caller.account:
        message = f"You do not have permission to change resource share {arn}."
        raise RULE_OWNER.refuse("OperationNotPermittedException", message)
    return share


def _check_added(call: Call) -> None:
    """Refuse resources and principals that cannot be in a share."""
    for arn in call.params.get("resourceArns", []):
        check_arn(arn)
        check_shareable(arn)
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
        if shares.is_within(owner, principal):
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
