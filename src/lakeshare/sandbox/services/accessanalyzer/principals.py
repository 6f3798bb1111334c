"""Who is named in policies that name somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.services.accessanalyzer.issues import Issue, Issues, Path
from lakeshare.sandbox.services.accessanalyzer.parts import mismatch, texts

_KEYS: Final = ("AWS", "CanonicalUser", "Federated", "Service")


def check_principals(path: Path, statement: Mapping[str, Any], *, is_trust: bool) -> Issues:
    """Yield what is wrong with the Principal or NotPrincipal of a statement."""
    for element in ("Principal", "NotPrincipal"):
        if element not in statement:
            continue
        named, where = statement[element], (*path, element)
        if element == "NotPrincipal" and statement.get("Effect") == "Allow":
            yield Issue("ALLOW_WITH_NOT_PRINCIPAL", where)
        if isinstance(named, dict):
            yield from _named(where, named, is_trust=is_trust)
        elif named != "*":
            yield Issue("INVALID_PRINCIPAL_FORMAT", where)


def _named(where: Path, named: Mapping[str, Any], *, is_trust: bool) -> Issues:
    if not named:
        yield Issue("EMPTY_OBJECT_PRINCIPAL", where)
    for key in named:
        if key not in _KEYS:
            yield Issue("INVALID_PRINCIPAL_KEY", (*where, key), (key,))
            continue
        if named[key] == []:
            yield Issue("EMPTY_ARRAY_PRINCIPAL", (*where, key))
        for at, who in texts(named, where, key):
            if not isinstance(who, str):
                yield from mismatch(at)
            elif ("*" in who or "?" in who) and (who != "*" or (is_trust and key == "Service")):
                yield Issue("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", at, (key,))
