"""A check, and what many of them come to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["pass", "fail", "unknown"]

Verdict: TypeAlias = Literal["allow", "deny", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """
    One thing that a query needs, in the order in which queries meet them.

    ``fix`` is a command, or what to write into the spec; ``fix_in`` the account in which to run it. A check that is
    ``unknown`` leaves the whole unknown, unless it ``is_presumed``: then nobody can know it from here, and nothing that
    was seen speaks against it. ``answer`` is how Athena would put a failure.
    """

    id: str
    status: Status
    looked_at: str
    detail: str
    fix: str | None = None
    fix_in: str | None = None
    is_presumed: bool = False
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer: a verdict, its reason in a sentence, and every check that led to it."""

    verdict: Verdict
    reason: str
    checks: tuple[Check, ...]

    @property
    def decisive(self) -> Check | None:
        """The check that decided: the first that fails, else the first that leaves it open, else none."""
        return first(self.checks, "fail") or first(self.checks, "unknown")


def first(checks: Sequence[Check], status: Status) -> Check | None:
    """Return the first check of that *status*, those left out that are presumed."""
    return next((check for check in checks if check.status == status and not check.is_presumed), None)


def conclude(checks: Sequence[Check]) -> Explanation:
    """Return the verdict of *checks*: deny when any fails, allow when everything that matters passes."""
    told = tuple(checks)
    failed, unsure = first(told, "fail"), first(told, "unknown")
    if failed:
        return Explanation("deny", f"{failed.id}: {failed.detail}", told)
    if unsure:
        return Explanation("unknown", f"{unsure.id}: {unsure.detail}", told)
    presumed = sum(check.is_presumed for check in told)
    beside = f"; {presumed} that nobody can see from here left aside" if presumed else ""
    return Explanation("allow", f"all checks pass{beside}", told)
