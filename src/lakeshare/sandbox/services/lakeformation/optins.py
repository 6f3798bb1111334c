"""Who was opted in to Lake Formation's permissions on what, where a location is registered for hybrid access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, Key, TableKey
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class OptIn:
    """One principal and one thing, a database, a table or all tables; ``changed_at`` in sandbox seconds."""

    principal: str
    place: Place
    key: Key
    changed_at: float
    changed_by: str


class OptIns:
    """The opt-ins that each account made for its own principals, on its own things and on those shared with it."""

    def __init__(self, _world: World) -> None:
        self._made: dict[Place, dict[tuple[str, Place, Key], OptIn]] = {}

    def of(self, home: Place) -> dict[tuple[str, Place, Key], OptIn]:
        """Return what one account opted in, by principal and thing."""
        return self._made.setdefault(home, {})

    def hold(self, caller: Caller, place: Place, keys: Iterable[Key]) -> bool:
        """
        Whether *caller* was opted in on any of *keys*.

        All tables of another account's database count only together with the database (documented: notes-hybrid.html).
        """
        made = self._made.get(Place(caller.account, place.region), {})
        return any(
            (name, place, key) in made for name in _names(caller) for key in _counting(caller, place, keys, made)
        )


def _names(caller: Caller) -> tuple[str, str]:
    return caller.principal_arn, f"{caller.account}:IAMPrincipals"


def _counting(
    caller: Caller, place: Place, keys: Iterable[Key], made: dict[tuple[str, Place, Key], OptIn]
) -> Iterator[Key]:
    for key in keys:
        if isinstance(key, TableKey) and key.is_wildcard and place.account != caller.account:
            database = DatabaseKey(key.database)
            if not any((name, place, database) in made for name in _names(caller)):
                continue
        yield key
