"""
What guards against a slip in the spec: ``protect: true``, and ``--max-deletes``. Pure.

A share whose lines are gone from the spec has taken its ``protect`` along. So the ledger remembers, for each thing, the
shares that wanted it and what protected it when it was last applied, and protection ends only by an apply that says so:
first ``protect: false``, then the thing may go. Two edits, two applies; one slip takes nothing away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.moves import account_moves, share_moves
from lakeshare.planning.plan import Plan
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Blocker, Step
from lakeshare.spec import Spec

Shares: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """
    What is remembered of one thing from the last apply that looked at it.

    ``shares`` are the names of the shares that wanted it; ``protected_by`` are parts of the spec, as ``shares.NAME``
    and ``accounts.NAME``, that said ``protect: true``.
    """

    shares: Shares = ()
    protected_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be taken away, and what to do if it is meant."""

    reason: str
    way_out: str


class Protection:
    """
    Says of each thing whether, and by what, it is protected: now by the spec, or still from the last apply.

    *remembered* is by address; *graph* says which shares want each thing now (None: nobody has asked). Of a thing that
    neither knows (it was made before anything was remembered, and nobody wants it any more) every share of its account
    may be the owner. So may, when nobody has asked, a share that nothing is remembered of: it may have been renamed.
    """

    def __init__(self, spec: Spec, graph: ResourceGraph | None, remembered: Mapping[str, Guard]) -> None:
        self._spec, self._remembered = spec, remembered
        self._wanted_by = graph.wanted_by if graph else {}
        self._names = _Names(spec)
        self._of_account = _by_account(spec, spec.shares)
        met = {name for guard in set(remembered.values()) for name in self._names.renamed(guard).shares}
        self._unmet = _by_account(spec, () if graph else spec.shares.keys() - met)

    def refusal(self, step: Step) -> Refusal | None:
        """Return why *step* may not take away what it takes away; None when it may."""
        if now := self._now(step.address):
            return Refusal(
                f"`protect: true` of {' and '.join(now)} forbids to {_taking(step)}",
                "if it is meant, say `protect: false` there and apply that; then take it away",
            )
        if before := self._before(step.address):
            return Refusal(
                f"{' and '.join(before)} said `protect: true` when last applied, which forbids to {_taking(step)}",
                self._way_out(before[0]),
            )
        return None

    def next_guard(self, address: str) -> Guard | None:
        """Return what is to be remembered of *address* once the spec is applied as it is now; None for nothing."""
        known = self.known(address)
        if address not in self._wanted_by:
            return known
        # Who is gone cannot say `protect: false`.
        orphaned = [part for part in known.protected_by if not self._names.has(part)] if known else []
        protected_by = tuple(sorted({*self._now(address, before=False), *orphaned}))
        return Guard(self._wanted_by[address], protected_by)

    def known(self, address: str) -> Guard | None:
        """Return what is remembered of *address*, by the names that shares and accounts have now."""
        known = self._remembered.get(address)
        return known and self._names.renamed(known)

    def _now(self, address: str, *, before: bool = True) -> list[str]:
        """List the parts of the spec that protect *address* as it stands now; with *before*, for its past owners."""
        known = self.known(address) if before else None
        alias = address.split("/", 1)[0]
        shares = {*self._wanted_by.get(address, ()), *(known.shares if known else ())}
        if known is None and address not in self._wanted_by:
            shares.update(self._of_account[alias])
        shares.update(self._unmet[alias])
        found = [
            f"shares.{name}" for name in sorted(shares) if name in self._spec.shares and self._spec.shares[name].protect
        ]
        if alias in self._spec.accounts and self._spec.accounts[alias].protect:
            found.append(f"accounts.{alias}")
        return found

    def _before(self, address: str) -> tuple[str, ...]:
        known = self.known(address)
        return known.protected_by if known else ()

    def _way_out(self, part: str) -> str:
        if self._names.has(part):
            return "apply once without taking it away, which ends the protection; then take it away"
        section, _, name = part.partition(".")
        return (
            f"put {part} back with `protect: false` and apply that; then take it away. If it has another name in"
            f" {section} now, say so there: `moved: {{from: {name}}}`"
        )


def _by_account(spec: Spec, names: Collection[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        share = spec.shares[name]
        for alias in {share.source.account, share.to.account}:
            found[alias].append(name)
    return found


class _Names:
    """The names of accounts and shares, and those that they had before."""

    def __init__(self, spec: Spec) -> None:
        self._shares = share_moves(spec)
        self._parts = {f"shares.{old}": f"shares.{new}" for old, new in self._shares.items()}
        self._parts |= {f"accounts.{old}": f"accounts.{new}" for old, new in account_moves(spec).items()}
        self._there = {f"shares.{name}" for name in spec.shares} | {f"accounts.{name}" for name in spec.accounts}

    def has(self, part: str) -> bool:
        return part in self._there

    def renamed(self, guard: Guard) -> Guard:
        if not self._parts:
            return guard
        return Guard(
            tuple(dict.fromkeys(self._shares.get(name, name) for name in guard.shares)),
            tuple(dict.fromkeys(self._parts.get(part, part) for part in guard.protected_by)),
        )


def _taking(step: Step) -> str:
    if step.action == "delete":
        return f"{KINDS[step.kind].verbs[1]} it"
    return f"replace it ({step.reason})" if step.action == "replace" else f"revoke a part of it ({step.reason})"


def protect(plan: Plan, refusal: Callable[[Step], Refusal | None]) -> Plan:
    """Add a blocker for every step that takes away what *refusal* says must stay."""
    found = [
        Blocker(step.address, step.kind, why.reason, why.way_out)
        for step in plan.steps
        if step.surely_takes_away and (why := refusal(step))
    ]
    return replace(plan, blockers=(*plan.blockers, *found))


def limit(plan: Plan, most: int | None, *, taken_before: int = 0) -> Plan:
    """
    Add a blocker for every step that takes something away when there are more of them than *most* (None: no limit).

    *taken_before* is what the same run has taken away already.
    """
    taking = [step for step in plan.steps if step.surely_takes_away]
    count = len(taking) + taken_before
    if most is None or count <= most or not taking:
        return plan
    why = over_limit(count, most)
    found = (Blocker(step.address, step.kind, why.reason, why.way_out) for step in taking)
    return replace(plan, blockers=(*plan.blockers, *found))


def over_limit(count: int, most: int) -> Refusal:
    """Return the refusal of things of which *count* would go where *most* may."""
    return Refusal(
        f"one of {count} that would be deleted, replaced or revoked, more than --max-deletes {most}",
        "look at each of them (-v lists them all); raise the number if they are meant",
    )
