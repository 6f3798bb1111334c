"""From an error text to the records that it fits. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lakeshare.access.known_errors.granting import GRANTING
from lakeshare.access.known_errors.names import Names, names_in
from lakeshare.access.known_errors.reading import READING
from lakeshare.access.known_errors.record import KnownError
from lakeshare.access.known_errors.reported import REPORTED
from lakeshare.access.known_errors.sharing import SHARING
from lakeshare.access.known_errors.unwrap import unwrapped

KNOWN: Final[tuple[KnownError, ...]] = (*GRANTING, *SHARING, *READING, *REPORTED)

_CODE = re.compile(r"\b([A-Z]\w*(?:Exception|PolicyDocument)|AccessDenied)\b")
_QUOTES = str.maketrans("", "", "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb*\\")
_WORDS = re.compile(r"[a-z0-9:_]{3,}")

MOST_NEAREST: Final = 3
FEWEST_CHARACTERS: Final = 20
"""How much of a known text must be left of one that is cut off: fewer would be anybody's words."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A record that a text fits, and its words with the text's own names in them."""

    known: KnownError
    meaning: str
    fix: str


def recognise(text: str) -> tuple[Recognised, ...]:
    """
    Return what *text* may be, likeliest first; nothing when it is not known.

    What takes up more of the text comes first; a record whose AWS code the text contradicts counts half. Of a text that
    is cut off, what is left of it counts.
    """
    plain, codes = _plain(text), frozenset(_CODE.findall(text))
    fitting = [(weight, known) for known in KNOWN if (weight := _weight(known, plain))]
    fitting = fitting or [(weight, known) for known in KNOWN if (weight := _weight_of_rest(known, plain))]
    ordered = sorted(fitting, key=lambda each: -each[0] if _agrees(each[1], codes) else -each[0] / 2)
    names = names_in(text)
    return tuple(_filled(known, names) for _weight_of_it, known in ordered)


def _agrees(known: KnownError, codes: frozenset[str]) -> bool:
    """Tell whether the codes that a text names are among those that the record comes with, where both have any."""
    return not known.codes or not codes or not codes.isdisjoint(known.codes)


def nearest_known(text: str) -> tuple[KnownError, ...]:
    """Return the known texts that share most words with *text*, for one that fits none."""
    words = frozenset(_WORDS.findall(_plain(text)))
    shared = [(len(words & frozenset(_WORDS.findall(_plain(known.pattern)))), known) for known in KNOWN]
    best = sorted((each for each in shared if each[0] > 1), key=lambda each: -each[0])
    return tuple(known for _count, known in best[:MOST_NEAREST])


def _weight(known: KnownError, plain: str) -> int:
    """Return how many characters of *plain* the best of the record's alternatives takes up; 0 when none fits."""
    return max(
        (
            sum(len(fragment) for fragment in fragments)
            for fragments in known.any_of
            if all(_plain(fragment) in plain for fragment in fragments)
        ),
        default=0,
    )


def _weight_of_rest(known: KnownError, plain: str) -> int:
    """Return how many characters a text that breaks off has of what the record knows, if not too few."""
    rest = plain.rstrip(" .\u2026")
    whole = [_plain(each) for each in (known.pattern, *(each for some in known.any_of for each in some))]
    ends = [size for size in range(FEWEST_CHARACTERS, len(rest) + 1) if any(rest[-size:] in each for each in whole)]
    return max(ends, default=0)


def _plain(text: str) -> str:
    """Return *text* as it is compared: lower case, no quotes, one space between words."""
    return " ".join(unwrapped(text).translate(_QUOTES).lower().split())


def _filled(known: KnownError, names: Names) -> Recognised:
    filled = names.filled()
    return Recognised(known, known.meaning.format(**filled), known.fix.format(**filled))
