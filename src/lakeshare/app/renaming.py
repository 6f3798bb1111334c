"""
Accounts that the spec has renamed, and the ledger that still goes by their old names.

Whoever only looks sees the things under their new names; a run that writes puts them there, in one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lakeshare.app.recalling import recalled
from lakeshare.planning.build import Ours
from lakeshare.planning.moves import moved, under_new_addresses
from lakeshare.resources.registry import to_json
from lakeshare.state.ledger import Entry, Intent, Ledger


def pending(names: Mapping[str, str], ledger: Ledger) -> dict[str, str]:
    """Return those of *names* (new ones by old) that something in the ledger still goes by."""
    if not names:
        return {}
    addresses = [*ledger.entries(), *ledger.intents()]
    # An address mentions every account that its thing is about, so this misses none; it may let one through.
    return {old: new for old, new in names.items() if any(old in address for address in addresses)}


def under_new_names(ours: Ours, names: Mapping[str, str]) -> Ours:
    """Return *ours* as it is once accounts are renamed; raises LedgerError when two things would be at one address."""
    if not names:
        return ours
    everything = {**ours.begun, **ours.made}
    changed = moved(everything, names)
    under_new_addresses(everything, changed)

    def now(things: Mapping[str, Any]) -> dict[str, Any]:
        items = (changed.get(address, item) for address, item in things.items())
        return {item.address: item for item in items}

    in_doubt = (changed[address].address if address in changed else address for address in ours.in_doubt)
    return Ours(now(ours.made), now(ours.begun), frozenset(in_doubt))


def rename_in_ledger(ledger: Ledger, names: Mapping[str, str]) -> None:
    """Put everything under its new name, open intents too: all of it or nothing. The ledger must be locked."""
    waiting = pending(names, ledger)
    if not waiting:
        return
    entries, intents = ledger.entries(), ledger.intents()
    moved_entries = moved(dict(recalled(entries.values())), waiting)
    # An intent may depend on what is made already, and goes by its new address then.
    everything = moved(dict(recalled([*entries.values(), *intents.values()])), waiting)
    moved_intents = {old: item for old, item in everything.items() if old in intents}
    if moved_entries or moved_intents:
        ledger.rename(
            {old: _renamed(entries[old], item) for old, item in moved_entries.items()},
            {old: _renamed(intents[old], item) for old, item in moved_intents.items()},
        )


def new_addresses(ledger: Ledger, names: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that things of the ledger get when accounts are renamed, by the old ones."""
    if not names:
        return {}
    records: dict[str, Entry | Intent] = {**ledger.intents(), **ledger.entries()}
    changed = moved(dict(recalled(records.values())), names)
    return {old: item.address for old, item in changed.items()}


def told(ledger: Ledger, names: Mapping[str, str]) -> list[str]:
    """Say how many things of the ledger come to each new name with the next run that writes."""
    if not names:
        return []
    addresses = dict.fromkeys((*ledger.entries(), *ledger.intents()))
    counts = Counter(address.split("/", 1)[0] for address in addresses)
    return [
        f"account {old} is called {new} now: {counts[old]} things of the ledger go by the new name from the next apply"
        " on, and nothing is done about them in AWS"
        for old, new in names.items()
        if counts[old]
    ]


def _renamed(record: Any, item: Any) -> Any:
    return replace(record, address=item.address, resource=to_json(item), depends_on=tuple(item.depends_on))
