"""One entry among an account's Lake Formation administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class LakeAdministrator:
    """
    That *principal* is a Lake Formation administrator of the account.

    The settings document holds much more; we own this one entry of it and never anything else. *principal* is an IAM
    ARN with its path (GetRole), never an assumed-role ARN, which Lake Formation would not match.
    """

    place: Place
    principal: str
    depends_on: tuple[str, ...] = not_compared(())

    kind: ClassVar[str] = "lake_settings"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/settings:administrator/role/lakeshare-operator``."""
        return f"{self.place}/settings:administrator/{self.principal.split(':', 5)[-1]}"
