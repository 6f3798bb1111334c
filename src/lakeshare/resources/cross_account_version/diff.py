"""Compares in one direction: a version may be too low, and never too high."""

from __future__ import annotations

from lakeshare.resources.compare import EXISTS_NOT_OURS, step
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.values import Absent, NoOp, Unreadable, Verdict

NO_WAY_BACK = 5
"""From this version on it cannot be lowered (documented: optimize-ram.html); below it, we never do."""

WHAT_IT_CHANGES = {
    2: "grants to one account travel on few RAM shares instead of one each",
    3: "grants may go to single roles of another account, and those by LF-tags travel by RAM, to be accepted there",
    4: "a table may be shared while IAM_ALLOWED_PRINCIPALS hold it",
    5: "shares name tables by pattern, and there is no way back to a lower version",
}
"""What each version adds (documented: optimize-ram.html)."""


def diff(
    desired: CrossAccountVersion | None,
    observed: CrossAccountVersion | Absent | Unreadable,
    last_known: CrossAccountVersion | None,
) -> Verdict:
    """Decide whether the version must be raised."""
    if desired is None:
        assert last_known is not None
        return _kept(last_known, observed)
    if not isinstance(observed, CrossAccountVersion):
        reason = observed.reason if isinstance(observed, Unreadable) else "it is not told"
        return step("update", desired, Unreadable(reason), f"cannot be seen yet: {reason}")
    if observed.version < desired.version:
        return step("update", desired, observed, _reason(observed.version, desired.version))
    reason = "as it should be" if last_known else EXISTS_NOT_OURS
    if observed.version > desired.version:
        reason = f"the version is {observed.version}, which is more than the spec's {desired.version}: never lowered"
    is_ours = last_known is not None
    return NoOp(desired.address, desired.kind, reason, is_ours=is_ours, desired=desired, observed=observed)


def _kept(last_known: CrossAccountVersion, observed: CrossAccountVersion | Absent | Unreadable) -> NoOp:
    """Leave a version that we raised: what has been shared since rests on it, ours or not."""
    version = observed.version if isinstance(observed, CrossAccountVersion) else last_known.version
    why = "it cannot be" if version >= NO_WAY_BACK else "others may share by it by now"
    reason = f"kept: cross-account version {version} is not lowered again: {why}"
    return NoOp(
        last_known.address, last_known.kind, reason, is_ours=True, observed=last_known, forget=True, is_kept=True
    )


def _reason(before: int, after: int) -> str:
    effects = "; ".join(WHAT_IT_CHANGES[version] for version in range(before + 1, after + 1))
    return f"version {before} -> {after}: {effects}. Grants that exist stay as they are; it is never lowered again"
