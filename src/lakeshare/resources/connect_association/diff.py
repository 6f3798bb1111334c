"""An association is there or it is not; the one thing that can be wrong with it is a share that nobody accepted."""

from __future__ import annotations

from lakeshare.resources.compare import EXISTS_NOT_OURS, removal, step
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict


def diff(
    desired: ConnectAssociation | None,
    observed: ConnectAssociation | Absent | Unreadable,
    last_known: ConnectAssociation | None,
) -> Verdict:
    """Decide what one association needs."""
    if desired is None:
        assert last_known is not None
        gone = isinstance(observed, ConnectAssociation) and observed.is_instance_gone
        return removal(Absent() if gone else observed, last_known, noun="association")
    if isinstance(observed, Absent):
        return step("create", desired, observed, "the data set is not associated with the target account")
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    if observed.is_instance_gone:
        reason = f"Connect has no instance {desired.instance} in {desired.place}"
        way_out = "name an instance that is there, or take the share out of the spec"
        return Blocker(desired.address, desired.kind, reason, way_out)
    if observed.share_expired:
        return step("replace", desired, observed, "its share expired before anybody accepted it; a new one is needed")
    reason = "as it should be" if last_known else EXISTS_NOT_OURS
    return NoOp(
        desired.address, desired.kind, reason, is_ours=last_known is not None, desired=desired, observed=observed
    )
