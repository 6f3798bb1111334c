"""What IAM must allow the operator for a role's inline policy."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.iam_policy.model import IamPolicy
from lakeshare.resources.rights import Right, rights, role_arns


def rights_for(item: IamPolicy) -> Iterator[Right]:
    """Yield the rights, which IAM asks about the role."""
    role = item.role_arn
    yield from rights("look", "iam", "GetRolePolicy", *role_arns(item.place, item.role_path, item.role))
    yield from rights("make", "iam", "PutRolePolicy", role)
    yield from rights("take away", "iam", "DeleteRolePolicy", role)
