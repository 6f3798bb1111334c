"""A reader's role that is made in one version of a spec and completed in another: it cannot be both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.iam_trust import IamTrust
from lakeshare.resources.values import Blocker


def changed_sides(wanted: Mapping[str, Any], left_over: Iterable[Any]) -> Iterator[Blocker]:
    """
    Yield what would be taken away from a role that *wanted* still needs, since the spec has it the other way now.

    *left_over* is what is ours and no longer wanted: a statement in the trust of a role that others made, and that the
    spec has made now; or a role of ours that the spec completes now as if others had made it.
    """
    made = {_role(item): item for item in wanted.values() if isinstance(item, IamRole)}
    added = {_role(item): item for item in wanted.values() if isinstance(item, (IamPolicy, IamTrust))}
    seen = set()
    for item in left_over:
        role = _role(item)
        if isinstance(item, IamTrust) and role in made and role not in seen:
            seen.add(role)
            yield Blocker(
                made[role].address,
                "iam_role",
                f"role {role[1]} is somebody's that this spec completed; with `create` it would be one to be made",
                "keep `complete`, or give the role that is to be made another name",
            )
        elif isinstance(item, IamRole) and role in added and role not in made:
            yield Blocker(
                added[role].address,
                added[role].kind,
                f"role {role[1]} is one that this spec made; it would be deleted, and nothing left to complete",
                "keep `create`, or make a role of another name for the spec to complete",
            )


def _role(item: Any) -> tuple[str, str]:
    name = item.name if isinstance(item, IamRole) else getattr(item, "role", "")
    return item.place.account_id, name
