"""Pages of a listing: as many entries as were asked for, and a token for the rest."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from lakeshare.sandbox.errors import ServiceError

G = TypeVar("G")
T = TypeVar("T")


def page(
    entries: Iterable[T], token: str | None, size: int | None, *, most: int, refusal: Callable[[], ServiceError]
) -> tuple[list[T], str | None]:
    """
    Return the page of *entries* that *token* begins, and the token of the next one or None.

    *size* is what the caller asked for, *most* the operation's own limit. A token that this function did not make
    raises what *refusal* makes.
    """
    return page_of_groups(entries, lambda entry: (entry,), token, size, most=most, refusal=refusal)


def page_of_groups(
    groups: Iterable[G],
    members: Callable[[G], Iterable[T]],
    token: str | None,
    size: int | None,
    *,
    most: int,
    refusal: Callable[[], ServiceError],
) -> tuple[list[T], str | None]:
    """
    Return a page as ``page`` does, of all *members* of all *groups* in turn.

    Where a page begins is kept as a group and a place in it, so groups before it cost nothing but passing them over.
    """
    group, passed = _cursor(token, refusal)
    wanted = min(size or most, most)
    window: list[T] = []
    for each in islice(groups, group, None):
        for member in islice(members(each), passed, None):
            if len(window) == wanted:
                return window, _token(group, passed)
            window.append(member)
            passed += 1
        group, passed = group + 1, 0
    return window, None


def with_token(answer: Mapping[str, Any], token: str | None, member: str = "NextToken") -> dict[str, Any]:
    """Return *answer* with *token* under *member*, which AWS leaves out on the last page."""
    return {**answer, member: token} if token else dict(answer)


def _token(group: int, passed: int) -> str:
    return base64.urlsafe_b64encode(f"{group}:{passed}".encode()).decode()


def _cursor(token: str | None, refusal: Callable[[], ServiceError]) -> tuple[int, int]:
    if not token:
        return 0, 0
    try:
        group, _, passed = base64.urlsafe_b64decode(token).decode().partition(":")
        return int(group), int(passed)
    except (ValueError, binascii.Error):
        raise refusal() from None
