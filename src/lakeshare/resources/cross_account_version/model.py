"""How an account shares its tables with other accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class CrossAccountVersion:
    """That the account's CROSS_ACCOUNT_VERSION is *version*, 1 to 5, or of what is desired: at least that."""

    place: Place
    version: int
    depends_on: tuple[str, ...] = not_compared(())

    kind: ClassVar[str] = "cross_account_version"

    @property
    def address(self) -> str:
        """``producer/eu-west-2/settings:cross-account-version``."""
        return f"{self.place}/settings:cross-account-version"
