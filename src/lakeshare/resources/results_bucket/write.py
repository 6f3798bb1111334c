"""Makes buckets, and on the way out empties only the prefix that is ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError, after_acting
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.results_bucket.read import bucket_tags, keys_under, why_kept
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Absent, Kept, Step


def write_buckets(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> ResultsBucket | Kept | None:
    item: ResultsBucket = step.resource
    if step.action == "delete":
        return _delete(run, item)
    if step.action == "create":
        _make(run, item)
    with after_acting():
        _configure(run, item)
        _tag(run, item, step.observed)
    return item


def _make(run: Run, item: ResultsBucket) -> None:
    # us-east-1 is the one Region that S3 refuses to be told about (documented).
    home = {} if item.place.region == "us-east-1" else {"LocationConstraint": item.place.region}
    settings = {"CreateBucketConfiguration": home} if home else {}
    run.aws.call(item.place.alias, item.place.region, "s3", "create_bucket", Bucket=item.name, **settings)


def _configure(run: Run, item: ResultsBucket) -> None:
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    encrypted = {"Rules": [_encryption(item.kms_key)]}
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


def _encryption(key: str | None) -> dict[str, Any]:
    """Return the bucket's rule. A bucket key spares KMS a call for every object (documented)."""
    if key is None:
        return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    return {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}


def _tag(run: Run, item: ResultsBucket, observed: ResultsBucket | Absent) -> None:
    """S3 takes all tags of a bucket at once, so those of others are put back with ours."""
    is_new = isinstance(observed, Absent)
    put, drop = tag_changes(item, replace(item, tags=()) if is_new else observed)
    if put or drop:
        others = {} if is_new else dict(bucket_tags(run, item))
        wanted = {key: value for key, value in (others | put).items() if key not in drop}
        tags = [{"Key": key, "Value": value} for key, value in wanted.items()]
        _s3(run, item, "put_bucket_tagging", Tagging={"TagSet": tags})


def _delete(run: Run, item: ResultsBucket) -> Kept | None:
    try:
        why_not = _empty(run, item)
        if why_not:
            return Kept(item, why_not)
        others = why_kept(run, item)
        if others:
            return Kept(replace(item, kept=others), others)
        _s3(run, item, "delete_bucket")
    except CallError as error:
        if error.aws_code == "BucketNotEmpty":
            return Kept(item, "kept: the bucket holds older versions of objects")
        if error.aws_code != "NoSuchBucket":
            raise
    return None


def _empty(run: Run, item: ResultsBucket) -> str | None:
    """
    Delete all results; return why some stay when S3 refuses to delete them.

    DeleteObjects answers 200 with what it refused inside (documented), and what it refused it would refuse again: a
    policy's deny, a legal hold. Raises CallError when objects stay for any other reason.
    """
    before: list[str] = []
    while keys := keys_under(run, item, item.prefix):
        if keys == before:
            raise _undeleted(item, {"Key": keys[0], "Code": "", "Message": "S3 says it is deleted and lists it still"})
        wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        refused = _s3(run, item, "delete_objects", Delete=wanted).get("Errors", [])
        if refused and refused[0].get("Code") == "AccessDenied":
            return (
                f"kept: S3 refuses to delete {len(refused)} results, {refused[0]['Key']} among them:"
                f" {refused[0].get('Message', 'AccessDenied')}"
            )
        if refused:
            raise _undeleted(item, refused[0])
        before = keys
    return None


def _undeleted(item: ResultsBucket, row: Mapping[str, str]) -> CallError:
    code, place = row.get("Code", ""), item.place
    return CallError(
        f"{row['Key']} in bucket {item.name} cannot be deleted: {code} {row.get('Message', '')}".rstrip(),
        hint="run again; what is deleted stays deleted",
        account=place.account_id,
        region=place.region,
        operation="s3:DeleteObjects",
        aws_code=code,
        status=200,
    )


def _s3(run: Run, item: ResultsBucket, operation: str, **params: Any) -> dict[str, Any]:
    place = item.place
    # Whoever owns a bucket of that name now: only our own account's is written to.
    owner = {"ExpectedBucketOwner": place.account_id}
    return run.aws.call(place.alias, place.region, "s3", operation, Bucket=item.name, **owner, **params)
