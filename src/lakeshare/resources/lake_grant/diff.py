"""
Compares one permission of one principal.

Lake Formation does not say who made a grant, and grants add up, so the ledger's copy (*last_known*) is what tells our
columns from other people's: only what we granted is ever revoked, and only the columns that go.
"""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import EXISTS_NOT_OURS, removal, step
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.values import Absent, Blocker, NoOp, Unreadable, Verdict

WAY_OUT = "revoke it by hand if the spec is right, or take the column rule out of the spec"


def diff(
    desired: LakeGrant | None,
    observed: LakeGrant | Absent | Unreadable,
    last_known: LakeGrant | None,
) -> Verdict:
    """Decide what one grant needs."""
    if desired is None:
        assert last_known is not None
        # Lists lag behind and hide (observed): not listed is no proof of being gone. Revoking nothing is success.
        return removal(last_known if isinstance(observed, Absent) else observed, last_known, noun="grant")
    if isinstance(observed, Absent):
        return step("create", desired, observed, "nobody granted it yet")
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    if desired.grantable and not observed.grantable:
        return _without_option(desired, observed, last_known)
    return _compare(desired, observed, last_known)


def _without_option(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> Verdict:
    reason = "it is held without the grant option"
    if last_known is not None:
        return step("create", desired, observed, reason)
    way_out = "somebody else granted it: revoke that, or grant it again with the option by hand, then apply"
    return Blocker(desired.address, desired.kind, reason, way_out)


def _compare(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> Verdict:
    if desired.columns is not None and observed.columns is None and not (last_known and last_known.columns is None):
        reason = "somebody else granted the whole table, so the spec's column rule would restrict nothing"
        return Blocker(desired.address, desired.kind, reason, WAY_OUT)
    ours = _our_part(observed, last_known)
    theirs = (observed.columns or frozenset()) - (ours.columns or frozenset())
    wrong = _column_difference(desired, observed, ours)
    if wrong is None:
        reason = "as it should be" if last_known else EXISTS_NOT_OURS
        return NoOp(
            desired.address, desired.kind, reason, is_ours=last_known is not None, desired=desired, observed=observed
        )
    # What others granted already is not made by us, and so must not enter the ledger as ours.
    made = desired if desired.columns is None else replace(desired, columns=desired.columns - theirs)
    return step("update", made, ours, wrong) if last_known else step("create", made, observed, wrong)


def _our_part(observed: LakeGrant, last_known: LakeGrant | None) -> LakeGrant:
    """Return what of the *observed* columns the ledger says we granted."""
    if observed.columns is None:
        return observed
    made = frozenset() if last_known is None else last_known.columns
    return observed if made is None else replace(observed, columns=observed.columns & made)


def _column_difference(desired: LakeGrant, observed: LakeGrant, ours: LakeGrant) -> str | None:
    if desired.columns is None:
        if observed.columns is None:
            return None
        return f"it is restricted to some columns, not the whole table: {_names(observed.columns)}"
    if observed.columns is None:
        return f"it is held on the whole table, not on {len(desired.columns)} columns: {_names(desired.columns)}"
    missing = desired.columns - observed.columns
    excess = (ours.columns or frozenset()) - desired.columns
    said = [f"columns missing: {_names(missing)}"] if missing else []
    said += [f"columns too many: {_names(excess)}"] if excess else []
    return "; ".join(said) or None


def _names(columns: frozenset[str]) -> str:
    listed = sorted(columns)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
