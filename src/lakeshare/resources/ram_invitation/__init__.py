"""The consumer's acceptance of the RAM shares that carry a table."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.ram_invitation.diff import diff
from lakeshare.resources.ram_invitation.model import RamInvitation, with_renamed_accounts
from lakeshare.resources.ram_invitation.read import read_invitations, share_status_once
from lakeshare.resources.ram_invitation.rights import rights_for
from lakeshare.resources.ram_invitation.write import lane, write_invitations

__all__ = ["KIND", "RamInvitation", "share_status_once"]

KIND = Kind(
    name="ram_invitation",
    label="invitation",
    title="share acceptances",
    model=RamInvitation,
    read=read_invitations,
    diff=diff,
    write=write_invitations,
    rights=rights_for,
    lane=lane,
    renamed=with_renamed_accounts,
)
