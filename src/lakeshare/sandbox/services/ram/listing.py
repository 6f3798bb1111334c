"""How RAM's listings are answered: a page of entries, and a token for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule

RULE_TOKEN = rule(
    "ram.list.token",
    "A nextToken is one that an earlier page gave.",
    tag="documented",
    source="botocore service model, ram InvalidNextTokenException",
)


def listed(call: Call, member: str, entries: Iterable[Any]) -> Mapping[str, Any]:
    """Return the page of *entries* that *call* asks for under *member*; entries behind it are not made."""
    token, size = call.params.get("nextToken"), call.params.get("maxResults")
    shown, following = page(entries, token, size, most=500, refusal=_invalid_token)
    return with_token({member: shown}, following, "nextToken")


def _invalid_token() -> ServiceError:
    return RULE_TOKEN.refuse("InvalidNextTokenException", "The specified value for nextToken is not valid.")
