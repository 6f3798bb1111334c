"""A policy document as statements, read once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

PrincipalKind = Literal["AWS", "Service", "Federated", "CanonicalUser", "*"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition block: ``{"StringEquals": {"sts:ExternalId": ["a", "b"]}}``."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of a resource's policy: a kind and a value, ``("AWS", "*")`` for everybody."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One statement. Of each pair such as ``actions`` and ``not_actions`` at most one has members.

    A trust policy has no resources and an identity policy no principals.
    """

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()


@lru_cache(maxsize=4096)
def parse_policy(text: str) -> tuple[Statement, ...]:
    """Read a document's JSON; ValueError when it is none."""
    document = json.loads(text)
    if not isinstance(document, dict):
        raise TypeError("a policy document is a JSON object")
    return read_policy(document)


def read_policy(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Return the statements of a parsed document."""
    statements = document.get("Statement", [])
    return tuple(_statement(one) for one in (statements if isinstance(statements, list) else [statements]))


def _statement(body: Mapping[str, Any]) -> Statement:
    return Statement(
        effect=body["Effect"],
        actions=_texts(body.get("Action")),
        not_actions=_texts(body.get("NotAction")),
        resources=_texts(body.get("Resource")),
        not_resources=_texts(body.get("NotResource")),
        principals=tuple(_principals(body.get("Principal"))),
        not_principals=tuple(_principals(body.get("NotPrincipal"))),
        conditions=tuple(_conditions(body.get("Condition"))),
    )


def _texts(value: Any) -> tuple[str, ...]:
    """One string or a list of them; booleans and numbers stand in conditions and are spelt as IAM compares them."""
    if value is None:
        return ()
    return tuple(_text(item) for item in (value if isinstance(value, list) else [value]))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principals(value: Any) -> Iterator[Principal]:
    if value == "*":
        yield Principal("AWS", "*")
    for kind, names in value.items() if isinstance(value, dict) else ():
        yield from (Principal(kind, name) for name in _texts(names))


def _conditions(value: Any) -> Iterator[Condition]:
    for operator, keys in (value or {}).items():
        for key, values in keys.items():
            yield Condition(operator, key, _texts(values))
