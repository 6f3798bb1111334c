"""What is in shares, and who has them: associations, resources and principals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Association, Share, receiver_of
from lakeshare.sandbox.services.ram.invitations import check_alive, received_invitation
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.refusals import check_arn, check_share_arn, unknown_share
from lakeshare.sandbox.services.ram.resource_types import GLUE_TYPES, type_of
from lakeshare.sandbox.services.ram.shares import Shares

RULE_OF_KIND = rule(
    "ram.association.of-kind",
    "A resource is looked for among resources, a principal among principals.",
    tag="documented",
    source="botocore service model, ram GetResourceShareAssociationsRequest; the message is observed (moto)",
)
RULE_TYPE = rule(
    "ram.resource.type-known",
    "A type of resource is written as RAM does: the service, a colon, and what of it is shared.",
    tag="documented",
    source="botocore service model, ram InvalidResourceTypeException; the message is ours",
)
_AVAILABILITY: Final = {"ASSOCIATED": "AVAILABLE", "FAILED": "UNAVAILABLE"}
_TYPE: Final = re.compile(r"[a-z0-9-]+:[a-z0-9-]+")


def get_resource_share_associations(call: Call) -> Mapping[str, Any]:
    """Answer GetResourceShareAssociations, to the owner of the shares; the sandbox's have no sources."""
    params, kind = call.params, call.params["associationType"]
    for member, named, other in (("resourceArn", "resource ARN", "PRINCIPAL"), ("principal", "principal", "RESOURCE")):
        if member in params and kind == other:
            message = f"You cannot specify a {named} when the association type is {kind}."
            raise RULE_OF_KIND.refuse("InvalidParameterException", message)
    if "resourceArn" in params:
        check_arn(params["resourceArn"])
    wanted, status = params.get("resourceArn", params.get("principal")), params.get("associationStatus")
    found = [
        association_answer(call, share, association)
        for share in _chosen(call, call.world.store(Shares).owned_by(call.caller.account, call.region))
        for association in _of_kind(share, kind)
        if wanted in {None, association.entity}
    ]
    return listed(call, "resourceShareAssociations", [each for each in found if status in {None, each["status"]}])


def list_resources(call: Call) -> Mapping[str, Any]:
    """Answer ListResources: what the caller's account shares (SELF), or has by accepted shares (OTHER-ACCOUNTS)."""
    params = call.params
    wanted, type_, other = params.get("resourceArns"), _asked_type(call), params.get("principal")
    for arn in wanted or []:
        check_arn(arn)
    found = [
        resource_answer(call, share, association)
        for share in _chosen(call, _seen(call))
        if other is None or other in _others(call, share)
        for association in share.resources.values()
        if (not wanted or association.entity in wanted) and _shows(call, share, association)
    ]
    return listed(
        call, "resources", [each for each in found if type_ in {None, each["type"].lower()} if _is_here(call)]
    )


def list_pending_invitation_resources(call: Call) -> Mapping[str, Any]:
    """Answer ListPendingInvitationResources: what an invitation would bring, before it is accepted."""
    invitation = received_invitation(call)
    check_alive(call, invitation, dead=("REJECTED", "EXPIRED"))
    share = invitation.share
    shown = [each for each in share.resources.values() if _shows(call, share, each) and _is_here(call)]
    return listed(call, "resources", [resource_answer(call, share, each) for each in shown])


def list_principals(call: Call) -> Mapping[str, Any]:
    """Answer ListPrincipals: whom the caller's account shares with (SELF), or who shares with it (OTHER-ACCOUNTS)."""
    wanted, resource, type_ = call.params.get("principals"), call.params.get("resourceArn"), _asked_type(call)
    if resource is not None:
        check_arn(resource)
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
        if type_ is None or any(type_of(each).lower() == type_ for each in share.resources)
        for principal in _others(call, share)
        if not wanted or principal in wanted
    ]
    return listed(call, "principals", found)


def list_source_associations(call: Call) -> Mapping[str, Any]:
    """Answer ListSourceAssociations: shares of the Data Catalog go to no services, and have no sources."""
    _chosen(call, call.world.store(Shares).owned_by(call.caller.account, call.region))
    return listed(call, "sourceAssociations", [])


def association_answer(call: Call, share: Share, association: Association) -> dict[str, Any]:
    """Return an association as the API shows it."""
    invitation = share.invitations.get(association.receiver) if association.kind == "PRINCIPAL" else None
    answered_at = invitation.answered_at if invitation else 0.0
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": association.entity,
        "associationType": association.kind,
        "status": call.world.store(Shares).status(share, association),
        "statusMessage": association.failure or None,
        "creationTime": datetime.fromtimestamp(association.created_at, UTC),
        "lastUpdatedTime": datetime.fromtimestamp(max(association.created_at, answered_at), UTC),
        "external": association.kind == "PRINCIPAL" and _is_external(call, share, association.entity),
    }


def resource_answer(call: Call, share: Share, association: Association) -> dict[str, Any]:
    """Return a shared resource as the API shows it."""
    created = datetime.fromtimestamp(association.created_at, UTC)
    status = call.world.store(Shares).status(share, association)
    return {
        "arn": association.entity,
        "type": type_of(association.entity),
        "resourceShareArn": share.arn,
        "status": _AVAILABILITY.get(status, "PENDING"),
        "creationTime": created,
        "lastUpdatedTime": created,
        "resourceRegionScope": "REGIONAL",
    }


def _is_external(call: Call, share: Share, principal: str) -> bool:
    """Whether *principal* is outside the other side's organisation: the owner's, or the caller's for an owner."""
    other = call.caller.account if principal == share.owner else share.owner
    return receiver_of(principal) != other and not call.world.store(Shares).is_within(other, principal)


def _shows(call: Call, share: Share, association: Association) -> bool:
    """Whether a resource shows: one whose association failed shows to the owner of the share alone (inferred)."""
    return share.owner == call.caller.account or not association.failure


def _of_kind(share: Share, kind: str) -> Iterable[Association]:
    return {"RESOURCE": share.resources, "PRINCIPAL": share.principals}.get(kind, {}).values()


def _others(call: Call, share: Share) -> Iterable[str]:
    """Return the other side of a share that the caller sees: those who have it, or its owner."""
    return share.principals if call.params["resourceOwner"] == "SELF" else (share.owner,)


def _asked_type(call: Call) -> str | None:
    """Return the type of resource that a call asks for, which knows no case, if it asks for one."""
    asked = call.params.get("resourceType")
    if asked is None:
        return None
    type_: str = asked.lower()
    is_glue_s = type_.startswith("glue:")
    if not _TYPE.fullmatch(type_) or (is_glue_s and type_ not in {each.lower() for each in GLUE_TYPES}):
        message = f"The specified resource type {asked} is not valid."
        raise RULE_TYPE.refuse("InvalidResourceTypeException", message)
    return type_


def _is_here(call: Call) -> bool:
    """Whether what belongs to one Region is asked for, as all is that the sandbox has."""
    return call.params.get("resourceRegionScope") != "GLOBAL"


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
        check_share_arn(arn)
        if arn not in seen:
            raise unknown_share(arn)
    return [seen[arn] for arn in arns] or list(seen.values())


OPERATIONS: Operations = {
    "GetResourceShareAssociations": get_resource_share_associations,
    "ListResources": list_resources,
    "ListPendingInvitationResources": list_pending_invitation_resources,
    "ListPrincipals": list_principals,
    "ListSourceAssociations": list_source_associations,
}
