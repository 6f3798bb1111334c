"""Which of the valid names somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

# Longer than any name that AWS admits here; the comparison takes time in the square of the length.
_LONGEST: Final = 300
# Below this share of common letters a suggestion confuses more than it mends ("rows" and "role" share half).
_CLOSE: Final = 0.6
_FINALISTS: Final = 4


def nearest(name: str, candidates: Iterable[str], *, cutoff: float = _CLOSE) -> str | None:
    """
    Return the candidate that *name* is most likely a slip of, or None when nothing is close.

    *cutoff* is the share of letters, 0 to 1, that the two must have in common. Case, hyphens and spaces count for
    nothing: ``Contact-Record`` is close to ``contact_record``.
    """
    spelled: dict[str, str] = {}
    for candidate in candidates:
        spelled.setdefault(_folded(candidate), candidate)

    folded = _folded(name[:_LONGEST])
    matches = get_close_matches(folded, spelled, n=_FINALISTS, cutoff=cutoff)
    # Swapped letters are the commonest slip of all: us-esat-1 is us-east-1, though us-west-1 is as close.
    swapped = [match for match in matches if sorted(match) == sorted(folded)]
    return next((spelled[match] for match in swapped + matches), None)


def _folded(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
