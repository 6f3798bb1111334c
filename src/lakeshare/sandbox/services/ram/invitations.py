"""Invitations to resource shares: finding, accepting and rejecting them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Invitation, InvitationStatus
from lakeshare.sandbox.services.ram.listing import listed
from lakeshare.sandbox.services.ram.refusals import check_invitation_arn, check_share_arn, unknown_share
from lakeshare.sandbox.services.ram.shares import Shares

RULE_KNOWN = rule(
    "ram.invitation.known",
    "An invitation is answered by the account it was sent to, in the Region of the share.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_AcceptResourceShareInvitation.html",
)
RULE_ONCE = rule(
    "ram.invitation.answered-once",
    "An invitation is accepted or rejected once.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_AcceptResourceShareInvitation.html",
)
RULE_ALIVE = rule(
    "ram.invitation.twelve-hours",
    "An invitation to a share with Glue resources can be accepted for 12 hours; RAM lists the types, of EC2, Route 53 "
    "and others, that have 7 days.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html",
)

_ANSWERED: Final = {
    "ACCEPTED": ("ResourceShareInvitationAlreadyAcceptedException", "has already been accepted"),
    "REJECTED": ("ResourceShareInvitationAlreadyRejectedException", "has already been rejected"),
}


def get_resource_share_invitations(call: Call) -> Mapping[str, Any]:
    """Answer GetResourceShareInvitations: those to the caller's account, whatever their status."""
    shares, params = call.world.store(Shares), call.params
    wanted, of_shares = params.get("resourceShareInvitationArns"), params.get("resourceShareArns")
    for arn in wanted or []:
        check_invitation_arn(arn)
    for arn in of_shares or []:
        check_share_arn(arn)
        if shares.share(arn) is None:
            raise unknown_share(arn)
    found = [
        invitation
        for invitation in shares.invitations_for(call.caller.account, call.region)
        if (not wanted or invitation.arn in wanted) and (not of_shares or invitation.share.arn in of_shares)
    ]
    if missing := sorted(set(wanted or []) - {invitation.arn for invitation in found}):
        raise _unknown(missing[0])
    return listed(call, "resourceShareInvitations", (_answer(call, each) for each in found))


def accept_resource_share_invitation(call: Call) -> Mapping[str, Any]:
    """Answer AcceptResourceShareInvitation."""
    invitation = open_invitation(call)
    call.world.store(Shares).accept(invitation)
    return {"resourceShareInvitation": _answer(call, invitation)}


def reject_resource_share_invitation(call: Call) -> Mapping[str, Any]:
    """Answer RejectResourceShareInvitation."""
    invitation = open_invitation(call)
    invitation.answer, invitation.answered_at = "REJECTED", call.world.clock.now()
    return {"resourceShareInvitation": _answer(call, invitation)}


def open_invitation(call: Call) -> Invitation:
    """Return the invitation that the call names, if its receiver asks and it can still be answered."""
    invitation = received_invitation(call)
    check_alive(call, invitation, dead=("ACCEPTED", "REJECTED", "EXPIRED"))
    return invitation


def check_alive(call: Call, invitation: Invitation, *, dead: tuple[InvitationStatus, ...]) -> None:
    """Refuse an invitation that has come to one of the states *dead*."""
    arn, status = invitation.arn, invitation.status(call.world.clock.now())
    if status not in dead:
        return
    if status in _ANSWERED:
        code, words = _ANSWERED[status]
        raise RULE_ONCE.refuse(code, f"Resource share invitation {arn} {words}.")
    message = f"Resource share invitation {arn} has expired."
    raise RULE_ALIVE.refuse("ResourceShareInvitationExpiredException", message)


def received_invitation(call: Call) -> Invitation:
    """Return the invitation that the call names, if it was sent to the caller's account and in this Region."""
    arn = call.params["resourceShareInvitationArn"]
    check_invitation_arn(arn)
    found = call.world.store(Shares).invitation(arn)
    if found is None or (found.receiver, found.share.region) != (call.caller.account, call.region):
        raise _unknown(arn)
    return found


def _unknown(arn: str) -> Exception:
    message = f"Resource share invitation {arn} could not be found."
    return RULE_KNOWN.refuse("ResourceShareInvitationArnNotFoundException", message)


def _answer(call: Call, invitation: Invitation) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": invitation.share.name,
        "resourceShareArn": invitation.share.arn,
        "senderAccountId": invitation.share.owner,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": datetime.fromtimestamp(invitation.created_at, UTC),
        "status": invitation.status(call.world.clock.now()),
        # Whom of the account it is for, where that is not the account itself (documented: the model's receiverArn).
        "receiverArn": invitation.principal if invitation.principal != invitation.receiver else None,
    }


OPERATIONS: Operations = {
    "GetResourceShareInvitations": get_resource_share_invitations,
    "AcceptResourceShareInvitation": accept_resource_share_invitation,
    "RejectResourceShareInvitation": reject_resource_share_invitation,
}
