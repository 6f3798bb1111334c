"""Yes, no, and what cannot be known (None): Kleene's logic. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Known: TypeAlias = bool | None


def all_of(answers: Iterable[Known]) -> Known:
    """No if any is no, yes if all are yes, else unknown."""
    found: Known = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def any_of(answers: Iterable[Known]) -> Known:
    """Yes if any is yes, no if all are no, else unknown."""
    return negated(all_of(negated(answer) for answer in answers))


def negated(answer: Known) -> Known:
    """Return the opposite; of the unknown it is unknown."""
    return None if answer is None else not answer
