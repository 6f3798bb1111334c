"""Revokes ALL from the group, or grants it again, twenty tables a call; what fails in a batch is asked for singly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done
from lakeshare.errors import CallError
from lakeshare.resources.iam_allowed_principals.model import EVERY_TABLE, ClosedTable
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.values import Step

BATCH_SIZE = 20
"""The most entries of one BatchRevokePermissions or BatchGrantPermissions (documented)."""

NOTHING_REVOKED = ("No permissions revoked", "does not does not have")
"""What Lake Formation says when there was nothing to revoke (observed: data.all issue 588)."""


def lane(step: Step) -> Lane:
    """Batch by account and direction."""
    return Lane(("iam_allowed_principals", step.resource.place, step.action), size=BATCH_SIZE, in_flight=2)


def write_closed(run: Run, steps: Sequence[Step]) -> Results:
    """Perform steps of one account and direction."""
    operation = "revoke_permissions" if steps[0].desired is not None else "grant_permissions"
    entries = [{"Id": str(number), **_entry(step.resource)} for number, step in enumerate(steps)]
    answer = _call(run, steps[0], f"batch_{operation}", Entries=entries)
    refused = {int(row["RequestEntry"]["Id"]) for row in answer.get("Failures", ())}
    results: Results = {step.address: Done(step.desired) for step in steps}
    again = [step for number, step in enumerate(steps) if number in refused]
    return results | each(run, again, lambda run, step: _singly(run, step, operation))


def _singly(run: Run, step: Step, operation: str) -> ClosedTable | None:
    try:
        _call(run, step, operation, **_entry(step.resource))
    except CallError as error:
        # Nothing held is what revoking is for, and a table that is gone is open to nobody.
        is_gone = error.aws_code == "EntityNotFoundException"
        if not is_gone and not any(text in error.message for text in NOTHING_REVOKED):
            raise
    closed: ClosedTable | None = step.desired
    return closed


def _entry(item: ClosedTable) -> dict[str, Any]:
    which: dict[str, Any] = {"TableWildcard": {}} if item.table == EVERY_TABLE else {"Name": item.table}
    return {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Resource": {"Table": {"CatalogId": item.place.account_id, "DatabaseName": item.database, **which}},
        "Permissions": ["ALL"],
    }


def _call(run: Run, step: Step, operation: str, **params: Any) -> dict[str, Any]:
    place = step.resource.place
    return run.aws.call(place.alias, place.region, "lakeformation", operation, CatalogId=place.account_id, **params)
