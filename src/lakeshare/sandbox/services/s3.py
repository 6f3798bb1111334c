"""S3 stays in moto; what we add is what AWS refuses before it acts: policies that name nobody, keys that are secret."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.iam.writing import Before, statements_of, unknown_principals
from lakeshare.sandbox.wire.http import Request

POLICY_PRINCIPAL = rule(
    "s3.policy.principal-exists",
    "A bucket's policy names accounts, and roles and users that exist and have become known everywhere.",
    tag="documented",
    source="https://repost.aws/knowledge-center/s3-invalid-principal-in-policy-error",
)


def _check_policy(call: Call, request: Request) -> None:
    for unknown in unknown_principals(call, statements_of(request.body.decode("utf-8", "replace"))):
        raise POLICY_PRINCIPAL.refuse("MalformedPolicy", f"Invalid principal in policy: {unknown}")


def _check_missing_key(call: Call, request: Request) -> None:
    """
    Keep from a caller that may not list a bucket what it lacks: a missing key reads as one that may not be read.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, permissions.
    """
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    if key and "versionId" not in request.query and not call.world.store(Moto).has_object(bucket, key):
        where = {"aws:RequestedRegion": call.region, "s3:prefix": key}
        authorize(call.world, call.caller, "s3:ListBucket", f"arn:aws:s3:::{bucket}", context=where)


OPERATIONS: Operations = {}
BEFORE: Mapping[str, Before] = {
    "GetObject": _check_missing_key,
    "HeadObject": _check_missing_key,
    "PutBucketPolicy": _check_policy,
}
"""What is looked at before moto answers an operation: called with the call and its request."""
