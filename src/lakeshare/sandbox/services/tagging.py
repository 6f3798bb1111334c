"""The Resource Groups Tagging API: moto's, which is told beforehand what is tagged of things that are ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.moto_bridge import Tagged, show_tagged
from lakeshare.sandbox.services.athena.workgroups import WorkGroups, workgroup_arn
from lakeshare.sandbox.services.connect.lake import Instances
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.wire.http import Request


def tell(call: Call, _request: Request) -> None:
    """Tell moto what the caller's account has tagged in the call's Region; a slow call may be at work meanwhile."""
    show_tagged(call.caller.account, call.region, _tagged(call))


def _tagged(call: Call) -> Iterator[Tagged]:
    account, region, world = call.caller.account, call.region, call.world
    place = Place(account, region)
    for group in list(world.store(WorkGroups).of(account, region).values()):
        yield Tagged(workgroup_arn(call, group.name), "athena:workgroup", group.tags)
    for instance in list(world.store(Instances).of(account, region)):
        yield Tagged(instance.arn, "connect:instance", instance.described.get("Tags", {}))
    for database in list(world.store(Catalogs).databases(place)):
        yield Tagged(place.database_arn(database.name), "glue:database", database.tags)


OPERATIONS: Final[Operations] = {}
BEFORE: Final = {"GetResources": tell, "GetTagKeys": tell, "GetTagValues": tell}
