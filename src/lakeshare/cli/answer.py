"""What a command answers: one value that is either printed as a document or as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


def silent(_page: Page) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The end of a command.

    ``document`` goes to stdout with ``--json``; without it ``text`` writes on stdout and ``remark``, what is no result
    but worth saying, on stderr.
    """

    document: Mapping[str, Any]
    text: Callable[[Page], None] = silent
    remark: Callable[[Page], None] = silent
    exit_code: int = 0
