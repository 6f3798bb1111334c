"""LF-tags, expressions over them and policies by them: the structures that the API has for them, read and written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import ANY_VALUE, Expression, PolicyKey

MOST_KEYS: Final = 50

RULE_EXPRESSION = rule(
    "lakeformation.tag.expression",
    "An expression over LF-tags names 1 to 50 keys, each once; a tag policy has an expression, or the name of a saved "
    "one.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-creating-tag-expressions.html; botocore service "
    "model, lakeformation LFTagPolicyResource; the messages are ours",
)
RULE_LETTERS = rule(
    "lakeformation.tag.letters",
    "Keys and values of LF-tags are made of letters, digits, spaces and some signs.",
    tag="documented",
    source="botocore service model, lakeformation LFTagKey and LFTagValue; the message is ours",
)
_SIGNS: Final = frozenset("_.:/=+-@%")


def read_expression(given: Iterable[Mapping[str, Any]]) -> Expression:
    """Return an expression as it is stored, its keys and values in lower case; refuse one that is none."""
    entries = [(entry["TagKey"].lower(), frozenset(value.lower() for value in entry["TagValues"])) for entry in given]
    if not 1 <= len(entries) <= MOST_KEYS or len(dict(entries)) < len(entries):
        message = f"An LF-Tag expression must have between 1 and {MOST_KEYS} different keys."
        raise RULE_EXPRESSION.refuse("InvalidInputException", message)
    return tuple(sorted(entries, key=lambda entry: entry[0]))


def read_policy(given: Mapping[str, Any]) -> PolicyKey:
    """Return what an LFTagPolicy structure names."""
    expression, name = given.get("Expression"), given.get("ExpressionName")
    if (expression is None) == (name is None):
        message = "LFTagPolicy resource must have either an Expression or an ExpressionName."
        raise RULE_EXPRESSION.refuse("InvalidInputException", message)
    if name is not None:
        return PolicyKey(given["ResourceType"], name=name)
    return PolicyKey(given["ResourceType"], read_expression(expression or ()))


def read_values(given: Iterable[str]) -> tuple[str, ...] | None:
    """Return the values of a tag that are named, in lower case, each once; None for all of them."""
    values = tuple(dict.fromkeys(value.lower() for value in given))
    return None if ANY_VALUE in values else values


def shown_expression(expression: Expression) -> list[dict[str, Any]]:
    """Return the structures that say an expression."""
    return [{"TagKey": tag, "TagValues": sorted(values)} for tag, values in expression]


def shown_policy(place: Place, key: PolicyKey) -> dict[str, Any]:
    """Return the structure that names a policy."""
    said: dict[str, Any] = (
        {"ExpressionName": key.name} if key.name else {"Expression": shown_expression(key.expression)}
    )
    return {"LFTagPolicy": {"CatalogId": place.account, "ResourceType": key.kind, **said}}


def shown_pair(place: Place, tag: str, values: Iterable[str]) -> dict[str, Any]:
    """Return a tag with values, as listings have it."""
    return {"CatalogId": place.account, "TagKey": tag, "TagValues": list(values)}


def check_letters(*words: str) -> None:
    """Refuse keys and values of a new tag that have letters they cannot have; a lone star would mean every value."""
    for word in words:
        if not all(unicodedata.category(letter)[0] in "LZN" or letter in _SIGNS for letter in word):
            raise RULE_LETTERS.refuse("InvalidInputException", f"{word!r} cannot be in an LF-Tag.")
