"""Drift: a look around and a comparison, and for what is ours who made it and when. Writes nothing, here or in AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lakeshare.app.deciding import plan_apply
from lakeshare.app.values import Calls, Options
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.planning.differences import Difference, Making, differences
from lakeshare.resources.values import NoOp

ALL_RUNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Drift:
    """
    How what is there differs from what should be.

    ``in_place`` counts the things of ours that are as they should be. ``kept`` is what nobody wants any more and others
    have come to use: that is known and stays, so it is no difference. ``is_complete``: see `Plan.is_complete`.
    """

    differences: tuple[Difference, ...]
    in_place: int
    kept: tuple[NoOp, ...] = ()
    notes: tuple[str, ...] = ()
    calls: Calls = field(default_factory=dict)
    is_complete: bool = True

    @property
    def has_changes(self) -> bool:
        """Whether there is any difference."""
        return bool(self.differences)


def drift(settings: Settings, options: Options | None = None) -> Drift:
    """Compare what is there with the spec and with the ledger."""
    with opened(settings, "drift", writes=False) as space:
        planned = plan_apply(space, options or Options())
        plan = planned.plan
        return Drift(
            with_makings(space, differences(plan, planned.ours)),
            in_place=sum(item.is_ours and not (item.forget or item.is_kept) for item in plan.no_ops),
            kept=tuple(item for item in plan.no_ops if item.is_kept),
            notes=plan.notes,
            calls=plan.calls,
            is_complete=plan.is_complete,
        )


def with_makings(space: Workspace, found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Join to each difference about a thing of ours when it was made, and which run of whose did that."""
    listed = list(found)
    if not any(difference.is_ours for difference in listed):
        return tuple(listed)
    makings = _makings(space)
    return tuple(replace(item, making=makings.get(item.address)) for item in listed)


def _makings(space: Workspace) -> Mapping[str, Making]:
    runs = {run.run_id: run for run in space.ledger.history(ALL_RUNS)}
    renamed = space.new_addresses()
    found = {}
    for address, entry in space.ledger.entries().items():
        run = runs.get(entry.run_id)
        found[renamed.get(address, address)] = Making(
            entry.made_at, entry.run_id, by=run.user if run else None, host=run.host if run else None
        )
    return found
