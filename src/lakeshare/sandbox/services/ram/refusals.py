"""What RAM says in every operation about ARNs and page tokens."""

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
RULE_TOKEN = rule(
    "ram.list.token",
    "A nextToken is one that an earlier page gave.",
    tag="documented",
    source="botocore service model, ram InvalidNextTokenException",
)
RULE_SHARE = rule(
    "ram.share.visible",
    "A share is seen by its owner, and by an account that has accepted it; to anybody else it does not exist.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html",
)
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:.+")


def check_arn(arn: str) -> None:
    """Refuse what is no ARN at all."""
    if not _ARN.fullmatch(arn):
        raise RULE_ARN.refuse("MalformedArnException", f"The specified ARN {arn} is not valid.")


def invalid_token() -> ServiceError:
    """Return the refusal of a token that no page gave."""
    return RULE_TOKEN.refuse("InvalidNextTokenException", "The specified value for nextToken is not valid.")


def unknown_share(arn: str) -> ServiceError:
    """Return the refusal of a share that the caller cannot see."""
    return RULE_SHARE.refuse("UnknownResourceException", f"ResourceShare {arn} could not be found.")
