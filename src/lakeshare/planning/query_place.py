"""Where the readers of a share query: the workgroup, and the bucket that results go to."""

from __future__ import annotations

from lakeshare.planning.graph import GraphUnderWork
from lakeshare.planning.reader_policy import QueryPlace
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.tags import Tags
from lakeshare.resources.values import Blocker, Place
from lakeshare.spec import Destination

RESULTS_PREFIX = "results/"
BYTES_PER_MB = 1_000_000


def add_query_place(
    graph: GraphUnderWork, consumer: Place, to: Destination, spec_name: str, there: str | None, tags: Tags
) -> tuple[QueryPlace, str]:
    """
    Add the workgroup and the bucket for results; return where to query and the workgroup's address.

    *there* is where a workgroup that somebody else made, and the spec names, puts results (None: there is none).
    """
    settings = to.athena
    name = settings.workgroup or f"lakeshare-{spec_name}"
    bucket = ResultsBucket(
        consumer,
        settings.results_bucket or _bucket_name(consumer, spec_name),
        RESULTS_PREFIX,
        settings.expire_results_days,
        tags,
        is_named_by_user=settings.results_bucket is not None,
        kms_key=settings.results_key,
    )
    cutoff = settings.bytes_scanned_cutoff_mb * BYTES_PER_MB
    if there is not None and there != bucket.location:
        return _standing_workgroup(graph, consumer, to, name, there, cutoff)
    workgroup = AthenaWorkgroup(
        consumer,
        name,
        bucket.location,
        cutoff,
        tags,
        depends_on=(graph.add(bucket),),
        is_named_by_user=settings.workgroup is not None,
    )
    return _spot(consumer, to, name, bucket.name, bucket.prefix), graph.add(workgroup)


def _spot(consumer: Place, to: Destination, workgroup: str, bucket: str, prefix: str) -> QueryPlace:
    return QueryPlace(consumer.region, workgroup, bucket, prefix, to.athena.results_key, to.kms_keys)


def _standing_workgroup(
    graph: GraphUnderWork, consumer: Place, to: Destination, name: str, location: str, cutoff: int
) -> tuple[QueryPlace, str]:
    """Use a workgroup that somebody else made, results location and all: no bucket of ours would be used."""
    workgroup = AthenaWorkgroup(consumer, name, location, cutoff, is_named_by_user=True)
    address = graph.add(workgroup)
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    wanted = to.athena.results_bucket
    if not location:
        graph.block(
            Blocker(
                address,
                workgroup.kind,
                f"the workgroup {name} exists and has no results location, so queries in it have nowhere to write",
                "give it one, or name another workgroup in the spec (`to.athena.workgroup`)",
            )
        )
    elif wanted not in {None, bucket}:
        graph.block(
            Blocker(
                address,
                workgroup.kind,
                f"the workgroup {name} exists and writes its results to {location}, not to the bucket {wanted}",
                "leave `to.athena.results_bucket` out of the spec, or name another workgroup",
            )
        )
    return _spot(consumer, to, name, bucket, prefix), address


def _bucket_name(place: Place, spec_name: str) -> str:
    """Return a bucket name that is free everywhere (the account is in it) and no longer than S3's 63 characters."""
    return f"lakeshare-{place.account_id}-{place.region}-{spec_name}"[:63].rstrip("-.").replace("_", "-")
