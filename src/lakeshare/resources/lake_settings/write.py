"""
Adds and takes out administrators: all that is ready of an account in one Put.

One entry whose role or user is gone makes every Put fail (documented). So those that the user has named go in the very
Put that adds ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done
from lakeshare.errors import LakeshareError
from lakeshare.resources.administrators import principals_in
from lakeshare.resources.compare import EXISTS_NOT_OURS
from lakeshare.resources.kind import Results, Run
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.settings_document import rewrite_settings, whose
from lakeshare.resources.values import Place, Step, Theirs

MOST_ADMINISTRATORS = 30
"""Of each list (the service model's limit)."""


def lane(step: Step) -> Lane:
    """What can be done about an account's administrators goes together, additions and removals alike."""
    return Lane(("lake_settings", *whose(step)), size=2 * MOST_ADMINISTRATORS, in_flight=1)


def write_administrators(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps, which are about one account, in one Put."""
    place: Place = steps[0].resource.place

    def merged(settings: dict[str, Any]) -> dict[str, Any]:
        for step in steps:
            settings = _merged(settings, step.resource, wanted=step.desired is not None)
        return settings

    before = rewrite_settings(run, place, _what(steps), merged)
    return {step.address: Done(_outcome(step, before)) for step in steps}


def _outcome(step: Step, before: Mapping[str, Any]) -> LakeAdministrator | Theirs | None:
    item: LakeAdministrator = step.resource
    if step.desired is None:
        return None
    return Theirs(item, EXISTS_NOT_OURS) if item.principal in principals_in(before, item.member) else item


def _what(steps: Sequence[Step]) -> str:
    first: LakeAdministrator = steps[0].resource
    verb = "to be an administrator" if steps[0].desired is not None else "to be no administrator any more"
    more = f", and {len(steps) - 1} more changes of the administrators" if len(steps) > 1 else ""
    return f"{first.principal} {verb}{more}"


def _merged(settings: dict[str, Any], item: LakeAdministrator, *, wanted: bool) -> dict[str, Any]:
    """Return the document with exactly one entry added or taken out, and everything else as it was."""
    if (item.principal in principals_in(settings, item.member)) == wanted:
        return settings
    rows = [row for row in settings.get(item.member) or () if row["DataLakePrincipalIdentifier"] != item.principal]
    if wanted:
        rows.append({"DataLakePrincipalIdentifier": item.principal})
    if len(rows) > MOST_ADMINISTRATORS:
        raise LakeshareError(
            f"account {item.place.account_id} has {MOST_ADMINISTRATORS} Lake Formation administrators already",
            hint="take one out that is no longer needed, then apply again",
            account=item.place.account_id,
            region=item.place.region,
        )
    return {**settings, item.member: rows}


def give_back_entry(run: Run, item: LakeAdministrator) -> None:
    """Take out the entry *item*, and nothing else; that it is not there is fine."""

    def merged(settings: dict[str, Any]) -> dict[str, Any]:
        return _merged(settings, item, wanted=False)

    rewrite_settings(run, item.place, f"{item.principal} to be no administrator any more", merged)
