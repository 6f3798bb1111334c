"""
Reads what became of shares and of the invitations to them.

"No invitation" has four meanings (already active, not visible yet, another Region, expired), so the shares are asked
before the invitations (documented; connect-data-lake reference, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.values import Absent, Place, Unreadable, has_unknowns


@dataclass(frozen=True, slots=True)
class ShareStatus:
    """What the consumer sees of one share; *invitation_arn* is set while there is something to accept."""

    state: Literal["active", "pending", "expired", "rejected", "invisible"]
    invitation_arn: str | None = None
    detail: str = ""


def read_invitations(run: Run, wanted: Sequence[RamInvitation]) -> Mapping[str, RamInvitation | Absent | Unreadable]:
    """Return the state of each *wanted* acceptance."""
    spots = list(
        dict.fromkeys((item.place, str(arn)) for item in wanted if not has_unknowns(item) for arn in item.share_arns)
    )
    seen = dict(zip(spots, run.aws.in_parallel(lambda spot: share_status_once(run, *spot), spots), strict=True))
    return {item.address: _observed(item, seen) for item in wanted}


def _observed(
    item: RamInvitation, seen: Mapping[tuple[Place, str], ShareStatus]
) -> RamInvitation | Absent | Unreadable:
    if has_unknowns(item):
        return Unreadable("its share does not exist yet")
    states = {seen[item.place, str(arn)].state for arn in item.share_arns}
    if "expired" in states:
        return replace(item, state="expired")
    if "rejected" in states:
        return replace(item, state="rejected")
    return replace(item, state="accepted") if states <= {"active"} else Absent()


def share_status_once(run: Run, place: Place, share_arn: str) -> ShareStatus:
    """Return `share_status`, from memory where *run* has one and asked before."""
    return run.once(("share", place, share_arn), lambda: share_status(run, place, share_arn))


def share_status(run: Run, place: Place, share_arn: str) -> ShareStatus:
    """Ask for one share, then, unless it is active, for the invitation to it."""
    if _is_active(run, place, share_arn):
        return ShareStatus("active")
    invitations = list(
        run.aws.pages(
            place.alias,
            place.region,
            "ram",
            "get_resource_share_invitations",
            "resourceShareInvitations",
            resourceShareArns=[share_arn],
        )
    )
    # An old share may have several: the youngest tells how things stand.
    invitations.sort(key=lambda row: row["invitationTimestamp"])
    if not invitations:
        return ShareStatus("invisible", detail="no share and no invitation visible")
    match invitations[-1]["status"]:
        case "PENDING":
            return ShareStatus("pending", invitations[-1]["resourceShareInvitationArn"], "invitation pending")
        case "ACCEPTED":
            return ShareStatus("invisible", detail="invitation accepted, share not active yet")
        case "EXPIRED":
            return ShareStatus("expired", detail="invitation expired")
        case _:
            return ShareStatus("rejected", detail="invitation rejected")


def _is_active(run: Run, place: Place, share_arn: str) -> bool:
    try:
        # RAM may answer with an empty page and a token for the next (documented, "nextToken").
        rows = run.aws.pages(
            place.alias,
            place.region,
            "ram",
            "get_resource_shares",
            "resourceShares",
            resourceOwner="OTHER-ACCOUNTS",
            resourceShareArns=[share_arn],
        )
        return any(row.get("status") == "ACTIVE" for row in rows)
    except CallError as error:
        if error.aws_code == "UnknownResourceException":
            return False
        raise
