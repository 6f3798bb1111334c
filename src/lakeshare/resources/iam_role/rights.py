"""What IAM must allow the operator for a role."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.iam_role.model import IamRole
from lakeshare.resources.rights import Right, rights, role_arns


def rights_for(item: IamRole) -> Iterator[Right]:
    """Yield the rights. A role that others gave policies of their own is kept, so they are looked at before it goes."""
    yield from rights("look", "iam", "GetRole", *role_arns(item.place, item.path, item.name))
    yield from rights("make", "iam", "CreateRole TagRole", item.arn)
    yield from rights("mend", "iam", "UpdateAssumeRolePolicy UpdateRole TagRole", item.arn)
    boundary = "PutRolePermissionsBoundary" if item.permissions_boundary else "DeleteRolePermissionsBoundary"
    yield from rights("mend", "iam", boundary, item.arn)
    if item.permissions_boundary:
        # Whether there is such a policy is looked up before the role is made with it.
        yield from rights(("make", "mend"), "iam", "GetPolicy", item.permissions_boundary)
    yield from rights("change", "iam", "UntagRole", item.arn)
    looking = "ListRolePolicies ListAttachedRolePolicies"
    yield from rights("take away", "iam", f"DeleteRole DeleteRolePolicy {looking}", item.arn)
