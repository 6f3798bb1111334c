"""Tags of resource shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.owners import own_share
from lakeshare.sandbox.services.ram.refusals import check_arn

RULE_COUNT = rule(
    "ram.tag.limit",
    "A share has at most 50 tags.",
    tag="documented",
    source="https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html; botocore service model, ram "
    "TagLimitExceededException",
)
RULE_KEY = rule(
    "ram.tag.key",
    "A tag has a key; its value may be left out.",
    tag="documented",
    source="https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html; the message is ours",
)
RULE_ONE = rule(
    "ram.tag.one-thing",
    "Tags are put on, and taken off, one share or one permission of the account's own: never both, nor neither.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_TagResource.html; the message is ours",
)
_MOST: Final = 50


def tag_resource(call: Call) -> Mapping[str, Any]:
    """Answer TagResource, for a share: the sandbox has no permissions that one could tag."""
    add_tags(_tagged(call), call.params["tags"])
    return {}


def untag_resource(call: Call) -> Mapping[str, Any]:
    """Answer UntagResource; a tag that is not there is passed over."""
    share = _tagged(call)
    for key in call.params["tagKeys"]:
        share.tags.pop(key, None)
    return {}


def _tagged(call: Call) -> Share:
    named = call.params.get("resourceArn")
    if (named is None) == (call.params.get("resourceShareArn") is None):
        message = "Specify either resourceShareArn or resourceArn, and not both."
        raise RULE_ONE.refuse("InvalidParameterException", message)
    if named is not None:
        check_arn(named)
        raise RULE_ONE.refuse("UnknownResourceException", f"Permission {named} could not be found.")
    return own_share(call)


def add_tags(share: Share, tags: list[dict[str, str]]) -> None:
    """Give a share tags, in the place of those of the same keys."""
    share.tags.update(read(tags, share.tags))


def read(tags: list[dict[str, str]], there: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return tags by key; refuse one without a key, and more, with those that are *there*, than a share can have."""
    if not all(tag.get("key") for tag in tags):
        raise RULE_KEY.refuse("InvalidParameterException", "Each tag must have a key.")
    added = {tag["key"]: tag.get("value", "") for tag in tags}
    if len({**(there or {}), **added}) > _MOST:
        raise RULE_COUNT.refuse("TagLimitExceededException", f"A resource share can have at most {_MOST} tags.")
    return added


def matches(share: Share, filters: list[dict[str, Any]]) -> bool:
    """Whether a share has each tag that is filtered by, with one of the values where values are given."""
    return all(
        (key := each.get("tagKey")) in share.tags
        and (not each.get("tagValues") or share.tags[key] in each["tagValues"])
        for each in filters
    )


OPERATIONS: Operations = {"TagResource": tag_resource, "UntagResource": untag_resource}
