"""
The condition keys of Athena's calls, beside those that every call has: the tags of workgroups.

From the Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
"""

from __future__ import annotations

from typing import Final

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.policy.resources import resource_arns
from lakeshare.sandbox.policy.tag_keys import brought, carried
from lakeshare.sandbox.services.athena.watching import RESOURCES
from lakeshare.sandbox.services.athena.workgroups import WorkGroups

_WORKGROUP: Final = ":workgroup/"


def of_call(call: Call) -> Given:
    """Return the tags that a call brings, and those of the workgroup that it is about."""
    params = call.params
    tags = {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", []) if "Key" in tag}
    found = brought(tags, params.get("TagKeys", []))
    groups = call.world.store(WorkGroups).of(call.caller.account, call.region)
    for arn in _arns(call):
        if (group := groups.get(arn.partition(_WORKGROUP)[2])) is not None:
            found |= carried(group.tags)
    return found


def _arns(call: Call) -> tuple[str, ...]:
    if call.operation in RESOURCES:
        return tuple(RESOURCES[call.operation](call))
    return resource_arns("athena", call.operation, call.caller.account, call.region, call.params)
