"""Finds the administrators that no longer exist, where that matters, and plans the removal of those that are named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lakeshare.app.workspace import Workspace
from lakeshare.errors import UsageError
from lakeshare.planning.expand import place_of
from lakeshare.planning.plan import Plan
from lakeshare.planning.removals import not_removable, places_written, with_removals
from lakeshare.resources.administrators import principals_in, settings_or_refusal
from lakeshare.resources.dead_administrators import is_alive
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_settings import LakeAdministrator
from lakeshare.resources.values import Blocker, Place, Unreadable
from lakeshare.spec.ways import used_accounts

_ARN = re.compile(r"arn:[^:]+:iam::([0-9]{12}):(?:role|user)/.+")


def clear_the_way(space: Workspace, run: Run, plan: Plan, named: Collection[str]) -> Plan:
    """
    Return *plan* with what dead administrators mean to it: steps for those that are *named*, blockers for others.

    IAM is asked about administrators only where the plan changes settings, and about those that are named. What the
    run has planned to remove before may be gone by now. Raises UsageError for a name that is none of the spec's
    accounts'.
    """
    asked_for = _places_of(space, named)
    places = list(dict.fromkeys((*places_written(plan), *(place for found in asked_for.values() for place in found))))
    entries = dict(zip(places, run.aws.in_parallel(lambda place: _entries(run, place), places), strict=True))
    listed = [entry for found in entries.values() for entry in found or ()]
    alive = run.aws.in_parallel(lambda entry: is_alive(run, entry.place, entry.principal), listed)
    dead = [entry for entry, lives in zip(listed, alive, strict=True) if lives is False]
    # Somebody named for an account that the plan leaves alone is removed there all the same.
    cleared = with_removals(plan, dead, named)
    refused = [
        blocker
        for principal, where in asked_for.items()
        if principal not in {entry.principal for entry in dead}
        for blocker in _refusals(space, run, principal, {place: entries[place] for place in where})
    ]
    space.removing.update(entry.principal for entry in dead if entry.principal in named)
    return replace(cleared, blockers=(*cleared.blockers, *refused))


def _places_of(space: Workspace, named: Collection[str]) -> dict[str, list[Place]]:
    """Return the places of the spec in which each of *named* may be an administrator."""
    places = [place_of(space.spec, alias) for alias in used_accounts(space.spec)]
    found: dict[str, list[Place]] = {}
    for principal in sorted(named):
        account = _ARN.fullmatch(principal)
        if account is None:
            raise UsageError(
                f"--remove-administrator {principal}: expected the ARN of an IAM role or user",
                hint="as the plan names it: arn:aws:iam::ACCOUNT:role/NAME",
            )
        found[principal] = [place for place in places if place.account_id == account[1]]
        if not found[principal]:
            raise UsageError(
                f"--remove-administrator {principal}: no share is from or to account {account[1]}",
                hint=f"those of the shares are {', '.join(sorted({place.account_id for place in places}))}",
            )
    return found


def _entries(run: Run, place: Place) -> list[LakeAdministrator] | None:
    """Return all administrators of *place*; None where the operator may not read the settings."""
    settings = settings_or_refusal(run, place)
    if isinstance(settings, Unreadable):
        return None
    pairs: list[LakeAdministrator] = []
    for level in ("full", "read_only"):
        blank = LakeAdministrator(place, "", level)
        pairs += [replace(blank, principal=principal) for principal in principals_in(settings, blank.member)]
    return pairs


def _refusals(
    space: Workspace, run: Run, principal: str, listed: Mapping[Place, Sequence[LakeAdministrator] | None]
) -> list[Blocker]:
    entries = [entry for found in listed.values() for entry in found or () if entry.principal == principal]
    if not entries:
        if principal in space.removing:
            return []
        entry = LakeAdministrator(next(iter(listed)), principal)
        account = entry.place.account_id
        if None in listed.values():
            why, way_out = f"the settings of account {account} cannot be read", "let the operator read them"
        else:
            why, way_out = f"it is no administrator of account {account}", "leave the flag out"
        return [not_removable(entry, why, way_out)]
    if is_alive(run, entries[0].place, principal):
        why, way_out = "it is alive", "remove it yourself, if that is meant"
    else:
        why = "whether it exists cannot be told: the operator may not ask IAM about it (iam:GetRole, iam:GetUser)"
        way_out = "allow the operator to ask, or remove the entry yourself"
    return [not_removable(entries[0], why, way_out)]
