"""Decides whether a table must be closed to IAM alone, or opened to it again."""

from __future__ import annotations

from lakeshare.resources.compare import EXISTS_NOT_OURS
from lakeshare.resources.iam_allowed_principals.model import EVERY_TABLE, ClosedTable
from lakeshare.resources.values import Absent, NoOp, Step, Unreadable, Verdict


def diff(
    desired: ClosedTable | None, observed: ClosedTable | Absent | Unreadable, last_known: ClosedTable | None
) -> Verdict:
    """Closing is shown as a revoke and counts as one; opening again is shown as something given back."""
    if desired is None:
        assert last_known is not None
        return _opened_again(observed, last_known)
    if isinstance(observed, ClosedTable):
        reason = "as it should be" if last_known else EXISTS_NOT_OURS
        is_ours = last_known is not None
        return NoOp(desired.address, desired.kind, reason, is_ours=is_ours, desired=desired, observed=observed)
    reason = f"cannot be seen yet: {observed.reason}" if isinstance(observed, Unreadable) else _reason(desired)
    return Step(desired.address, desired.kind, "delete", reason, desired, observed, depends_on=desired.depends_on)


def _reason(desired: ClosedTable) -> str:
    what = "the tables of this database" if desired.table == EVERY_TABLE else "this table"
    return (
        f"ALL from IAM_ALLOWED_PRINCIPALS: everybody whom IAM alone lets read {what} in account"
        f" {desired.place.account_id} loses that unless granted"
    )


def _opened_again(observed: ClosedTable | Absent | Unreadable, last_known: ClosedTable) -> Verdict:
    if isinstance(observed, Absent):
        reason = "somebody has given ALL back to IAM_ALLOWED_PRINCIPALS already"
        return NoOp(last_known.address, last_known.kind, reason, is_ours=True, observed=last_known, forget=True)
    reason = "ALL goes back to IAM_ALLOWED_PRINCIPALS, from whom we took it: whoever IAM lets reads it again"
    return Step(
        last_known.address, last_known.kind, "create", reason, None, last_known, depends_on=last_known.depends_on
    )
