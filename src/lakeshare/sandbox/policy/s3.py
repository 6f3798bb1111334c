"""What S3's operations need of IAM: actions that are called differently, on resources that the path names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.wire.http import Request

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_ACTIONS: Mapping[str, str] = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: keys called as headers are.
_IN_HEADERS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
)
_VERSIONED = frozenset({"DeleteObject", "GetObject", "GetObjectAcl", "GetObjectTagging"})


def s3_needs(operation: str, bucket: str, key: str, region: str, request: Request) -> Iterator[tuple[str, str]]:
    """Yield the pairs of action and ARN that *operation* needs; of DeleteObjects none, which asks key by key."""
    if operation == "DeleteObjects":
        return
    action = _ACTIONS.get(operation, operation)
    if action in _VERSIONED and "versionId" in request.query:
        action += "Version"
    if bucket:
        yield f"s3:{action}", s3_arn(f"{bucket}/{key}" if key else bucket, region)
    else:
        yield f"s3:{action}", "*"
    if source := request.headers.get("x-amz-copy-source"):
        yield "s3:GetObject", s3_arn(unquote(source).lstrip("/").partition("?")[0], region)


def s3_context(request: Request) -> dict[str, str]:
    """Return the condition keys of a listing, and of what a write says in its headers."""
    asked = {"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys"}
    listed = {key: request.query[name] for key, name in asked.items() if name in request.query}
    return listed | {f"s3:{name}": request.headers[name] for name in _IN_HEADERS if name in request.headers}
