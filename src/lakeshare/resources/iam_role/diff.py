"""Compares a role with what we would make; a different role of that name that is not ours blocks the plan."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.iam_role.model import IamRole
from lakeshare.resources.tags import tag_differences, with_tags_of_ours
from lakeshare.resources.values import Absent, Blocker, Unreadable, Verdict

WAY_OUT = (
    "write `complete: true` in place of `create:`, and the role is given what reading takes and else left as it is;"
    " or leave `create:` out, and it gets its grants alone; or choose another role name"
)


def diff(desired: IamRole | None, observed: IamRole | Absent | Unreadable, last_known: IamRole | None) -> Verdict:
    """Decide what one role needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="role")
    if last_known is None and isinstance(observed, IamRole) and asks_for_another_id(desired, observed):
        return _secret_lost(desired)
    if isinstance(observed, IamRole):
        observed = with_tags_of_ours(desired, observed, last_known)
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


def asks_for_another_id(desired: IamRole, observed: IamRole) -> bool:
    """Tell whether the ExternalId in the operator's trust is all that differs: ours in everything but the secret."""
    if desired.operator is None or observed.operator is None:
        return False
    told = replace(
        observed, operator=replace(observed.operator, external_id_digest=desired.operator.external_id_digest)
    )
    return observed.operator != desired.operator and not _differences(desired, told)


def _secret_lost(desired: IamRole) -> Blocker:
    return Blocker(
        desired.address,
        desired.kind,
        "the role exists and is not in the ledger, and its proof trust asks for another ExternalId than is known here",
        "put the folder .lakeshare back if it was lost; or set `external_id` of account"
        f" {desired.place.alias} in the spec to the value in the role's trust policy; or take the role over with"
        " `lakeshare state adopt`, and the next apply writes another",
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
    if missing := [one.name for one in desired.trustees if one not in observed.trustees]:
        found.append(f"it does not trust, as the spec has it, {', '.join(missing)}")
    if observed.foreign_trust or any(one not in desired.trustees for one in observed.trustees):
        found.append("others may assume it too")
    return found + tag_differences(desired, observed)
