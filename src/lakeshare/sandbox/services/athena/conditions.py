"""
The condition keys of Athena's calls, beside those that every call has: the tags that one brings.

From the Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.policy.tag_keys import brought


def of_call(call: Call) -> Given:
    """Return the tags that a call puts on something, and the keys of those that it takes off."""
    params = call.params
    tags = {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", []) if "Key" in tag}
    return brought(tags, params.get("TagKeys", []))
