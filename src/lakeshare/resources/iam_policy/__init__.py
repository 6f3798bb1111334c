"""Inline policies of the roles that lakeshare makes."""

from lakeshare.resources.iam_policy.diff import diff
from lakeshare.resources.iam_policy.model import (
    ANYTHING,
    INLINE_LIMIT_CHARACTERS,
    Arn,
    IamPolicy,
    Statement,
    size_of,
)
from lakeshare.resources.iam_policy.read import read_policies
from lakeshare.resources.iam_policy.rights import rights_for
from lakeshare.resources.iam_policy.write import write_policies
from lakeshare.resources.kind import Kind

__all__ = ["ANYTHING", "INLINE_LIMIT_CHARACTERS", "KIND", "Arn", "IamPolicy", "Statement", "size_of"]

KIND = Kind(
    name="iam_policy",
    label="policy",
    title="role policies",
    model=IamPolicy,
    read=read_policies,
    diff=diff,
    write=write_policies,
    rights=rights_for,
)
