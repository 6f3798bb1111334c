"""Drift: a look around and a comparison, and for what is ours who made it and when. Writes nothing, here or in AWS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lakeshare.app.deciding import look_at_ours, plan_apply
from lakeshare.app.values import Calls, Options
from lakeshare.app.workspace import Settings, Workspace, opened
from lakeshare.planning.build import Ours
from lakeshare.planning.differences import Difference, Making, differences, ledger_differences
from lakeshare.planning.graph import Asker, ResourceGraph
from lakeshare.planning.target import IN_THE_LEDGER, check_targets, matches
from lakeshare.resources.kind import Memory
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.values import NoOp
from lakeshare.spec import SpecLines, spec_lines
from lakeshare.state.records import Entry, Run


@dataclass(frozen=True, slots=True)
class Drift:
    """
    How what is there differs from what should be.

    ``in_place`` counts the things of ours that are as they should be. ``kept`` is what nobody wants any more and others
    have come to use: that is known and stays, so it is no difference. ``is_complete``: see `Plan.is_complete`.
    """

    differences: tuple[Difference, ...]
    in_place: int
    spec_name: str
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
        found = with_lines(settings, planned.graph, differences(plan, planned.ours, planned.observed))
        return Drift(
            with_makings(space, found),
            in_place=sum(item.is_ours and not (item.forget or item.is_kept) for item in plan.no_ops),
            spec_name=space.spec.name,
            kept=tuple(item for item in plan.no_ops if item.is_kept),
            notes=(*plan.notes, *unfinished(space)),
            calls=plan.calls,
            is_complete=plan.is_complete,
        )


def refresh(settings: Settings, options: Options | None = None) -> Drift:
    """Compare what is there with the ledger alone: what of ours is gone or changed, whatever the spec wants."""
    targets = (options or Options()).targets
    with opened(settings, "plan", writes=False) as space:
        ours, observed, _blind = look_at_ours(space, replace(space.run, memory=Memory()))
        check_targets(targets, ours.made, IN_THE_LEDGER)
        made = {address: item for address, item in ours.made.items() if not targets or matches(address, targets)}
        found = with_lines(settings, ResourceGraph(), ledger_differences(Ours(made, {}), observed))
        return Drift(
            with_makings(space, found),
            in_place=len(made) - len(found),
            spec_name=space.spec.name,
            notes=unfinished(space),
            calls=space.run.aws.counts(),
        )


def with_lines(settings: Settings, graph: ResourceGraph, found: Iterable[Difference]) -> list[Difference]:
    """Join to each difference the line of the spec that asks for what it is about."""
    listed = list(found)
    try:
        lines = spec_lines(settings.spec_path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        # It was read a moment ago; whoever takes it away now gets first lines.
        lines = SpecLines()
    askers = graph.asked_by({item.address for item in listed})
    return [replace(item, line=_line(item, askers.get(item.address), lines)) for item in listed]


def _line(item: Difference, asker: Asker | None, lines: SpecLines) -> int:
    if asker is None or item.kind == LakeAdministrator.kind:
        # Nobody asks for it any more, or the whole account does.
        return lines.of_account(item.address.partition("/")[0])
    return lines.of_reader(asker.share, asker.reader)


def with_makings(space: Workspace, found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Join to each difference about a thing of ours when it was made, and which run of whose did that."""
    # An account that is called otherwise now: the ledger hears of it from the next apply.
    listed_as = {now: old for old, now in space.new_addresses().items()}
    runs: dict[str, Run | None] = {}

    def making(address: str) -> Making | None:
        entry = space.ledger.get(listed_as.get(address, address))
        if entry is None:
            return None
        if entry.run_id not in runs:
            runs[entry.run_id] = space.ledger.run(entry.run_id)
        return _making(entry, runs[entry.run_id])

    return tuple(replace(item, making=making(item.address)) if item.is_ours else item for item in found)


def _making(entry: Entry, run: Run | None) -> Making:
    if run is None:
        return Making(entry.made_at, entry.run_id, None, None)
    return Making(entry.made_at, entry.run_id, run.user, run.host, is_changed_since=run.started_at > entry.made_at)


def unfinished(space: Workspace) -> tuple[str, ...]:
    """Tell of steps that a run began and did not live to write down the outcome of."""
    begun = space.ledger.intents()
    if not begun:
        return ()
    told = (
        f"a run that was cut short began {len(begun)} steps, {next(iter(begun))} first, and did not live to write down"
    )
    return (f"{told} what came of them: the next apply or destroy looks",)
