"""The consumer's acceptance of the shares that carry one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeAlias

from lakeshare.resources.values import KnownAfter, Place, not_compared

ShareState: TypeAlias = Literal["accepted", "expired", "rejected"]


@dataclass(frozen=True, slots=True)
class RamInvitation:
    """
    That the consumer has accepted every share on which *table* of *source* comes.

    One per table although tables travel together on few shares: so a table whose association failed holds up nobody
    else's, and a table added later changes only its own lines of the plan. Shares are told apart by ARN, never by name.
    An acceptance cannot be taken back; it goes when the producer takes the table off the share.
    """

    place: Place
    source: str
    table: str
    share_arns: tuple[str | KnownAfter, ...] = not_compared(())
    depends_on: tuple[str, ...] = not_compared(())
    state: ShareState = "accepted"

    kind: ClassVar[str] = "ram_invitation"

    @property
    def address(self) -> str:
        """``consumer/eu-west-2/invitation:producer/connect_datalake.contact_record``."""
        return f"{self.place}/invitation:{self.source}/{self.table}"

    @property
    def is_of_connect(self) -> bool:
        """Whether Connect shares the table by an association; otherwise the producer granted it to the account."""
        return any("/association:" in address for address in self.depends_on)


_SOURCE = re.compile(r"(?P<alias>.+?)(?P<instance>\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
"""The producer's name in the spec, which may have dots, and the Connect instance where it is Connect that shares."""


def with_renamed_accounts(item: RamInvitation, names: Mapping[str, str]) -> RamInvitation:
    """Return *item* with the new names (by old ones) of the account that it is in and of the one it comes from."""
    said = _SOURCE.fullmatch(item.source)
    assert said is not None, "a source begins with a name"
    alias, instance = said["alias"], said["instance"] or ""
    place = replace(item.place, alias=names.get(item.place.alias, item.place.alias))
    return replace(item, place=place, source=names.get(alias, alias) + instance)
