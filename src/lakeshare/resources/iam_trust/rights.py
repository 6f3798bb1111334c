"""What IAM must allow the operator for a statement in a role's trust policy."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.iam_trust.model import IamTrust
from lakeshare.resources.rights import Right, rights


def rights_for(item: IamTrust) -> Iterator[Right]:
    """Yield the rights, which IAM asks about the role."""
    yield from rights("look", "iam", "GetRole", item.role_arn)
    yield from rights(("make", "mend", "take away"), "iam", "UpdateAssumeRolePolicy", item.role_arn)
