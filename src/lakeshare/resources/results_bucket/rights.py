"""What IAM must allow the operator for a bucket. Its calls and IAM's actions have different names (documented)."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.rights import Right, rights

_CONFIGURE = "PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration PutBucketTagging"


def rights_for(item: ResultsBucket) -> Iterator[Right]:
    """Yield the rights. HeadBucket and both lists of keys are s3:ListBucket to IAM."""
    bucket = f"arn:{item.place.partition}:s3:::{item.name}"
    settings = "GetBucketPublicAccessBlock GetEncryptionConfiguration GetLifecycleConfiguration GetBucketTagging"
    yield from rights("look", "s3", f"ListBucket {settings}", bucket)
    yield from rights("make", "s3", f"CreateBucket {_CONFIGURE}", bucket)
    yield from rights("mend", "s3", _CONFIGURE, bucket)
    yield from rights("take away", "s3", "DeleteBucket", bucket)
    yield from rights("take away", "s3", "DeleteObject", f"{bucket}/{item.prefix}*")
