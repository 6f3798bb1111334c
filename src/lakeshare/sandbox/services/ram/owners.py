"""What only the owner of a share may do with it."""

from __future__ import annotations

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.refusals import check_share_arn, unknown_share
from lakeshare.sandbox.services.ram.shares import Shares

RULE_OWNER = rule(
    "ram.share.owner-changes",
    "Only the account that owns a share changes it; an account that has accepted it, and did not get it within its "
    "organisation, may take itself out.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_AssociateResourceShare.html, "
    "https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-leave.html",
)


def own_share(call: Call) -> Share:
    """Return the share that the call names, which must be the caller's and alive, in this Region."""
    share = _living_share(call)
    if share.owner != call.caller.account:
        message = f"You do not have permission to change resource share {share.arn}."
        raise RULE_OWNER.refuse("OperationNotPermittedException", message)
    return share


def own_share_or_left(call: Call) -> Share:
    """Return the share that the call names, as ``own_share`` does, or one that the caller's account only leaves."""
    share, account = _living_share(call), call.caller.account
    invitation = share.invitations.get(account)
    is_in = invitation is not None and invitation.answer == "ACCEPTED"
    if is_in and call.params.get("principals") == [account] and not call.params.get("resourceArns"):
        return share
    return own_share(call)


def _living_share(call: Call) -> Share:
    arn = call.params["resourceShareArn"]
    check_share_arn(arn)
    share = call.world.store(Shares).share(arn)
    if share is None or share.deleted_at is not None or share.region != call.region:
        raise unknown_share(arn)
    return share
