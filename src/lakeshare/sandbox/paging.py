"""Pages of a listing: as many entries as were asked for, and a token for the rest."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from lakeshare.sandbox.errors import ServiceError

T = TypeVar("T")


def page(
    entries: Iterable[T], token: str | None, size: int | None, *, most: int, refusal: ServiceError
) -> tuple[list[T], str | None]:
    """
    Return the page of *entries* that *token* begins, and the token of the next one or None.

    *size* is what the caller asked for, *most* the operation's own limit. A token that this function did not make
    raises *refusal*. Entries before the page are passed over, not kept: give a generator where rows are dear.
    """
    start = _start(token, refusal)
    wanted = min(size or most, most)
    window = list(islice(entries, start, start + wanted + 1))
    rest = _token(start + wanted) if len(window) > wanted else None
    return window[:wanted], rest


def with_token(answer: Mapping[str, Any], token: str | None, member: str = "NextToken") -> dict[str, Any]:
    """Return *answer* with *token* under *member*, which AWS leaves out on the last page."""
    return {**answer, member: token} if token else dict(answer)


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(token: str | None, refusal: ServiceError) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from:"))
    except (ValueError, binascii.Error):
        raise refusal from None
