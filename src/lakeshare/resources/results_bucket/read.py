"""Reads buckets: whether they are there, and the three settings that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.tags import read_tags
from lakeshare.resources.values import Absent

NOT_CONFIGURED = frozenset(
    {
        "NoSuchLifecycleConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
    }
)

AWS_KEY = "aws/s3"
"""The key of a bucket that is encrypted with KMS and names none: the one that AWS keeps for S3 (documented)."""

KEYS_PER_LIST = 1000
"""As many as S3 lists at once, and as DeleteObjects takes (documented)."""


def read_buckets(run: Run, wanted: Sequence[ResultsBucket]) -> Mapping[str, ResultsBucket | Absent]:
    """Return what stands under the name of each *wanted* bucket."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: ResultsBucket) -> ResultsBucket | Absent:
    try:
        _s3(run, item, "head_bucket")
    except CallError as error:
        if error.status == 404 or error.aws_code in ("404", "NoSuchBucket"):
            return Absent()
        if error.status == 403:
            return _refused(run, item)
        raise
    begin = run.aws.begin
    block = begin(lambda: _setting(run, item, "get_public_access_block").get("PublicAccessBlockConfiguration", {}))
    rules = begin(lambda: _setting(run, item, "get_bucket_lifecycle_configuration").get("Rules", []))
    encryption = begin(lambda: _setting(run, item, "get_bucket_encryption"))
    tags = begin(lambda: read_tags(item.tags, lambda: bucket_tags(run, item)))
    return replace(
        item,
        is_encrypted=bool(encryption.result()),
        kms_key=_kms_key(encryption.result()),
        is_closed_to_public=bool(block.result()) and all(block.result().values()),
        expire_days=_expire_days(rules.result(), item.prefix),
        tags=tags.result(),
        kept=why_kept(run, item) if item.kept else None,
    )


def why_kept(run: Run, item: ResultsBucket) -> str | None:
    """Say what a bucket that is to go holds beside results of ours; None when there is nothing else."""
    others = [key for key in keys_under(run, item, "") if not key.startswith(item.prefix)]
    return f"kept: the bucket holds objects that are no results of ours, {others[0]} among them" if others else None


def _refused(run: Run, item: ResultsBucket) -> ResultsBucket | Absent:
    """Ask again by a call whose answer has a body: a refused HEAD does not say why."""
    try:
        _s3(run, item, "get_bucket_location")
    except CallError as error:
        if error.aws_code == "NoSuchBucket":
            return Absent()
        if error.status != 403:
            raise
    return replace(item, is_foreign=True)


def _kms_key(encryption: Mapping[str, Any]) -> str | None:
    """Return the key that new objects are encrypted with, as the bucket was told it; None where S3's own does it."""
    rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next((found.get("KMSMasterKeyID") or AWS_KEY for found in defaults if _is_kms(found)), None)


def _is_kms(default: Mapping[str, Any]) -> bool:
    return str(default.get("SSEAlgorithm", "")).startswith("aws:kms")


def _expire_days(rules: Sequence[Mapping[str, Any]], prefix: str) -> int:
    """Return after how many days objects under *prefix* expire; 0 when they never do."""
    for rule in rules:
        if rule.get("Status") == "Enabled" and rule.get("Filter", {}).get("Prefix", rule.get("Prefix", "")) == prefix:
            return int(rule.get("Expiration", {}).get("Days", 0))
    return 0


def bucket_tags(run: Run, item: ResultsBucket) -> list[tuple[str, str]]:
    """Return all tags of the bucket, others' included."""
    return [(tag["Key"], tag["Value"]) for tag in _setting(run, item, "get_bucket_tagging").get("TagSet", ())]


def _setting(run: Run, item: ResultsBucket, operation: str) -> dict[str, Any]:
    try:
        return _s3(run, item, operation)
    except CallError as error:
        # What is used as it is need not show its settings.
        if error.aws_code in NOT_CONFIGURED or (item.is_named_by_user and error.status == 403):
            return {}
        raise


def keys_under(run: Run, item: ResultsBucket, prefix: str) -> list[str]:
    """Return the first thousand keys that begin with *prefix*."""
    answer = _s3(run, item, "list_objects_v2", Prefix=prefix, MaxKeys=KEYS_PER_LIST)
    return [row["Key"] for row in answer.get("Contents", ())]


def _s3(run: Run, item: ResultsBucket, operation: str, **params: Any) -> dict[str, Any]:
    place = item.place
    # Naming the owner makes S3 refuse a bucket of that name that somebody else took first.
    owner = {"ExpectedBucketOwner": place.account_id}
    return run.aws.call(place.alias, place.region, "s3", operation, Bucket=item.name, **owner, **params)
