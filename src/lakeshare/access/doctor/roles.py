"""Reads the roles that matter in an account, once for all checks that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshare.access.doctor.looking import Unread, call, listed
from lakeshare.resources.documents import policy_document
from lakeshare.resources.iam_policy import size_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

READS: Final = ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies")


@dataclass(frozen=True, slots=True)
class Role:
    """A role that is there, with its trust policy."""

    name: str
    arn: str
    trust: Mapping[str, Any]


def role(run: Run, place: Place, name: str) -> Role | Unread | None:
    """Return the role called *name*; None when there is none."""

    def look() -> Role | Unread | None:
        answer = call(run, place, "iam", "get_role", absent={"NoSuchEntity"}, RoleName=name)
        if not isinstance(answer, dict):
            return answer
        row = answer["Role"]
        return Role(name, row["Arn"], policy_document(row["AssumeRolePolicyDocument"]))

    return run.once(("doctor: role", place.account_id, name), look)


def inline_sizes(run: Run, place: Place, name: str) -> dict[str, int] | Unread:
    """Return how many characters each inline policy of the role *name* has, as IAM counts them."""
    names = listed(run, place, "iam", "list_role_policies", "PolicyNames", RoleName=name)
    if not isinstance(names, list):
        return names or {}
    found = {}
    for policy in names:
        answer = call(run, place, "iam", "get_role_policy", RoleName=name, PolicyName=policy)
        if isinstance(answer, Unread):
            return answer
        found[str(policy)] = size_of(policy_document(answer["PolicyDocument"])) if answer else 0
    return found
