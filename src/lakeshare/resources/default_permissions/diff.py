"""Empties the defaults, and gives back what was there before."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import EXISTS_NOT_OURS
from lakeshare.resources.default_permissions.model import DefaultPermissions
from lakeshare.resources.values import Absent, NoOp, Step, Unreadable, Verdict

BACK = "what was granted by default before we emptied it is put back: what is made from now on is open to it again"
SET_AGAIN = "somebody has set them since: left as they are"
NOTHING_TAKEN = "nothing was granted by default before us either"


def diff(
    desired: DefaultPermissions | None,
    observed: DefaultPermissions | Absent | Unreadable,
    last_known: DefaultPermissions | None,
) -> Verdict:
    """Decide whether the defaults must be emptied, or given back."""
    if desired is None:
        assert last_known is not None
        return _given_back(observed, last_known)
    if not isinstance(observed, DefaultPermissions):
        reason = observed.reason if isinstance(observed, Unreadable) else "they are not told"
        return _emptied(desired, Unreadable(reason), f"cannot be seen yet: {reason}")
    if observed == desired:
        reason = "as it should be" if last_known else EXISTS_NOT_OURS
        is_ours = last_known is not None
        return NoOp(desired.address, desired.kind, reason, is_ours=is_ours, desired=desired, observed=observed)
    known = last_known or desired
    remembering = replace(
        desired,
        databases_before=observed.databases or known.databases_before,
        tables_before=observed.tables or known.tables_before,
    )
    return _emptied(remembering, Absent(), _reason(observed))


def _emptied(desired: DefaultPermissions, observed: Absent | Unreadable, reason: str) -> Step:
    # What we are to be known for is that they are empty, and that was seen not to be so.
    return Step(desired.address, desired.kind, "update", reason, desired, observed, depends_on=desired.depends_on)


def _reason(observed: DefaultPermissions) -> str:
    made = " and ".join(
        name for name, found in (("databases", observed.databases), ("tables", observed.tables)) if found
    )
    who = ", ".join(sorted({principal for principal, _ in (*observed.databases, *observed.tables)}))
    return (
        f"{made} that anybody makes in account {observed.place.account_id} are opened to {who} by default; emptied, so"
        " that nobody reads a new one without a grant. What exists stays as it is"
    )


def _given_back(observed: DefaultPermissions | Absent | Unreadable, last_known: DefaultPermissions) -> Verdict:
    taken = last_known.databases_before, last_known.tables_before
    there = (observed.databases, observed.tables) if isinstance(observed, DefaultPermissions) else ((), ())
    to_give = [before for before, now in zip(taken, there, strict=True) if before and not now]
    if not to_give:
        reason = SET_AGAIN if any(taken) else NOTHING_TAKEN
        return NoOp(last_known.address, last_known.kind, reason, is_ours=True, observed=last_known, forget=True)
    return Step(last_known.address, last_known.kind, "update", BACK, None, last_known, depends_on=last_known.depends_on)
