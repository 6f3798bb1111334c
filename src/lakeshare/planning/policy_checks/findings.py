"""What a check finds, as a value, and the list of all checks with what mends each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from lakeshare.planning.policy_checks.listed import CHECKS

Severity: TypeAlias = Literal["error", "warning", "note"]
"""AWS refuses it, or it lets strangers in | it gives more than the job needs, or less than it says | worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is wrong with one policy.

    ``id`` is stable and listed in docs/policies.md. ``address`` is the resource whose policy it is, ``where`` the
    place in the document (``Statement[1].Condition``; empty: the whole). ``statement`` is the offending statement with
    digests for its ExternalIds, None where it is no statement's. ``source`` says where AWS documents what the check
    rests on.
    """

    id: str
    severity: Severity
    address: str
    where: str
    message: str
    mend: str
    source: str
    statement: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def blocks(self) -> bool:
        """Whether nothing may be written while it is so: true of trust in a bare root of another account alone."""
        return self.id in CHECKS and CHECKS[self.id].blocks


@dataclass(frozen=True, slots=True)
class Remark:
    """
    What a check says of a document, before it is known whose: the id, what is wrong, and where.

    ``statement`` is the number of the statement, None for the whole document; ``part`` is the place within. ``mend`` is
    said in place of what the list of checks says, where the document tells more; ``severity`` likewise.
    """

    id: str
    message: str
    statement: int | None = None
    part: str = ""
    mend: str | None = None
    severity: Severity | None = None
