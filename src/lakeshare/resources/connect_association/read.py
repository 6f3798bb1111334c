"""Reads all associations of an instance in one walk: the list has no filter by target account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place


def read_associations(run: Run, wanted: Sequence[ConnectAssociation]) -> Mapping[str, ConnectAssociation | Absent]:
    """Return what stands at the address of each *wanted* association."""
    instances = list(dict.fromkeys((item.place, item.instance) for item in wanted))
    walks = run.aws.in_parallel(lambda spot: walk_associations(run, *spot), instances)
    shares = {
        (place, instance, data_set, target): arn
        for (place, instance), walk in zip(instances, walks, strict=True)
        for (data_set, target), arn in walk.items()
    }
    found: dict[str, ConnectAssociation | Absent] = {}
    for item in wanted:
        arn = shares.get((item.place, item.instance, item.data_set, item.target_account))
        found[item.address] = replace(item, share_arn=arn, share_expired=False) if arn else Absent()
    return found


def walk_associations(run: Run, place: Place, instance: str) -> dict[tuple[str, str], str]:
    """Return the share ARN of every (data set, target account) of *instance*."""
    rows = run.aws.pages(
        place.alias, place.region, "connect", "list_analytics_data_associations", "Results", InstanceId=instance
    )
    return {(row["DataSetId"], row["TargetAccountId"]): row["ResourceShareArn"] for row in rows}
