"""A resource link: a local name for a table that another account owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lakeshare.resources.values import KnownAfter, Place, not_compared


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """
    A link in the consumer's catalog: a name and a target, nothing else.

    There is no API of its own for links: one is made by CreateTable with TargetTable (documented). What Glue shows of a
    link beyond the target (columns, storage, parameters) is the target's and is never compared.
    ``is_link`` is False when a real table stands under the name.
    """

    place: Place
    database: str
    name: str
    target_catalog: str | KnownAfter
    target_database: str
    target_table: str
    depends_on: tuple[str, ...] = not_compared(())
    is_link: bool = True

    kind: ClassVar[str] = "resource_link"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/link:connect_analytics_consumer.contact_record``."""
        return f"{self.place}/link:{self.database}.{self.name}"
