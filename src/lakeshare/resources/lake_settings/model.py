"""One entry among an account's Lake Formation administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from lakeshare.resources.administrators import ADMINISTRATORS, READ_ONLY_ADMINISTRATORS
from lakeshare.resources.values import Place, not_compared

Level: TypeAlias = Literal["full", "read_only"]


@dataclass(frozen=True, slots=True)
class LakeAdministrator:
    """
    That *principal* is a Lake Formation administrator of the account, or with *level* ``read_only`` may see all of it.

    The settings document holds much more; we own this one entry of it and never anything else. *principal* is an IAM
    ARN with its path (GetRole), never an assumed-role ARN, which Lake Formation would not match. *is_borrowed*: the
    entry is there for one run only, and whoever finds it in the ledger after that takes it out.
    """

    place: Place
    principal: str
    level: Level = "full"
    is_borrowed: bool = not_compared(default=False)
    depends_on: tuple[str, ...] = not_compared(())

    kind: ClassVar[str] = "lake_settings"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/settings:administrator/role/lakeshare-operator``."""
        return f"{self.place}/settings:{_WORDS[self.level]}/{self.principal.split(':', 5)[-1]}"

    @property
    def member(self) -> str:
        """The list of the settings document that it is an entry of."""
        return ADMINISTRATORS if self.level == "full" else READ_ONLY_ADMINISTRATORS

    @property
    def noun(self) -> str:
        """What people call such an entry."""
        return "administrator entry" if self.level == "full" else "entry among the read-only administrators"


_WORDS: dict[Level, str] = {"full": "administrator", "read_only": "read-only-administrator"}
