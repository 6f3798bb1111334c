"""One look that AWS may refuse. Nothing that explaining looks at is worth failing for: what cannot be seen is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lakeshare.errors import CallError, IdentityError
from lakeshare.resources.values import Unreadable

T = TypeVar("T")

REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})


def tried(look: Callable[[], T]) -> T | Unreadable:
    """Return what *look* answers, or why it was not answered, with the action that is missing where one is."""
    try:
        return look()
    except CallError as error:
        where = f"in account {error.account}" if error.account else "there"
        if error.aws_code in REFUSED:
            return Unreadable(f"the operator {where} may not call {error.operation}")
        return Unreadable(f"{error.operation} {where} failed: {error.aws_code or error.message}")
    except IdentityError as error:
        return Unreadable(f"nobody is signed in there: {error.message}")


def tried_or(look: Callable[[], T], absent: T, *codes: str) -> T | Unreadable:
    """Return `tried`, or *absent* where AWS answers with one of *codes*: it is not there."""

    def looked() -> T:
        try:
            return look()
        except CallError as error:
            if error.aws_code in codes:
                return absent
            raise

    return tried(looked)
