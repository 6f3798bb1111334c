"""One known error text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Evidence: TypeAlias = Literal["documented", "observed", "inferred", "reported"]
"""How well what a record says is known: by AWS's documents, by somebody's real call, by reasoning; or just told."""

DOCS = "https://docs.aws.amazon.com/"


@dataclass(frozen=True, slots=True)
class KnownError:
    """
    A text that is recognised.

    ``pattern`` is the text as it is known, for people. It is recognised when all fragments of one of the ``any_of`` are
    in it; case, quotes and line breaks make no difference. ``codes`` are AWS's codes that it comes with, none: any.
    ``meaning`` and ``fix`` may hold ``{table}``, ``{database}``, ``{column}``, ``{principal}``, ``{action}`` and
    ``{permission}``, which stand for what the text names, or else for a placeholder.
    """

    id: str
    pattern: str
    any_of: tuple[tuple[str, ...], ...]
    meaning: str
    fix: str
    evidence: Evidence
    source: str
    codes: tuple[str, ...] = ()
