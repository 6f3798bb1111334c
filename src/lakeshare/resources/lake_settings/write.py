"""
Adds or takes out one administrator by get, merge, put, read back.

PutDataLakeSettings replaces the whole document and has no etag (documented), so every key that Get returned goes back,
unknown ones too, and the document is read again afterwards: a writer in between is seen, and the merge repeated on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, LakeshareError, after_acting
from lakeshare.resources.administrators import administrators, read_settings
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.values import Step

DEADLINE_SECONDS = 120.0
"""Other tools allow two minutes for a new principal to be known to Lake Formation (observed in their code)."""
MOST_ADMINISTRATORS = 30


def lane(step: Step) -> Lane:
    """One writer at a time in an account: two would lose each other's change."""
    return Lane(("lake_settings", step.resource.place), size=1, in_flight=1)


def write_administrators(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps, one document at a time."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> LakeAdministrator | None:
    item: LakeAdministrator = step.resource
    wanted = step.action != "delete"

    def merged() -> bool | NotYet:
        settings = read_settings(run, item.place)
        if (item.principal in administrators(settings)) == wanted:
            return True
        _put(run, item, _merge(settings, item, wanted=wanted))
        with after_acting():
            after = administrators(read_settings(run, item.place))
        if (item.principal in after) == wanted:
            return True
        return NotYet("somebody else wrote the settings at the same moment")

    verb = "to be an administrator" if wanted else "to be no administrator any more"
    run.wait_for(f"{item.principal} {verb}", merged, deadline_seconds=DEADLINE_SECONDS)
    return item if wanted else None


def _merge(settings: dict[str, Any], item: LakeAdministrator, *, wanted: bool) -> dict[str, Any]:
    """Return the document with exactly one entry added or taken out, and everything else as it was."""
    rows = [row for row in settings.get("DataLakeAdmins", ()) if row["DataLakePrincipalIdentifier"] != item.principal]
    if wanted:
        rows.append({"DataLakePrincipalIdentifier": item.principal})
    if len(rows) > MOST_ADMINISTRATORS:
        raise LakeshareError(
            f"account {item.place.account_id} has {MOST_ADMINISTRATORS} Lake Formation administrators already",
            hint="take one out that is no longer needed, then apply again",
            account=item.place.account_id,
            region=item.place.region,
        )
    return {**settings, "DataLakeAdmins": rows}


def _put(run: Run, item: LakeAdministrator, settings: dict[str, Any]) -> None:
    try:
        run.aws.call(
            item.place.alias, item.place.region, "lakeformation", "put_data_lake_settings", DataLakeSettings=settings
        )
    except CallError as error:
        if "Invalid principal" in error.message and item.principal not in error.message:
            # One dead entry makes every Put fail (documented). It is not ours, so it is not ours to remove.
            error.hint = (
                "a Lake Formation administrator that no longer exists blocks every change of the settings;"
                " remove the entry that the message names, then apply again"
            )
        raise
