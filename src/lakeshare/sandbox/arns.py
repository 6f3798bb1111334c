"""Reading ARNs, and the one user that every account is born with."""

from __future__ import annotations

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


def entity_kind(arn: str) -> str:
    """Return ``role``, ``user`` or whatever else stands before the name of an IAM ARN."""
    return arn.rpartition(":")[2].partition("/")[0]


def administrator_arn(account: str) -> str:
    """Return the ARN of the user that the 12-digit access key *account* stands for."""
    return f"arn:aws:iam::{account}:user/administrator"


def is_administrator(arn: str) -> bool:
    """Say whether *arn* is the user that a 12-digit access key stands for."""
    return arn == administrator_arn(account_of(arn))
