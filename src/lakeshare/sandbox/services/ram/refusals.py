"""What RAM says in every operation about ARNs, principals and shares that are not there."""

from __future__ import annotations

import re
from typing import Final

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule

RULE_ARN = rule(
    "ram.arn.well-formed",
    "An ARN has the form of one.",
    tag="documented",
    source="botocore service model, ram MalformedArnException",
)
RULE_SHARE = rule(
    "ram.share.visible",
    "A share is seen by its owner, and by an account that has accepted it; to anybody else it does not exist.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html",
)
RULE_SHAREABLE = rule(
    "ram.resource.shareable",
    "Roles, users, buckets and the like are not shared; RAM has a list of the types that are.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/userguide/shareable.html; the message is observed (moto)",
)
RULE_PRINCIPAL = rule(
    "ram.principal.well-formed",
    "A principal is an account, a role or user, a service, an organisation or a unit of one.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html; the messages are "
    "observed (moto)",
)
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:.+")
_SHARE: Final = re.compile(r"arn:aws[\w-]*:ram:[\w-]+:\d{12}:resource-share/[\w-]+")
_INVITATION: Final = re.compile(r"arn:aws[\w-]*:ram:[\w-]+:\d{12}:resource-share-invitation/[\w-]+")
_NOT_SHARED: Final = frozenset({"athena", "iam", "kms", "lakeformation", "lambda", "s3", "sqs", "sts"})
_PRINCIPAL: Final = re.compile(r"\d{12}|arn:aws[\w-]*:iam::\d{12}:(?:root|role/.+|user/.+)|[a-z0-9-]+\.amazonaws\.com")
_ORGANISATION: Final = re.compile(r"arn:aws[\w-]*:organizations::\d{12}:(?:organization/|ou/)o-\w+(?:/ou-[\w-]+)?")


def check_arn(arn: str) -> None:
    """Refuse what is no ARN at all."""
    if not _ARN.fullmatch(arn):
        raise malformed("resource", arn)


def check_share_arn(arn: str) -> None:
    """Refuse what is no ARN of a resource share."""
    if not _SHARE.fullmatch(arn):
        # Observed (terraform-provider-aws issue 40360); the others say which ARN they mean.
        message = "The specified resource share ARN is not valid. Verify the ARN and try again."
        raise RULE_ARN.refuse("MalformedArnException", message)


def check_invitation_arn(arn: str) -> None:
    """Refuse what is no ARN of an invitation."""
    if not _INVITATION.fullmatch(arn):
        raise malformed("resource share invitation", arn)


def malformed(kind: str, arn: str) -> ServiceError:
    """Return the refusal of what should be the ARN of a *kind* of thing."""
    message = f"The specified {kind} ARN {arn} is not valid. Verify the ARN and try again."
    return RULE_ARN.refuse("MalformedArnException", message)


def check_shareable(arn: str) -> None:
    """Refuse a resource of a service that shares nothing."""
    if arn.split(":")[2] in _NOT_SHARED:
        raise RULE_SHAREABLE.refuse("MalformedArnException", "You cannot share the selected resource type.")


def check_principal(principal: str) -> None:
    """Refuse what is no principal; whether an organisation is known is for who shares within it to ask."""
    if not _PRINCIPAL.fullmatch(principal) and not _ORGANISATION.fullmatch(principal):
        message = f"Principal ID {principal} is malformed. Verify the ID and try again."
        raise RULE_PRINCIPAL.refuse("InvalidParameterException", message)


def unknown_share(arn: str) -> ServiceError:
    """Return the refusal of a share that the caller cannot see."""
    return RULE_SHARE.refuse("UnknownResourceException", f"ResourceShare {arn} could not be found.")
