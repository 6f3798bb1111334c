"""An acceptance is there, can be made, or can no longer be made."""

from __future__ import annotations

from lakeshare.resources.compare import EXISTS_NOT_OURS, step
from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict

EXPIRED = (
    "every data set has to come off the share and be associated again: lakeshare does that by itself when all of them"
    " are its own, and with `--recover-share ARN` on your word"
)


def diff(
    desired: RamInvitation | None,
    observed: RamInvitation | Absent | Unreadable,
    last_known: RamInvitation | None,
) -> Verdict:
    """Decide what one acceptance needs."""
    if desired is None:
        assert last_known is not None
        reason = "an acceptance goes when the producer takes the table off the share"
        return NoOp(
            last_known.address,
            last_known.kind,
            reason,
            is_ours=last_known is not None,
            observed=last_known,
            forget=True,
        )
    if isinstance(observed, Absent):
        return step("create", desired, observed, "the share is not accepted yet")
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    if observed.state != "accepted":
        shares = ", ".join(str(arn) for arn in observed.share_arns)
        reason = f"the invitation to {shares} is {observed.state}"
        return Blocker(desired.address, desired.kind, reason, _way_out(desired, observed))
    reason = "as it should be" if last_known else EXISTS_NOT_OURS
    return NoOp(
        desired.address, desired.kind, reason, is_ours=last_known is not None, desired=desired, observed=observed
    )


def _way_out(desired: RamInvitation, observed: RamInvitation) -> str:
    """
    Say how to come by another invitation: none of these can be accepted any more, and a share sends one once only.

    The share has to go, which it does when nothing is left on it; what is shared then comes on a new one.
    """
    if not desired.is_of_connect:
        return (
            f"have all that {desired.source} granted to account {desired.place.account_id} revoked, so that the share"
            f" goes, then apply again; for grants of ours {_taken_away(desired)} does it"
        )
    if observed.state == "expired":
        return EXPIRED
    return (
        "somebody said no to it, so ask first; then have every data set on the share disassociated, and apply again:"
        f" they come back on a new share. For those that the ledger lists {_taken_away(desired)} does it; for others"
        f" `{_disassociated(desired)}` in the producer's account"
    )


def _disassociated(desired: RamInvitation) -> str:
    """Return the AWS CLI's command that takes a data set off its share, whoever associated it."""
    instance, data_set = desired.source.rpartition(".")[2], desired.table.rpartition(".")[2]
    return (
        f"aws connect disassociate-analytics-data-set --instance-id {instance} --data-set-id {data_set}"
        f" --target-account-id {desired.place.account_id}"
    )


def _taken_away(desired: RamInvitation) -> str:
    """Return the command that takes away what brought the share, and what rests on it."""
    targets = " ".join(f"--target '{address}'" for address in desired.depends_on)
    return f"`lakeshare destroy {targets}`"
