"""Makes resources again of what the ledger holds of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lakeshare.resources.registry import from_json
from lakeshare.resources.values import Place
from lakeshare.state.ledger import Entry, Intent


def recalled(records: Iterable[Entry | Intent]) -> Iterator[tuple[str, Any]]:
    """
    Yield the address of each record with its resource, made of one record at a time.

    A million grants name a few places, readers and tables, and the ledger spells them out in each of its records; here
    all grants share one copy of every name.
    """
    texts: dict[str, str] = {}
    places: dict[tuple[str, ...], Place] = {}

    def shared(value: Any) -> Any:
        if isinstance(value, str):
            return texts.setdefault(value, value)
        return tuple(map(shared, value)) if isinstance(value, (list, tuple)) else value

    for record in records:
        written = {name: shared(value) for name, value in record.resource.items()}
        place = Place(**written["place"])
        written["place"] = places.setdefault((place.alias, place.account_id, place.region, place.partition), place)
        yield shared(record.address), from_json(record.kind, {**written, "depends_on": shared(record.depends_on)})
