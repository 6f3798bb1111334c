"""
What a pattern of a policy matches. Pure.

``*`` stands for any characters and ``?`` for one; a resource is matched field by field, and one with fewer than an
ARN's six fields is completed by wildcards. Whether ``*`` reaches past a colon is told nowhere: where that would make
the difference, the answer is None.
(documented: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from lakeshare.access.iam.logic import Known

Lookup: TypeAlias = Callable[[str], str | None]
"""Answers a policy variable such as ``aws:username`` with its value, or None when that cannot be known."""

_FIELDS = 6
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "[*]", "?": "[?]", "$": "$"}
"""``${*}`` is a star that is no wildcard; in a pattern it is written so that `fits` takes it for itself."""


def fits(pattern: str, text: str, *, ignores_case: bool = False) -> bool:
    """Tell whether the whole of *text* matches *pattern*."""
    return _compiled(pattern, ignores_case).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignores_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - a key of the cache
    parts = re.split(r"(\[[*?]\]|[*?])", pattern)
    spelt = {"*": ".*", "?": ".", "[*]": r"\*", "[?]": r"\?"}
    expression = "".join(spelt.get(part) or re.escape(part) for part in parts)
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignores_case else 0))


def fits_action(pattern: str, action: str) -> bool:
    """Tell whether *pattern* is about *action*; case makes no difference (documented)."""
    return fits(pattern, action, ignores_case=True)


def filled_in(pattern: str, lookup: Lookup) -> str | None:
    """Return *pattern* with its variables replaced, or None when one of them cannot be known."""
    found: list[str] = []
    at = 0
    for variable in _VARIABLE.finditer(pattern):
        found.append(pattern[at : variable.start()])
        name, _, default = (part.strip() for part in variable[1].partition(","))
        value = _LITERALS.get(name) or lookup(name)
        if value is None:
            return None
        del default  # it would count only where the key is surely not there, which a lookup does not tell
        found.append(value)
        at = variable.end()
    return "".join([*found, pattern[at:]])


def fits_resource(pattern: str, resource: str, lookup: Lookup) -> Known:
    """Tell whether *pattern*, with its variables replaced, is about *resource*, an ARN or ``*``."""
    if pattern == "*":
        return True
    known = filled_in(pattern, lookup)
    if known is None:
        # With the variable standing for anything it must fit, or it fits with no value.
        return None if fits(_VARIABLE.sub("*", pattern), resource) else False
    if _by_field(known, resource):
        return True
    # Only a star that reaches past a colon could make it fit.
    return None if fits(known, resource) else False


def _by_field(pattern: str, resource: str) -> bool:
    wanted = pattern.split(":", _FIELDS - 1)
    wanted += ["*"] * (_FIELDS - len(wanted))
    given = resource.split(":", _FIELDS - 1)
    return len(given) == _FIELDS and all(fits(one, other) for one, other in zip(wanted, given, strict=True))
