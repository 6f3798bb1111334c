"""
The explicit grants of the sandbox, indexed by what they are on.

One grant is one permission of one holder on one thing; a list of columns is one grant per column, and one of values of
an LF-tag one grant per value. That is the finest form, so adding and revoking are adding to and removing from a
dictionary, whatever else is stored. Tag policies are found by their holder as well, since an access check starts with
who asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, Key, PolicyKey, TagKey
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

    Without a column it covers all columns that are not excluded. On an LF-tag ``column`` is one of its values.
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


def contains(wide: Right, narrow: Right) -> bool:
    """Whether whoever holds *wide* holds *narrow*; Super contains every permission."""
    if wide.permission not in {narrow.permission, "ALL"}:
        return False
    if narrow.column is not None:
        return wide.covers(narrow.column)
    return wide.column is None and wide.excluded <= narrow.excluded


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
        self._policies: dict[tuple[Place, Holder], dict[PolicyKey, None]] = {}
        self._policies_in: Counter[Place] = Counter()  # how many holders of policies there are
        # Who holds tag policies, by the account (or organisation) that they are in.
        self._policy_holders: dict[tuple[Place, str], dict[Holder, None]] = {}

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
        if isinstance(key, PolicyKey):
            self._policies_in[place] += (place, holder) not in self._policies
            self._policies.setdefault((place, holder), {})[key] = None
            self._policy_holders.setdefault((place, receiver_of(holder.principal)), {})[holder] = None

    def remove(self, place: Place, key: Key, holder: Holder, rights: Iterable[Right]) -> None:
        """Revoke *rights* from *holder*; those not held are passed over."""
        holders = self._at(place).get(key, {})
        held = holders.get(holder, {})
        for right in rights:
            held.pop(right, None)
        if not held and holder in holders:
            self._drop(place, key, holder)

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
        for holder in [holder for holder in self.on(place, key) if holder.via == place.account]:
            self._drop(place, key, holder)

    def forget_tag(self, place: Place, tag: str) -> None:
        """Drop everything that was granted on an LF-tag that is no more, and by expressions that name it."""
        for key in list(self.things(place)):
            if key == TagKey(tag) or (isinstance(key, PolicyKey) and tag in dict(key.expression)):
                self.forget_whole(place, key)

    def forget_whole(self, place: Place, key: Key) -> None:
        """Drop all grants on a thing, those that other accounts passed on with them."""
        for holder in list(self.on(place, key)):
            self._drop(place, key, holder)

    def on(self, place: Place, key: Key) -> Mapping[Holder, Mapping[Right, Held]]:
        """Return who holds what on one thing."""
        return self._at(place).get(key, {})

    def policies_of(self, place: Place, holder: Holder) -> Iterable[PolicyKey]:
        """Return the tag policies of one catalog that *holder* has something by, oldest first."""
        return self._policies.get((place, holder), {})

    def has_policies(self, place: Place) -> bool:
        """Whether anybody has anything by a tag policy of one catalog."""
        return self._policies_in[place] > 0

    def policy_holders(self, place: Place, receiver: str) -> Iterable[Holder]:
        """Return who has tag policies of one catalog in an account, the account itself too, or as an organisation."""
        return self._policy_holders.get((place, receiver), {})

    def things(self, place: Place) -> Iterator[Key]:
        """Yield the things of one catalog on which something is granted, oldest first."""
        return iter(self._at(place))

    def abroad(self, place: Place) -> Iterator[tuple[Place, Key]]:
        """Yield the foreign things on which the account of *place* granted or received something."""
        names = self._world.store(Shares).names_of(place.account)
        found = {thing: None for name in names for thing in self._abroad.get(Place(name, place.region), {})}
        yield from ((owner, key) for owner, key in found if key in self._at(owner))

    def _drop(self, place: Place, key: Key, holder: Holder) -> None:
        """Take a holder off a thing, and out of every index."""
        holders = self._at(place)[key]
        del holders[holder]
        if not holders:
            del self._at(place)[key]
        if isinstance(key, PolicyKey):
            held = self._policies[place, holder]
            del held[key]
            if not held:
                self._policies_in[place] -= 1
                del self._policies[place, holder]
                del self._policy_holders[place, receiver_of(holder.principal)][holder]

    def _at(self, place: Place) -> dict[Key, dict[Holder, Rights]]:
        catalog = self._held.get(place)
        if catalog is None:
            # An account that has never met Lake Formation leaves creating databases to IAM, and the list shows it as
            # a grant (inferred from the console, which lists IAMAllowedPrincipals among the database creators).
            fresh = {Right("CREATE_DATABASE"): Held(grantable=False, granted_at=0.0, granted_by="")}
            catalog = self._held[place] = {CatalogKey(): {Holder(IAM_ALLOWED_PRINCIPALS, place.account): fresh}}
        return catalog
