"""Data cells filters as they are stored: some columns of some rows of one table, under a name that can be granted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import FilterKey, TableKey
from lakeshare.sandbox.world import World


@dataclass(frozen=True, slots=True)
class CellsFilter:
    """
    A data cells filter.

    ``expression`` is its row filter, None for all rows; ``columns`` those that it lists, None where it takes all but
    the ``excluded`` ones; names of columns in lower case.
    """

    key: FilterKey
    expression: str | None
    columns: tuple[str, ...] | None
    excluded: frozenset[str]
    version: str

    def covers(self, column: str) -> bool:
        """Whether *column* (in lower case) is among those that it shows."""
        return column not in self.excluded if self.columns is None else column in self.columns


class CellsFilters:
    """The filters of every catalog, by the table that they are on."""

    def __init__(self, _world: World) -> None:
        self._filters: dict[Place, dict[TableKey, dict[str, CellsFilter]]] = {}

    def on(self, place: Place, table: TableKey) -> dict[str, CellsFilter]:
        """Return the filters on one table by name."""
        return self._filters.setdefault(place, {}).setdefault(table, {})

    def named(self, place: Place, key: FilterKey) -> CellsFilter | None:
        """Return the filter that *key* names, or None."""
        return self._filters.get(place, {}).get(key.of, {}).get(key.name)

    def of(self, place: Place) -> Iterator[CellsFilter]:
        """Yield every filter of one catalog, table by table."""
        for filters in self._filters.get(place, {}).values():
            yield from filters.values()

    def forget(self, place: Place, table: TableKey) -> list[FilterKey]:
        """Drop the filters of a table that is no more, and return what they were called."""
        return [each.key for each in self._filters.get(place, {}).pop(table, {}).values()]
