"""A policy document as statements, each of which knows where it was found. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key: ``StringEquals``, ``aws:PrincipalOrgID``, and the values to compare with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """
    Where a policy is kept: the account, and the AWS CLI's commands that print it, put ``policy.json`` in its place, and
    drop it, where that can be.
    """

    account: str
    get: str
    put: str
    drop: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One statement. ``source`` names the policy that it is in, for people; ``sid`` is its own name or its number.

    Of ``actions`` and ``not_actions`` one is filled, and likewise of the resources; a statement of a resource's policy
    that names no resource is about the resource. ``principals`` is None in an identity's policy, which has none.
    ``number`` counts from 1, of ``count`` in the policy; ``kept`` tells how that is changed, where somebody can.
    """

    source: str
    sid: str
    is_deny: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    principals: tuple[str, ...] | None = None
    not_principals: tuple[str, ...] = ()
    number: int = 1
    count: int = 1
    kept: Kept | None = None

    def __str__(self) -> str:
        return f"statement {self.sid} of {self.source}"


def read_statements(document: Mapping[str, Any] | str, source: str, kept: Kept | None = None) -> tuple[Statement, ...]:
    """
    Return the statements of *document*, a policy as JSON text or as what that says; *source* names it, and *kept* tells
    where it is.
    """
    told = json.loads(document) if isinstance(document, str) else document
    listed = told.get("Statement", ())
    rows = [listed] if isinstance(listed, Mapping) else list(listed)
    read = (_statement(row, source, number) for number, row in enumerate(rows, start=1))
    return tuple(replace(one, count=len(rows), kept=kept) for one in read)


def _statement(row: Mapping[str, Any], source: str, number: int) -> Statement:
    principals = _principals(row.get("Principal"))
    return Statement(
        source=source,
        sid=str(row.get("Sid") or number),
        number=number,
        is_deny=row.get("Effect") == "Deny",
        actions=_texts(row.get("Action")),
        not_actions=_texts(row.get("NotAction")),
        resources=_texts(row.get("Resource")),
        not_resources=_texts(row.get("NotResource")),
        conditions=tuple(_conditions(row.get("Condition") or {})),
        principals=principals,
        not_principals=_principals(row.get("NotPrincipal")) or (),
    )


def _conditions(block: Mapping[str, Mapping[str, Any]]) -> Iterable[Condition]:
    for operator, keys in block.items():
        for key, values in keys.items():
            yield Condition(operator, key, _texts(values))


def _principals(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return tuple(text for kind in value.values() for text in _texts(kind))
    return _texts(value)


def _texts(value: Any) -> tuple[str, ...]:
    """Return one value or many as texts, as JSON spells them: ``true``, not ``True``."""
    if value is None:
        return ()
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(item if isinstance(item, str) else json.dumps(item) for item in items)
