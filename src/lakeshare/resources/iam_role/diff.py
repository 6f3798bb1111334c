"""Compares a role with what we would make; a different role of that name that is not ours blocks the plan."""

from __future__ import annotations

from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.iam_role.model import IamRole
from lakeshare.resources.values import Absent, Unreadable, Verdict

WAY_OUT = (
    "leave `create:` out of the reader, and the role gets its grants and is otherwise left alone;"
    " or choose another role name"
)


def diff(desired: IamRole | None, observed: IamRole | Absent | Unreadable, last_known: IamRole | None) -> Verdict:
    """Decide what one role needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="role")
    moved = isinstance(observed, IamRole) and observed.path != desired.path
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="role",
        differences=_differences,
        when_different="replace" if moved else "update",
        way_out=WAY_OUT,
    )


def _differences(desired: IamRole, observed: IamRole) -> list[str]:
    found = field_differences(
        desired,
        observed,
        {
            "path": "its path",
            "service": "the service that may assume it",
            "permissions_boundary": "its permissions boundary",
            "max_session_seconds": "its longest session",
        },
    )
    if desired.operator != observed.operator:
        found.append("the operator's trust, with which `verify` acts as the role, differs")
    if observed.foreign_trust:
        found.append("others may assume it too")
    return found
