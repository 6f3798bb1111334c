"""What is in shares, and who has them: associations, resources and principals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.services.ram.invitations import received_invitation
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.refusals import check_arn, unknown_share
from lakeshare.sandbox.services.ram.shares import Association, Share, Shares

_AVAILABILITY: Final = {"ASSOCIATED": "AVAILABLE", "FAILED": "UNAVAILABLE"}


def get_resource_share_associations(call: Call) -> Mapping[str, Any]:
    """Answer GetResourceShareAssociations, to the owner of the shares."""
    params, kind = call.params, call.params["associationType"]
    found = [
        association_answer(call, share, association)
        for share in _chosen(call, call.world.store(Shares).owned_by(call.caller.account, call.region))
        for association in (share.resources if kind == "RESOURCE" else share.principals).values()
        if params.get("resourceArn" if kind == "RESOURCE" else "principal") in {None, association.entity}
    ]
    matching = [each for each in found if params.get("associationStatus") in {None, each["status"]}]
    return listed(call, "resourceShareAssociations", matching)


def list_resources(call: Call) -> Mapping[str, Any]:
    """Answer ListResources: what the caller's account shares (SELF), or has by accepted shares (OTHER-ACCOUNTS)."""
    params = call.params
    wanted = params.get("resourceArns")
    found = [
        resource_answer(call, share, association)
        for share in _chosen(call, _seen(call))
        for association in share.resources.values()
        if (not wanted or association.entity in wanted) and _shows(call, share, association)
    ]
    of_type = [each for each in found if params.get("resourceType") in {None, each["type"]}]
    return listed(call, "resources", of_type)


def list_pending_invitation_resources(call: Call) -> Mapping[str, Any]:
    """Answer ListPendingInvitationResources: what an invitation would bring, before it is accepted."""
    share = received_invitation(call).share
    shown = (each for each in share.resources.values() if _shows(call, share, each))
    return listed(call, "resources", [resource_answer(call, share, each) for each in shown])


def list_principals(call: Call) -> Mapping[str, Any]:
    """Answer ListPrincipals: whom the caller's account shares with (SELF), or who shares with it (OTHER-ACCOUNTS)."""
    is_own = call.params["resourceOwner"] == "SELF"
    wanted, resource = call.params.get("principals"), call.params.get("resourceArn")
    found = [
        {
            "id": principal,
            "resourceShareArn": share.arn,
            "creationTime": datetime.fromtimestamp(share.created_at, UTC),
            "lastUpdatedTime": datetime.fromtimestamp(share.updated_at, UTC),
            "external": _is_external(call, share, principal),
        }
        for share in _chosen(call, _seen(call))
        if resource is None or resource in share.resources
        for principal in (share.principals if is_own else [share.owner])
        if not wanted or principal in wanted
    ]
    return listed(call, "principals", found)


def association_answer(call: Call, share: Share, association: Association) -> dict[str, Any]:
    """Return an association as the API shows it."""
    created = datetime.fromtimestamp(association.created_at, UTC)
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": association.entity,
        "associationType": association.kind,
        "status": call.world.store(Shares).status(share, association),
        "statusMessage": association.failure or None,
        "creationTime": created,
        "lastUpdatedTime": created,
        "external": association.kind == "PRINCIPAL" and _is_external(call, share, association.entity),
    }


def resource_answer(call: Call, share: Share, association: Association) -> dict[str, Any]:
    """Return a shared resource as the API shows it."""
    created = datetime.fromtimestamp(association.created_at, UTC)
    status = call.world.store(Shares).status(share, association)
    return {
        "arn": association.entity,
        "type": _type(association.entity),
        "resourceShareArn": share.arn,
        "status": _AVAILABILITY.get(status, "PENDING"),
        "creationTime": created,
        "lastUpdatedTime": created,
    }


def _is_external(call: Call, share: Share, principal: str) -> bool:
    """Whether *principal* is outside the other side's organisation: the owner's, or the caller's for an owner."""
    other = call.caller.account if principal == share.owner else share.owner
    return not call.world.store(Shares).is_within(other, principal)


def _shows(call: Call, share: Share, association: Association) -> bool:
    """Whether a resource shows: one whose association failed shows to the owner of the share alone (inferred)."""
    return share.owner == call.caller.account or not association.failure


def _type(arn: str) -> str:
    """Return RAM's name for the type of a resource: ``glue:Table`` for .../table/database/name."""
    _, _, service, _, _, rest = arn.split(":", 5)
    kind = rest.replace(":", "/").split("/")[0]
    return f"{service}:{kind.capitalize()}"


def _seen(call: Call) -> Iterable[Share]:
    shares, account = call.world.store(Shares), call.caller.account
    if call.params["resourceOwner"] == "SELF":
        return shares.owned_by(account, call.region)
    return shares.received_by(account, call.region)


def _chosen(call: Call, shares: Iterable[Share]) -> list[Share]:
    """Return those of *shares* that the call names by ARN, all of them where it names none."""
    arns = call.params.get("resourceShareArns") or []
    seen = {share.arn: share for share in shares}
    for arn in arns:
        check_arn(arn)
        if arn not in seen:
            raise unknown_share(arn)
    return [seen[arn] for arn in arns] or list(seen.values())


OPERATIONS: Operations = {
    "GetResourceShareAssociations": get_resource_share_associations,
    "ListResources": list_resources,
    "ListPendingInvitationResources": list_pending_invitation_resources,
    "ListPrincipals": list_principals,
}
