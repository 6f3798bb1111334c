"""Patterns of actions and resources: ``*`` is any text, ``?`` any one letter; actions do not mind case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Tell whether the action pattern *pattern* takes in *name*."""
    return _compiled(pattern).fullmatch(name) is not None


def any_matches(patterns: Iterable[str], name: str) -> bool:
    """Tell whether one of *patterns* takes in *name*."""
    return any(matches(pattern, name) for pattern in patterns)


def is_wild(text: str) -> bool:
    """Tell whether *text* stands for many."""
    return "*" in text or "?" in text


def before_wildcard(text: str) -> str:
    """Return *text* up to its first wildcard."""
    return re.split(r"[*?]", text, maxsplit=1)[0]
