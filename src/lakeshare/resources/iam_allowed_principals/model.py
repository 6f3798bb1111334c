"""A table that is not left to IAM any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from lakeshare.resources.values import Place, not_compared

EVERY_TABLE: Final = "*"


@dataclass(frozen=True, slots=True)
class ClosedTable:
    """
    That IAM_ALLOWED_PRINCIPALS do not hold ALL on a table: Lake Formation decides who reads it, and not IAM alone.

    Absent is a table that is open. So taking the group's right away makes one of these, and is shown as a revoke; and
    giving it back, because we took it, ends it. ``table`` is ``*`` where the group holds all tables by one wildcard.
    """

    place: Place
    database: str
    table: str
    depends_on: tuple[str, ...] = not_compared(())

    kind: ClassVar[str] = "iam_allowed_principals"

    @property
    def address(self) -> str:
        """``producer/eu-west-2/iam-allowed-principals:sales.orders``."""
        return f"{self.place}/iam-allowed-principals:{self.database}.{self.table}"
