"""A policy document as the checks see it: patient with whatever is in it, since live ones hold anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from lakeshare.resources.iam_role import digest_of

Sort: TypeAlias = Literal["identity", "trust", "session", "managed"]
"""An inline policy of a role | who may assume a role | what narrows one session | a policy with an ARN of its own."""

EXTERNAL_ID: Final = "sts:externalid"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a condition: the operator as it is written, the key in lower case, the values as text."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with its number in the document, counted from 0."""

    number: int
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it gives something."""
        return self.content.get("Effect") == "Allow"

    def listed(self, element: str) -> tuple[str, ...]:
        """Return the texts in *element*, be it one or a list; none where it is something else."""
        return texts(self.content.get(element))

    def principals(self) -> Iterator[tuple[str, str]]:
        """Yield (``AWS``, ``Service``..., who) of the Principal; a bare ``*`` counts as AWS."""
        named = self.content.get("Principal")
        if isinstance(named, str):
            yield "AWS", named
        elif isinstance(named, Mapping):
            for sort, members in named.items():
                yield from ((str(sort), member) for member in texts(members))

    def conditions(self) -> tuple[Condition, ...]:
        """Return the lines of the Condition, all of which must hold."""
        block = self.content.get("Condition")
        return tuple(
            Condition(str(operator), str(key).lower(), texts(values))
            for operator, lines in (block.items() if isinstance(block, Mapping) else ())
            for key, values in (lines.items() if isinstance(lines, Mapping) else ())
        )


@dataclass(frozen=True, slots=True)
class Document:
    """
    A policy, what it is for, and the account in which it stands.

    ``left_out`` are the numbers of statements that are not judged, since they are about to be others.
    """

    sort: Sort
    account_id: str
    content: Any
    left_out: frozenset[int] = frozenset()

    def statements(self) -> tuple[Statement, ...]:
        """Return the statements that are objects."""
        said = self.content.get("Statement", ()) if isinstance(self.content, Mapping) else ()
        members = said if isinstance(said, list | tuple) else [said]
        return tuple(Statement(number, one) for number, one in enumerate(members) if isinstance(one, Mapping))


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts, numbers and truth values in *value* as IAM reads them: one stands for a list of one."""
    members = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(member) for member in members if isinstance(member, str | int | float))


def _text(member: str | float) -> str:
    return str(member).lower() if isinstance(member, bool) else str(member)


def characters(content: Any) -> int:
    """Count a document's characters as IAM does: without white space, that inside texts included (documented)."""
    return len(re.sub(r"\s", "", json.dumps(content, separators=(",", ":"), ensure_ascii=False)))


def redacted(content: Any) -> Any:
    """Return *content* with a digest in place of each ExternalId that a condition asks for."""
    if isinstance(content, Mapping):
        return {
            key: _digests(value) if str(key).lower() == EXTERNAL_ID else redacted(value)
            for key, value in content.items()
        }
    return [redacted(member) for member in content] if isinstance(content, list | tuple) else content


def _digests(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_digests(member) for member in value]
    # What plans and ledgers hold is a digest already; Null and Bool ask for no secret.
    is_plain = not isinstance(value, str) or value in ("true", "false", "*", "") or _DIGEST.fullmatch(value)
    return value if is_plain else digest_of(value)
