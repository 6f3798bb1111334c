"""An Athena workgroup for the readers of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class AthenaWorkgroup:
    """
    A workgroup that binds its clients: results go to *output_location*, encrypted; a query stops at the cutoff.

    AWS's reference queries are written for engine version 3 (documented). ``is_named_by_user``: the spec names it, so
    one that is there and not ours is used as it is.
    """

    place: Place
    name: str
    output_location: str
    bytes_scanned_cutoff: int
    tags: tuple[tuple[str, str], ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())
    is_enforced: bool = True
    is_encrypted: bool = True
    is_enabled: bool = True
    is_named_by_user: bool = not_compared(default=False)

    kind: ClassVar[str] = "athena_workgroup"

    @property
    def arn(self) -> str:
        """The workgroup's ARN."""
        return self.place.arn("athena", f"workgroup/{self.name}")

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/workgroup:lakeshare-connect-analytics``."""
        return f"{self.place}/workgroup:{self.name}"
