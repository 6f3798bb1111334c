"""A Glue database for links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import Place, not_compared


@dataclass(frozen=True, slots=True)
class GlueDatabase:
    """
    A database in the consumer's own catalog.

    ``is_open_to_iam``: new tables get ALL for IAM_ALLOWED_PRINCIPALS, which would leave every link in it to IAM alone.
    ``is_link``: the name belongs to a database link, whose children are the producer's real tables.
    ``kept``: why we left it in place although nobody wants it any more; looked at again as long as the ledger says so.
    """

    place: Place
    name: str
    tags: tuple[tuple[str, str], ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())
    is_open_to_iam: bool = False
    is_link: bool = False
    kept: str | None = not_compared(None)

    kind: ClassVar[str] = "glue_database"

    @property
    def arn(self) -> str:
        """The database's ARN."""
        return self.place.arn("glue", f"database/{self.name}")

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/database:connect_analytics_consumer``."""
        return f"{self.place}/database:{self.name}"
