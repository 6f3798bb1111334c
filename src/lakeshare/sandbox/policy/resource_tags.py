"""
The tags of what a call acts on, which conditions on ``aws:ResourceTag`` look at.

Each service that has tagged things of its own says how to find them (``tells_tags``); IAM's are asked of moto. What has
no tags, or none that the sandbox knows, has no such condition key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.world import World

TagsOf: TypeAlias = Callable[[World, str], Mapping[str, str]]
"""Returns the tags of the thing whose ARN is given; none of what there is not."""

_BY_SERVICE: Final[dict[str, TagsOf]] = {}


def tells_tags(service: str) -> Callable[[TagsOf], TagsOf]:
    """Make a function the one that knows the tags of what *service* has, by the service's name in ARNs."""

    def remember(tags_of_service: TagsOf) -> TagsOf:
        _BY_SERVICE[service] = tags_of_service
        return tags_of_service

    return remember


def tags_of(world: World, arn: str) -> Mapping[str, str]:
    """Return the tags of the thing that *arn* names."""
    service = arn.split(":", 3)[2] if arn.count(":") >= 5 else ""
    if service == "iam":
        return world.store(Moto).tags(arn)
    found = _BY_SERVICE.get(service)
    return {} if found is None else found(world, arn)
