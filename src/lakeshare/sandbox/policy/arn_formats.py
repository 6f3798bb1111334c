"""
The ARN templates of resource types, as AWS's Service Authorization Reference writes them: data.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping

from lakeshare.sandbox.policy.resources import BY_SERVICE

ANY = "*"
"""What stands where no format is defined for an action."""

_GLUE = "arn:${Partition}:glue:${Region}:${Account}:"
_IAM = "arn:${Partition}:iam::${Account}:"
_RAM = "arn:${Partition}:ram:${Region}:${OwnerAccountId}:"
_FORMATS: Mapping[tuple[str, str], str] = {
    ("athena", "datacatalog"): "arn:${Partition}:athena:${Region}:${Account}:datacatalog/${DataCatalogName}",
    ("athena", "workgroup"): "arn:${Partition}:athena:${Region}:${Account}:workgroup/${WorkGroupName}",
    ("connect", "instance"): "arn:${Partition}:connect:${Region}:${Account}:instance/${InstanceId}",
    ("glue", "catalog"): f"{_GLUE}catalog",
    ("glue", "database"): _GLUE + "database/${DatabaseName}",
    ("glue", "table"): _GLUE + "table/${DatabaseName}/${TableName}",
    ("glue", "userDefinedFunction"): _GLUE + "userDefinedFunction/${DatabaseName}/${UserDefinedFunctionName}",
    ("iam", "Group"): _IAM + "group/${GroupNameWithPath}",
    ("iam", "Policy"): _IAM + "policy/${PolicyNameWithPath}",
    ("iam", "Role"): _IAM + "role/${RoleNameWithPath}",
    ("iam", "User"): _IAM + "user/${UserNameWithPath}",
    ("ram", "{resourceShareArn}"): _RAM + "resource-share/${ResourcePath}",
    ("ram", "{resourceShareInvitationArn}"): (
        "arn:${Partition}:ram:${Region}:${Account}:resource-share-invitation/${ResourcePath}"
    ),
    ("s3", "bucket"): "arn:${Partition}:s3:::${BucketName}",
    ("s3", "object"): "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
    ("sts", "role"): _IAM + "role/${RoleNameWithPath}",
}
_IAM_NOUNS = ("Role", "User", "Group", "Policy")
_WHOLE_S3 = frozenset({"ListAllMyBuckets"})


def arn_format(action: str) -> str:
    """
    Return the template of what *action* is on, of the innermost type where it needs several; ANY when unknown.

    Which of several types AWS names is not documented, so the choice is inferred.
    """
    service, _, name = action.partition(":")
    return _FORMATS.get((service, _kind(service, name)), ANY)


def _kind(service: str, name: str) -> str:
    match service:
        case "s3":
            return "" if name in _WHOLE_S3 else "object" if "Object" in name else "bucket"
        case "iam":
            return next((noun for noun in _IAM_NOUNS if noun in name and not name.startswith("List")), "")
        case "sts":
            return "role" if name.startswith("AssumeRole") else ""
        case _:
            return BY_SERVICE.get(service, {}).get(name, (ANY,))[-1].partition("/")[0]
