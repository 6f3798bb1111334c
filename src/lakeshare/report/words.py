"""Numbers and nouns."""

from __future__ import annotations

import re
from collections.abc import Iterable


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 step``, ``2 steps``; *plural* where an s does not do it."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def first_few(names: Iterable[str], *, shown: int = 3) -> str:
    """Name the first few and count the rest."""
    listed = list(names)
    few = ", ".join(listed[:shown])
    return f"{few} and {len(listed) - shown} more" if len(listed) > shown else few


def shortened(sentence: str, *, shown: int = 5) -> str:
    """Name the first few of each long list of names, separated by commas, in *sentence* and count the rest."""

    def few(names: re.Match[str]) -> str:
        return first_few(names.group().split(", "), shown=shown)

    return re.sub(rf"[\w.-]+(?:, [\w.-]+){{{shown + 1},}}", few, sentence)
