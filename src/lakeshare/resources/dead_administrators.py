"""
Finds administrators whose role or user is gone.

One of them makes every PutDataLakeSettings fail, and all of them have to go in one Put (documented: Lake
Formation's troubleshooting.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.administrators import ADMINISTRATORS, READ_ONLY_ADMINISTRATORS, principals_in
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

_LOOKS = {"role": ("get_role", "RoleName", "Role"), "user": ("get_user", "UserName", "User")}


def dead_administrators(run: Run, place: Place, settings: Mapping[str, Any]) -> list[str]:
    """
    List the principals in *settings* that are dead.

    Asks IAM once for each role and user of this account that is listed. Of other accounts' principals, and of those
    that the operator may not ask about, nothing is known, so none of them is called dead.
    """
    members = (ADMINISTRATORS, READ_ONLY_ADMINISTRATORS)
    asked = list(dict.fromkeys(name for member in members for name in principals_in(settings, member)))
    alive = run.aws.in_parallel(lambda principal: is_alive(run, place, principal), asked)
    return [principal for principal, lives in zip(asked, alive, strict=True) if lives is False]


def is_alive(run: Run, place: Place, principal: str) -> bool | None:
    """Tell whether IAM knows *principal*, by its whole ARN; None when that cannot be told."""
    sort, _, path = principal.partition(f":iam::{place.account_id}:")[2].partition("/")
    if sort not in _LOOKS or principal == run.aws.identity(place.alias).principal_arn:
        return None if sort not in _LOOKS else True
    operation, parameter, member = _LOOKS[sort]

    def look() -> bool | None:
        try:
            name = path.rpartition("/")[2]
            found = run.aws.call(place.alias, place.region, "iam", operation, **{parameter: name})
        except CallError as error:
            if error.aws_code == "NoSuchEntity":
                return False
            if error.aws_code in ("AccessDenied", "AccessDeniedException"):
                return None
            raise
        # One of that name under another path is somebody else, and Lake Formation goes by the ARN.
        return bool(found[member]["Arn"] == principal)

    return run.once(("is alive", place.account_id, principal), look)
