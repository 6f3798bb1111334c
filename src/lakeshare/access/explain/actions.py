"""What looking around for an explanation takes of the operator; each one missing leaves a part of it unknown."""

from __future__ import annotations

from typing import Final

ACTIONS: Final = (
    "athena:GetWorkGroup",
    "glue:GetDataCatalogEncryptionSettings",
    "glue:GetDatabase",
    "glue:GetPartitions",
    "glue:GetResourcePolicy",
    "glue:GetTable",
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "lakeformation:GetDataLakeSettings",
    "lakeformation:GetLFTagExpression",
    "lakeformation:GetResourceLFTags",
    "lakeformation:ListDataCellsFilter",
    "lakeformation:ListLakeFormationOptIns",
    "lakeformation:ListPermissions",
    "lakeformation:ListResources",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "ram:GetResourceShareAssociations",
    "ram:GetResourceShareInvitations",
    "ram:GetResourceShares",
    "ram:ListResources",
    "s3:GetBucketPolicy",
    "s3:GetEncryptionConfiguration",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
)
"""All of them read. HeadBucket goes by s3:ListBucket, HeadObject by s3:GetObject (documented)."""

ACTIONS_BETWEEN: Final = tuple(action for action in ACTIONS if action.startswith("organizations:"))
"""
Those that it asks in accounts of which no share is, too: an organisation's management account, which alone may be
asked for service control policies, may be one by way of which others are entered.
"""

FAR_REACHING: Final = frozenset({"s3:GetObject", "s3:ListBucket"})
"""
Those that on every bucket would show what lies there, and open it. The policy that is printed for an operator leaves
them out; they are used where an operator has them: to see which key a file is encrypted with (HeadObject).
"""
