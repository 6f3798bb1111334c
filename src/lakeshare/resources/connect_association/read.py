"""Reads all associations of an instance in one walk: the list has no filter by target account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.errors import CallError
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place


def read_associations(run: Run, wanted: Sequence[ConnectAssociation]) -> Mapping[str, ConnectAssociation | Absent]:
    """Return what stands at the address of each *wanted* association."""
    instances = list(dict.fromkeys((item.place, item.instance) for item in wanted))
    walks = dict(zip(instances, run.aws.in_parallel(lambda spot: _walk(run, *spot), instances), strict=True))
    return {item.address: _observed(item, walks[item.place, item.instance]) for item in wanted}


def _observed(item: ConnectAssociation, walk: Mapping[tuple[str, str], str] | None) -> ConnectAssociation | Absent:
    if walk is None:
        return replace(item, share_arn=None, share_expired=False, is_instance_gone=True)
    arn = walk.get((item.data_set, item.target_account))
    return replace(item, share_arn=arn, share_expired=False) if arn else Absent()


def walk_associations(run: Run, place: Place, instance: str) -> dict[tuple[str, str], str]:
    """Return the share ARN of every (data set, target account) of *instance*; an instance that is gone has none."""
    return _walk(run, place, instance) or {}


def _walk(run: Run, place: Place, instance: str) -> dict[tuple[str, str], str] | None:
    """Return `walk_associations`, or None when there is no such instance; from memory where *run* has one."""
    return run.once(("associations", place, instance), lambda: _walk_anew(run, place, instance))


def _walk_anew(run: Run, place: Place, instance: str) -> dict[tuple[str, str], str] | None:
    rows = run.aws.pages(
        place.alias, place.region, "connect", "list_analytics_data_associations", "Results", InstanceId=instance
    )
    try:
        return {(row["DataSetId"], row["TargetAccountId"]): row["ResourceShareArn"] for row in rows}
    except CallError as error:
        if error.aws_code == "ResourceNotFoundException":
            return None
        raise
