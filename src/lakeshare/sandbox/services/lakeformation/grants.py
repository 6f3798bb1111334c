"""
The explicit grants of the sandbox, indexed by what they are on.

One grant is one permission of one holder on one thing; a list of columns is one grant per column. That is the finest
form, so adding and revoking are adding to and removing from a dictionary, whatever else is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, Key
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS, receiver_of
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Who holds a grant, and by whose hand.

    ``via`` is the account that granted. Where it is not the owner's, the grant lives only as long as the owner's grant
    to that account does, and as the share that carries it is accepted.
    """

    principal: str
    via: str


@dataclass(frozen=True, slots=True)
class Right:
    """
    One permission; SELECT may be for one ``column``, or for all of them but the ``excluded`` ones.

    Without a column it covers all columns that are not excluded.
    """

    permission: str
    column: str | None = None
    excluded: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether it is on the thing as a whole rather than on some of its columns."""
        return self.column is None and not self.excluded

    def covers(self, column: str) -> bool:
        """Whether *column* is among those that it is for."""
        return column not in self.excluded if self.column is None else column == self.column


@dataclass(frozen=True, slots=True)
class Held:
    """How a right is held: with the grant option or without, since when (sandbox seconds), and who granted it."""

    grantable: bool
    granted_at: float
    granted_by: str


Rights: TypeAlias = dict[Right, Held]


class Grants:
    """Every explicit grant, by the catalog that owns the thing, the thing, and the holder."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._clock = world.clock
        self._held: dict[Place, dict[Key, dict[Holder, Rights]]] = {}
        # The foreign things on which an account (or an organisation, in the account's place) has granted or been
        # granted something, for its own listings.
        self._abroad: dict[Place, dict[tuple[Place, Key], None]] = {}

    def add(self, place: Place, key: Key, holder: Holder, rights: Mapping[Right, bool], *, by: str) -> None:
        """
        Grant *rights* (each with or without the grant option) to *holder*.

        Granting never narrows: a right held with the grant option keeps it.
        """
        held = self._at(place).setdefault(key, {}).setdefault(holder, {})
        now = self._clock.now()
        for right, grantable in rights.items():
            known = held.get(right)
            if known is None or (grantable and not known.grantable):
                held[right] = Held(grantable, known.granted_at if known else now, by)
        for account in {holder.via, receiver_of(holder.principal)} - {place.account, ""}:
            self._abroad.setdefault(Place(account, place.region), {})[place, key] = None

    def remove(self, place: Place, key: Key, holder: Holder, rights: Iterable[Right]) -> None:
        """Revoke *rights* from *holder*; those not held are passed over."""
        holders = self._at(place).get(key, {})
        held = holders.get(holder, {})
        for right in rights:
            held.pop(right, None)
        if not held:
            holders.pop(holder, None)
        if not holders:
            self._at(place).pop(key, None)

    def remove_option(self, place: Place, key: Key, holder: Holder, rights: Iterable[Right]) -> None:
        """Take the grant option from *rights*, and leave the rights."""
        held = self._at(place).get(key, {}).get(holder, {})
        for right in rights:
            if right in held:
                held[right] = Held(
                    grantable=False, granted_at=held[right].granted_at, granted_by=held[right].granted_by
                )

    def forget(self, place: Place, key: Key) -> None:
        """Drop what the owner granted on a thing that is no more; what other accounts passed on stays, as ghosts."""
        holders = self._at(place).get(key, {})
        for holder in [holder for holder in holders if holder.via == place.account]:
            del holders[holder]
        if not holders:
            self._at(place).pop(key, None)

    def on(self, place: Place, key: Key) -> Mapping[Holder, Mapping[Right, Held]]:
        """Return who holds what on one thing."""
        return self._at(place).get(key, {})

    def things(self, place: Place) -> Iterator[Key]:
        """Yield the things of one catalog on which something is granted, oldest first."""
        return iter(self._at(place))

    def abroad(self, place: Place) -> Iterator[tuple[Place, Key]]:
        """Yield the foreign things on which the account of *place* granted or received something."""
        names = self._world.store(Shares).names_of(place.account)
        found = {thing: None for name in names for thing in self._abroad.get(Place(name, place.region), {})}
        yield from ((owner, key) for owner, key in found if key in self._at(owner))

    def _at(self, place: Place) -> dict[Key, dict[Holder, Rights]]:
        catalog = self._held.get(place)
        if catalog is None:
            # An account that has never met Lake Formation leaves creating databases to IAM, and the list shows it as
            # a grant (inferred from the console, which lists IAMAllowedPrincipals among the database creators).
            fresh = {Right("CREATE_DATABASE"): Held(grantable=False, granted_at=0.0, granted_by="")}
            catalog = self._held[place] = {CatalogKey(): {Holder(IAM_ALLOWED_PRINCIPALS, place.account): fresh}}
        return catalog
