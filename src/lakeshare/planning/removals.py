"""
Administrators that no longer exist, and stand in the way of every change of the settings. Pure.

AWS refuses to put settings that name a role or user who is gone, and all such entries have to go in one Put
(documented). They are not ours, so they go on the user's word only: ``--remove-administrator ARN``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from lakeshare.planning.plan import Plan
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.registry import KINDS
from lakeshare.resources.values import Blocker, Place, Step

BY_YOUR_WORD = "its role or user no longer exists; taken out on your word (--remove-administrator)"


def places_written(plan: Plan) -> list[Place]:
    """List the places whose settings *plan* changes."""
    return list(dict.fromkeys(step.resource.place for step in plan.steps if KINDS[step.kind].is_setting))


def with_removals(plan: Plan, dead: Sequence[LakeAdministrator], named: Collection[str]) -> Plan:
    """
    Begin *plan* with a step for each of *dead* that is *named*, and block it for the others where it changes settings.

    What of ours is dead goes at once, too: the Put that adds something would be refused as long as it is there.
    """
    written = set(places_written(plan))
    leaving = {step.address for step in plan.steps if step.desired is None}
    going = [item for item in dead if item.principal in named and item.address not in leaving]
    blocking = [
        item for item in dead if item.principal not in named and item.address not in leaving and item.place in written
    ]
    gone_first = {item.address: item.place for item in dead if item.principal in named or item.address in leaving}
    removing = tuple(Step(item.address, item.kind, "delete", BY_YOUR_WORD, None, item) for item in going)
    steps = (*removing, *(_after(step, gone_first) for step in plan.steps))
    blockers = tuple(_blocker(item) for item in blocking)
    return replace(plan, steps=steps, blockers=(*plan.blockers, *blockers))


def _after(step: Step, gone_first: dict[str, Place]) -> Step:
    """Make a change of the settings wait for what is in its way, unless it goes in the same Put."""
    if step.address in gone_first:
        return replace(step, depends_on=())
    if not KINDS[step.kind].is_setting or KINDS[step.kind].mixes_actions:
        return step
    waits = [address for address, place in gone_first.items() if place == step.resource.place]
    return replace(step, depends_on=tuple(dict.fromkeys((*step.depends_on, *waits)))) if waits else step


def _blocker(item: LakeAdministrator) -> Blocker:
    return Blocker(
        item.address,
        item.kind,
        f"the {item.noun} {item.principal} of account {item.place.account_id} is dead: nobody of that name exists any"
        " more, and AWS refuses every change of the settings as long as it is there",
        f"`--remove-administrator {item.principal}` takes it out with the change, if that is meant",
    )


def not_removable(item: LakeAdministrator, why: str, way_out: str) -> Blocker:
    """Return what stops a plan that was to remove somebody who is not dead, or not there."""
    return Blocker(item.address, item.kind, f"--remove-administrator {item.principal}: {why}", way_out)
