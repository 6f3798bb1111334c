"""An acceptance is there, can be made, or can no longer be made."""

from __future__ import annotations

from lakeshare.resources.compare import EXISTS_NOT_OURS, step
from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict

WAY_OUT = (
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
        return Blocker(desired.address, desired.kind, f"the invitation to {shares} is {observed.state}", WAY_OUT)
    reason = "as it should be" if last_known else EXISTS_NOT_OURS
    return NoOp(
        desired.address, desired.kind, reason, is_ours=last_known is not None, desired=desired, observed=observed
    )
