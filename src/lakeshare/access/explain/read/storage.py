"""Where queries run and write, and where tables lie: workgroups, buckets, registered locations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.access.explain.observed import Bucket, Registration, Workgroup
from lakeshare.access.explain.read.asking import tried, tried_or
from lakeshare.access.iam import Kept, Statement, read_statements
from lakeshare.resources.athena_workgroup import find_workgroup
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place, Unreadable


def read_workgroup(run: Run, place: Place, name: str) -> Workgroup | Absent | Unreadable:
    """Return the workgroup called *name*."""

    def read() -> Workgroup | Absent:
        found = find_workgroup(run, place, name)
        if found is None:
            return Absent()
        answer = run.aws.call(place.alias, place.region, "athena", "get_work_group", WorkGroup=name)
        results = answer["WorkGroup"].get("Configuration", {}).get("ResultConfiguration", {})
        encryption: Mapping[str, Any] = results.get("EncryptionConfiguration", {})
        key, owner = encryption.get("KmsKey"), results.get("ExpectedBucketOwner")
        return Workgroup(name, found.is_enabled, found.output_location, key, owner)

    return tried(read)


def read_bucket(run: Run, name: str, places: Sequence[Place]) -> Bucket | Absent | Unreadable:
    """Return the bucket called *name*, looked for in the accounts of *places*, likeliest first."""
    refusals = []
    for place in places:
        names = tried(lambda place=place: _buckets(run, place))  # type: ignore[misc]
        if isinstance(names, Unreadable):
            refusals.append(names.reason)
        elif name in names:
            return Bucket(name, place.account_id, _policy(run, place, name))
    is_there = tried_or(lambda: _is_there(run, places[0], name), False, "404", "NoSuchBucket")
    if is_there is False:
        return Absent()
    why = "; ".join(refusals) or "it is in none of the accounts that the spec leads into"
    return Bucket(name, None, Unreadable(f"the policy of the bucket {name} cannot be read: {why}"))


def _is_there(run: Run, place: Place, name: str) -> bool:
    run.aws.call(place.alias, place.region, "s3", "head_bucket", Bucket=name)
    return True


def _buckets(run: Run, place: Place) -> frozenset[str]:
    def look() -> frozenset[str]:
        rows = run.aws.call(place.alias, place.region, "s3", "list_buckets")["Buckets"]
        return frozenset(row["Name"] for row in rows)

    return run.once(("buckets", place.account_id), look)


def _policy(run: Run, place: Place, name: str) -> tuple[Statement, ...] | Unreadable:
    def read() -> tuple[Statement, ...]:
        text = run.aws.call(place.alias, place.region, "s3", "get_bucket_policy", Bucket=name)["Policy"]
        kept = Kept(
            place.account_id,
            f"aws s3api get-bucket-policy --bucket {name} --query Policy --output text",
            f"aws s3api put-bucket-policy --bucket {name} --policy file://policy.json",
            f"aws s3api delete-bucket-policy --bucket {name}",
        )
        return read_statements(text, f"the policy of the bucket {name}", kept)

    return tried_or(read, (), "NoSuchBucketPolicy")


def read_registration(run: Run, place: Place, region: str, location: str) -> Registration | Absent | Unreadable:
    """Return the longest registered place that *location* (``s3://bucket/prefix``) lies in, of those of *place*."""

    def read() -> Registration | Absent:
        path = location.removeprefix("s3://").removeprefix("s3a://").rstrip("/") + "/"
        rows = run.aws.pages(place.alias, region, "lakeformation", "list_resources", "ResourceInfoList")
        fitting = [row for row in rows if path.startswith(row["ResourceArn"].split(":::", 1)[-1].rstrip("/*") + "/")]
        if not fitting:
            return Absent()
        row = max(fitting, key=lambda each: len(each["ResourceArn"]))
        return Registration(row["ResourceArn"], row.get("RoleArn", ""), bool(row.get("HybridAccessEnabled")))

    return tried(read)
