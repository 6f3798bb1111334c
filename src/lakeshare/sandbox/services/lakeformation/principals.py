"""The principals that Lake Formation knows, by the way they are written."""

from __future__ import annotations

import re
from typing import Final

from lakeshare.sandbox.policy import principal_known
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.world import World

IAM_ALLOWED_PRINCIPALS: Final = "IAM_ALLOWED_PRINCIPALS"
"""The group that stands for "IAM alone decides"."""

RULE_KNOWN = rule(
    "lakeformation.principal.known",
    "A principal is an IAM role or user that exists (and has had time to become known), an account, an organisation, "
    "a SAML, QuickSight or Identity Center user or group, or one of Lake Formation's own groups.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; "
    "the message as in aws-cdk issue 9097",
)

_ACCOUNT = re.compile(r"\d{12}")
_IAM = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):(?:role|user)/[\w+=,.@/-]+")
_OTHERS = re.compile(
    r"arn:aws[\w-]*:(?:"
    r"iam::\d{12}:saml-provider/[\w._-]+:(?:user|group)/.+"
    r"|quicksight:[\w-]+:\d{12}:(?:user|group)/.+"
    r"|organizations::\d{12}:(?:organization/o-|ou/o-).+"
    r"|identitystore:::(?:user|group)/.+"
    r")"
)
_EVERY_IAM_PRINCIPAL = re.compile(r"(\d{12}):IAMPrincipals")
# EVERYONE is an older name of the group that the service still takes (seen in logs of data.all, its issue 588).
_ALIASES: Final = {"iam_allowed_principals": IAM_ALLOWED_PRINCIPALS, "everyone": IAM_ALLOWED_PRINCIPALS}


def canonical(principal: str) -> str:
    """Return *principal* as it is stored: the names of the IAM group fold to one."""
    return _ALIASES.get(principal.lower(), principal)


def account_of(principal: str) -> str:
    """Return the account a principal belongs to, '' for one that belongs to none (groups, organisations)."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    if every := _EVERY_IAM_PRINCIPAL.fullmatch(principal):
        return every[1]
    parts = principal.split(":")
    return parts[4] if len(parts) > 4 and parts[2] in {"iam", "quicksight"} else ""


def is_organisation(principal: str) -> bool:
    """Whether an organisation or a unit of one is meant."""
    return ":organizations:" in principal


def is_of_identity_center(principal: str) -> bool:
    """Whether a user or group of IAM Identity Center is meant; they are of no account."""
    return ":identitystore:::" in principal


def receiver_of(principal: str) -> str:
    """Return what a grant to *principal* is shared with: its account, or the organisation or unit; '' for neither."""
    return principal if is_organisation(principal) else account_of(principal)


def is_account(principal: str) -> bool:
    """Whether a whole account is meant."""
    return _ACCOUNT.fullmatch(principal) is not None


def is_iam(principal: str) -> bool:
    """Whether it is one IAM role or user."""
    return _IAM.fullmatch(principal) is not None


def check_known(world: World, principal: str) -> None:
    """Refuse a principal that is none: "Invalid principal"."""
    if is_iam(principal):
        known = principal_known(world, principal)
    else:
        known = (
            principal == IAM_ALLOWED_PRINCIPALS
            or is_account(principal)
            or _EVERY_IAM_PRINCIPAL.fullmatch(principal) is not None
            or _OTHERS.fullmatch(principal) is not None
        )
    if not known:
        raise RULE_KNOWN.refuse("InvalidInputException", f"Invalid principal, arn: {principal}")
