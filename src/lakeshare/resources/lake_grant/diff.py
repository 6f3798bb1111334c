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
        return removal(observed, last_known, noun="grant")
    if isinstance(observed, Absent):
        return step("create", desired, observed, "nobody granted it yet")
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    return _compare(desired, observed, last_known)


def _compare(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> Verdict:
    if desired.grantable and not observed.grantable:
        return step("create", desired, observed, "it is held without the grant option")
    if desired.columns is not None and observed.columns is None and not (last_known and last_known.columns is None):
        reason = "somebody else granted the whole table, so the spec's column rule would restrict nothing"
        return Blocker(desired.address, desired.kind, reason, WAY_OUT)
    wrong = _column_difference(desired, observed, last_known)
    if wrong and last_known:
        return step("update", desired, observed, wrong)
    if wrong:
        # Others granted some of it: only what we add is ours to take away again.
        held = observed.columns or frozenset()
        added = desired.columns if desired.columns is None else desired.columns - held
        return step("create", replace(desired, columns=added), observed, wrong)
    reason = "as it should be" if last_known else EXISTS_NOT_OURS
    return NoOp(
        desired.address, desired.kind, reason, is_ours=last_known is not None, desired=desired, observed=observed
    )


def _column_difference(desired: LakeGrant, observed: LakeGrant, last_known: LakeGrant | None) -> str | None:
    if desired.columns is None:
        return "it is restricted to some columns, not the whole table" if observed.columns is not None else None
    if observed.columns is None:
        return "it is held on the whole table, not on some columns"
    missing = desired.columns - observed.columns
    ours = (last_known.columns or frozenset()) if last_known else frozenset()
    excess = (ours & observed.columns) - desired.columns
    if missing and excess:
        return f"columns missing: {_names(missing)}; columns too many: {_names(excess)}"
    if missing:
        return f"columns missing: {_names(missing)}"
    return f"columns too many: {_names(excess)}" if excess else None


def _names(columns: frozenset[str]) -> str:
    listed = sorted(columns)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
