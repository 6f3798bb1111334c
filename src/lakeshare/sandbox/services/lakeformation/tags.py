"""LF-tags as they are stored: which there are, what carries them, and the expressions over them that were saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import ANY_VALUE, DatabaseKey, Expression, TableKey
from lakeshare.sandbox.world import World

Carrier: TypeAlias = DatabaseKey | TableKey | tuple[TableKey, str]
"""What an LF-tag can be assigned to: a database, a table, or one column of a table (its name in lower case)."""


@dataclass(slots=True)
class Tag:
    """An LF-tag: its key and values in lower case, the values in the order in which they were added."""

    key: str
    values: dict[str, None]
    creator: str


@dataclass(slots=True)
class SavedExpression:
    """An expression under a name, which is kept as it was given."""

    name: str
    description: str | None
    expression: Expression
    creator: str


def matches(expression: Expression, carried: Mapping[str, str]) -> bool:
    """
    Whether a thing that carries those tags is meant: of every key it has one of the values.

    Documented: lf-tag-considerations.html. An expression that asks for nothing means nothing.
    """
    return bool(expression) and all(
        key in carried and (carried[key] in values or ANY_VALUE in values) for key, values in expression
    )


class Tags:
    """The tags of every catalog, their assignments by what carries them, and the saved expressions."""

    def __init__(self, _world: World) -> None:
        self._tags: dict[Place, dict[str, Tag]] = {}
        self._expressions: dict[Place, dict[str, SavedExpression]] = {}
        self._assigned: dict[tuple[Place, Carrier], dict[str, str]] = {}
        self._columns: dict[tuple[Place, TableKey], dict[str, None]] = {}
        self._carriers: dict[tuple[Place, str], dict[Carrier, None]] = {}

    def of(self, place: Place) -> dict[str, Tag]:
        """Return the tags of one catalog by key."""
        return self._tags.setdefault(place, {})

    def expressions(self, place: Place) -> dict[str, SavedExpression]:
        """Return the saved expressions of one catalog by name."""
        return self._expressions.setdefault(place, {})

    def has(self, place: Place, key: str, value: str) -> bool:
        """Whether there is such a tag with such a value, or with any value."""
        tag = self._tags.get(place, {}).get(key)
        return tag is not None and (value in tag.values or value == ANY_VALUE)

    def assign(self, place: Place, carrier: Carrier, key: str, value: str) -> None:
        """Give a thing a tag, in place of another value of the same key."""
        self._assigned.setdefault((place, carrier), {})[key] = value
        self._carriers.setdefault((place, key), {})[carrier] = None
        if isinstance(carrier, tuple):
            table, column = carrier
            self._columns.setdefault((place, table), {})[column] = None

    def unassign(self, place: Place, carrier: Carrier, key: str) -> None:
        """Take a tag from a thing; one that it does not carry is passed over."""
        assigned = self._assigned.get((place, carrier), {})
        if assigned.pop(key, None) is None:
            return
        self._carriers[place, key].pop(carrier)
        if not assigned:
            del self._assigned[place, carrier]
            if isinstance(carrier, tuple):
                table, column = carrier
                self._columns[place, table].pop(column)

    def assigned(self, place: Place, carrier: Carrier) -> Mapping[str, str]:
        """Return the tags that a thing carries itself, value by key."""
        return self._assigned.get((place, carrier), {})

    def carried(self, place: Place, carrier: Carrier) -> Mapping[str, str]:
        """
        Return the tags of a thing with those that it inherits.

        A table has those of its database and a column those of its table, but for the keys of which it has a value of
        its own (documented: TBAC-assigning-tags.html).
        """
        own = self.assigned(place, carrier)
        match carrier:
            case DatabaseKey():
                return own
            case TableKey(database, _):
                return {**self.assigned(place, DatabaseKey(database)), **own}
            case (table, _):
                return {**self.carried(place, table), **own}

    def tagged_columns(self, place: Place, table: TableKey) -> Iterable[str]:
        """Return the columns of a table that carry tags of their own."""
        return self._columns.get((place, table), {})

    def is_carried(self, place: Place, key: str, value: str) -> bool:
        """Whether anything carries that value."""
        return any(self._assigned[place, each][key] == value for each in self._carriers.get((place, key), {}))

    def carriers(self, place: Place, key: str) -> Iterator[Carrier]:
        """Yield what carries the tag itself, whatever the value."""
        yield from self._carriers.get((place, key), {})

    def delete(self, place: Place, key: str) -> None:
        """Forget a tag; nothing carries it any more."""
        for carrier in list(self.carriers(place, key)):
            self.unassign(place, carrier, key)
        del self._tags[place][key]

    def forget(self, place: Place, carrier: Carrier) -> None:
        """Forget the tags of what is no more, of a table with those of its columns."""
        if isinstance(carrier, TableKey):
            for column in list(self.tagged_columns(place, carrier)):
                self.forget(place, (carrier, column))
        for key in list(self.assigned(place, carrier)):
            self.unassign(place, carrier, key)

    def keep_columns(self, place: Place, table: TableKey, columns: Iterable[str]) -> None:
        """Forget the tags of those columns of a table that are not among *columns* (names in lower case)."""
        for column in set(self.tagged_columns(place, table)) - set(columns):
            self.forget(place, (table, column))
