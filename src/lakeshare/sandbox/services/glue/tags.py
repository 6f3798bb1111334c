"""Tags on databases: TagResource, UntagResource and GetTags; those of jobs, crawlers and their like are moto's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.policy.resource_tags import tells_tags
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Place
from lakeshare.sandbox.services.lakeformation import access
from lakeshare.sandbox.world import World

RULE_TAGGABLE = rule(
    "glue.tag.database",
    "Of the catalog, databases carry tags; tables do not.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/monitor-tags.html; the message is ours",
)
_CATALOGS: Final = re.compile(
    r"arn:aws[\w-]*:glue:[\w-]+:\d{12}:(catalog|database|table|tableVersion|userDefinedFunction)\b.*"
)
"""What the Data Catalog holds; of everything else that Glue tags moto keeps the tags."""
_DATABASE: Final = re.compile(r"arn:aws[\w-]*:glue:(?P<region>[\w-]+):(?P<account>\d{12}):database/(?P<name>[^/]+)")


def tag_resource(call: Call) -> Mapping[str, Any]:
    """Answer TagResource."""
    _database(call).tags.update(call.params["TagsToAdd"])
    return {}


def untag_resource(call: Call) -> Mapping[str, Any]:
    """Answer UntagResource."""
    tags = _database(call).tags
    for key in call.params["TagsToRemove"]:
        tags.pop(key, None)
    return {}


@tells_tags("glue")
def _tags_of(world: World, arn: str) -> Mapping[str, str]:
    named = _DATABASE.fullmatch(arn)
    place = None if named is None else Place(named["account"], named["region"])
    found = None if named is None or place is None else world.store(Catalogs).database(place, named["name"])
    return {} if found is None else found.tags


def get_tags(call: Call) -> Mapping[str, Any]:
    """Answer GetTags."""
    return {"Tags": dict(_database(call).tags)}


def _database(call: Call) -> Database:
    """Return the database that the call's ARN names, of the caller's own catalog."""
    arn = call.params["ResourceArn"]
    if arn.startswith("arn:") and not _CATALOGS.fullmatch(arn):
        raise MotosError
    parts = _DATABASE.fullmatch(arn)
    if parts is None or parts["account"] != call.caller.account:
        raise RULE_TAGGABLE.refuse("InvalidInputException", f"Cannot tag {arn}")
    return access.find_database(call.world, Place(parts["account"], parts["region"]), parts["name"])


OPERATIONS: Operations = {"TagResource": tag_resource, "UntagResource": untag_resource, "GetTags": get_tags}
