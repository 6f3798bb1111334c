"""What IAM must allow the operator for an acceptance."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.rights import Right, rights


def rights_for(item: RamInvitation) -> Iterator[Right]:
    """Yield the rights. An invitation's ARN is the sender's, and nobody knows it beforehand."""
    yield from rights("look", "ram", "GetResourceShares GetResourceShareInvitations")
    invitations = item.place.arn("ram", "resource-share-invitation/*", account_id="*")
    yield from rights("make", "ram", "AcceptResourceShareInvitation", invitations)
