"""Reading ARNs, and the one user that every account is born with."""

from __future__ import annotations

import re
from functools import lru_cache


def account_of(arn: str) -> str:
    """Return the account field of *arn*, empty when it has none."""
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 else ""


PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"})
"""Those that have an IAM here."""


def partition_of(arn: str) -> str:
    """Return the partition of *arn*; aws of what names none that there is."""
    named = arn.removeprefix("arn:").partition(":")[0]
    return named if named in PARTITIONS else "aws"


_BY_REGION = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eusc-", "aws-eusc"),
)


@lru_cache(maxsize=256)
def partition_in(region: str) -> str:
    """Return the partition that *region* is in, by how such Regions are called."""
    return next((partition for start, partition in _BY_REGION if region.startswith(start)), "aws")


_OF_S3 = re.compile(r"arn:[\w-]+:s3:::")


def s3_arn(path: str, region: str) -> str:
    """Return the ARN of ``bucket`` or ``bucket/key``, as it is written in *region*."""
    return f"arn:{partition_in(region)}:s3:::{path}"


def s3_path(arn: str) -> str | None:
    """Return the ``bucket`` or ``bucket/key`` that *arn* is of; None where it is of nothing in S3."""
    found = _OF_S3.match(arn)
    return arn[found.end() :] if found else None


def s3_url(arn: str) -> str:
    """Return the ``s3://`` location that *arn* is of; what is no ARN of S3's stays as it is."""
    path = s3_path(arn)
    return arn if path is None else f"s3://{path}"


def entity_kind(arn: str) -> str:
    """Return ``role``, ``user`` or whatever else stands before the name of an IAM ARN."""
    return arn.rpartition(":")[2].partition("/")[0]


def administrator_arn(account: str) -> str:
    """Return the ARN of the user that the 12-digit access key *account* stands for."""
    return f"arn:aws:iam::{account}:user/administrator"


def is_administrator(arn: str) -> bool:
    """Say whether *arn* is the user that a 12-digit access key stands for."""
    return arn == administrator_arn(account_of(arn))
