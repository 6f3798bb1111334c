"""The operations of AWS that lakeshare calls, in AWS's spelling: what a limit can be set on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

WHOLE_SERVICE: Final = "*"

OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "access-analyzer": ("ValidatePolicy",),
    "athena": (
        "CreateWorkGroup", "DeleteWorkGroup", "GetQueryExecution", "GetQueryResults", "GetWorkGroup",
        "ListTagsForResource", "StartQueryExecution", "StopQueryExecution", "TagResource", "UntagResource",
        "UpdateWorkGroup",
    ),
    "connect": (
        "AssociateAnalyticsDataSet", "BatchAssociateAnalyticsDataSet", "BatchDisassociateAnalyticsDataSet",
        "DescribeInstance", "DisassociateAnalyticsDataSet", "ListAnalyticsDataAssociations",
        "ListAnalyticsDataLakeDataSets", "ListInstances",
    ),
    "glue": (
        "CreateDatabase", "CreateTable", "DeleteDatabase", "DeleteTable", "GetDatabase", "GetTable", "GetTables",
        "GetTags", "TagResource", "UntagResource", "UpdateDatabase",
    ),
    "iam": (
        "CreateRole", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "GetAccountSummary",
        "GetPolicy", "GetPolicyVersion", "GetRole", "GetRolePolicy", "GetUser", "ListAttachedRolePolicies",
        "ListRolePolicies", "ListRoles", "PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "UntagRole",
        "UpdateAssumeRolePolicy", "UpdateRole",
    ),
    "lakeformation": (
        "BatchGrantPermissions", "BatchRevokePermissions", "GetDataLakeSettings", "GrantPermissions",
        "ListPermissions", "PutDataLakeSettings", "RevokePermissions",
    ),
    "ram": ("AcceptResourceShareInvitation", "GetResourceShareInvitations", "GetResourceShares"),
    "s3": (
        "CreateBucket", "DeleteBucket", "DeleteObjects", "GetBucketEncryption", "GetBucketLifecycleConfiguration",
        "GetBucketLocation", "GetBucketTagging", "GetObject", "GetPublicAccessBlock", "HeadBucket", "ListObjectsV2",
        "PutBucketEncryption", "PutBucketLifecycleConfiguration", "PutBucketTagging", "PutObject",
        "PutPublicAccessBlock",
    ),
    "sts": ("AssumeRole", "GetCallerIdentity"),
}  # fmt: skip


def limit_names() -> tuple[str, ...]:
    """Return every name that a limit may have: ``service:Operation`` of all we call, and ``service:*``."""
    return tuple(f"{service}:{name}" for service, names in OPERATIONS.items() for name in (*names, WHOLE_SERVICE))


def snake_cased(operation: str) -> str:
    """Return boto3's name of *operation*: ``batch_grant_permissions`` for ``BatchGrantPermissions``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
