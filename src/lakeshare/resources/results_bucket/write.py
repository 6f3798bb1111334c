"""Makes buckets, and on the way out empties only the prefix that is ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.values import Kept, Step

KEYS_PER_DELETE = 1000


def write_buckets(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> ResultsBucket | Kept | None:
    item: ResultsBucket = step.resource
    if step.action == "delete":
        return _delete(run, item)
    if step.action == "create":
        _make(run, item)
    _configure(run, item)
    return item


def _make(run: Run, item: ResultsBucket) -> None:
    # us-east-1 is the one Region that S3 refuses to be told about (documented).
    home = {} if item.place.region == "us-east-1" else {"LocationConstraint": item.place.region}
    _s3(run, item, "create_bucket", **({"CreateBucketConfiguration": home} if home else {}))


def _configure(run: Run, item: ResultsBucket) -> None:
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    expiry = {
        "ID": "lakeshare-results",
        "Status": "Enabled",
        "Filter": {"Prefix": item.prefix},
        "Expiration": {"Days": item.expire_days},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    _s3(run, item, "put_public_access_block", PublicAccessBlockConfiguration=closed)
    _s3(run, item, "put_bucket_encryption", ServerSideEncryptionConfiguration=encrypted)
    _s3(run, item, "put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": [expiry]})
    if item.tags:
        tags = [{"Key": key, "Value": value} for key, value in item.tags]
        _s3(run, item, "put_bucket_tagging", Tagging={"TagSet": tags})


def _delete(run: Run, item: ResultsBucket) -> Kept | None:
    try:
        while keys := _keys(run, item, prefix=item.prefix):
            _s3(run, item, "delete_objects", Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
        others = _keys(run, item, prefix="")
        if others:
            return Kept(item, f"kept: the bucket holds objects that are no results of ours, {others[0]} among them")
        _s3(run, item, "delete_bucket")
    except CallError as error:
        if error.aws_code == "BucketNotEmpty":
            return Kept(item, "kept: the bucket holds older versions of objects")
        if error.aws_code != "NoSuchBucket":
            raise
    return None


def _keys(run: Run, item: ResultsBucket, *, prefix: str) -> list[str]:
    answer = _s3(run, item, "list_objects_v2", Prefix=prefix, MaxKeys=KEYS_PER_DELETE)
    return [row["Key"] for row in answer.get("Contents", ())]


def _s3(run: Run, item: ResultsBucket, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(item.place.alias, item.place.region, "s3", operation, Bucket=item.name, **params)
