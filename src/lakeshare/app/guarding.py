"""What the ledger remembers about taking things away, and what a run may still take away while it is under way."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from lakeshare.app.values import Planned
from lakeshare.planning.guards import Guard, Refusal, limit, over_limit
from lakeshare.resources.values import Step
from lakeshare.state.ledger import Ledger


def remembered(ledger: Ledger, new_addresses: Mapping[str, str]) -> dict[str, Guard]:
    """Return what the ledger remembers, by address; *new_addresses* are those of renamed things, by old ones."""
    alike: dict[Guard, Guard] = {}  # most things are remembered alike, and there may be a million
    found = {}
    for address, written in ledger.guards().items():
        guard = _from_json(written)
        found[new_addresses.get(address, address)] = alike.setdefault(guard, guard)
    return found


def remember(ledger: Ledger, planned: Planned) -> None:
    """
    Write down, of all that *planned* has looked at and that is or will be ours, which shares want it and what protects
    it from now on. What a target has left out stays as it is remembered.
    """
    plan = planned.plan
    coming = {step.address for step in plan.steps if step.desired is not None}
    looked_at = coming | {item.address for item in plan.no_ops if item.address in planned.ours}
    before = {address: _from_json(written) for address, written in ledger.guards().items()}
    now = {address: planned.protection.next_guard(address) for address in looked_at}
    now |= {address: planned.protection.known(address) for address in before.keys() - looked_at}
    changes: dict[str, Mapping[str, Any] | None] = {
        address: asdict(guard) for address, guard in now.items() if guard and before.get(address) != guard
    }
    changes |= dict.fromkeys(address for address in before if address not in planned.ours and address not in coming)
    if changes:
        ledger.guard(changes)


def limited(planned: Planned, *, taken_before: int = 0) -> Planned:
    """Return *planned* with the steps in the way that are more than `--max-deletes`, given what the run took before."""
    return replace(planned, plan=limit(planned.plan, planned.options.max_deletes, taken_before=taken_before))


class Allowance:
    """
    What a run may take away although its plan could not tell: asked for each step that turns out to, by many threads.

    *taken_before* is what earlier plans of the run took away; ``taken`` counts on from there.
    """

    def __init__(self, planned: Planned, taken_before: int) -> None:
        self._protection, self._most = planned.protection, planned.options.max_deletes
        self.taken = taken_before + sum(step.surely_takes_away for step in planned.plan.steps)
        self._lock = threading.Lock()

    def refusal(self, step: Step) -> Refusal | None:
        """Return why *step* may not be done; None when it may, which then counts."""
        if not step.takes_away:
            return None
        if why := self._protection.refusal(step):
            return why
        with self._lock:
            if self._most is not None and self.taken >= self._most:
                return over_limit(self.taken + 1, self._most)
            self.taken += 1
        return None


def _from_json(written: Mapping[str, Any]) -> Guard:
    return Guard(tuple(written["shares"]), tuple(written["protected_by"]))
