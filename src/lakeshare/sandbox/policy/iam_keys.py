"""
The condition keys of IAM's own calls, beside those that every call has.

From the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.context import Values
from lakeshare.sandbox.policy.tag_keys import brought
from lakeshare.sandbox.world import World

# Calls about a boundary bring it; these are asked for the one that the role or user has.
_BOUND: Final = frozenset(
    f"{verb}{kind}" for verb in ("Attach", "Detach", "Put", "Delete") for kind in ("RolePolicy", "UserPolicy")
) | {"DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary"}


def iam_keys(world: World, operation: str, form: Mapping[str, str], arn: str) -> dict[str, str | Values]:
    """Return the keys of a call of IAM about *arn*, whose fields are *form*."""
    store = world.store(Moto)
    tags = dict(_listed(form))
    found = brought(tags, (value for name, value in form.items() if name.startswith("TagKeys.member.")))
    if operation.startswith(("Attach", "Detach")) and "PolicyArn" in form:
        found["iam:PolicyARN"] = form["PolicyArn"]
    boundary = store.boundary_arn(arn) if operation in _BOUND else form.get("PermissionsBoundary")
    return found | {"iam:PermissionsBoundary": boundary} if boundary else found


def _listed(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, key in form.items():
        if name.startswith("Tags.member.") and name.endswith(".Key"):
            yield key, form.get(f"{name.removesuffix('Key')}Value", "")
