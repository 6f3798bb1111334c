"""
Grants and revokes, twenty a call.

A batch answers HTTP 200 with its failures inside. What failed is asked for again singly, where the one place that
retries knows what is transient and where AWS's own words come back.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done
from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.lake_grant.read import read_grants
from lakeshare.resources.values import Step

BATCH_SIZE = 20
"""The most entries that one BatchGrantPermissions or BatchRevokePermissions takes (documented)."""

SHARE_DEADLINE_SECONDS = 120.0

NOTHING_REVOKED = ("No permissions revoked", "does not does not have", "non-existent column")
"""What Lake Formation says when there was nothing to revoke (observed; reference section 4.7)."""


def lane(step: Step) -> Lane:
    """Batch by account, catalog and direction. A change of columns is a grant and a revoke, so it goes alone."""
    item: LakeGrant = step.resource
    if step.action == "update":
        return Lane(("lake_grant", step.address))
    return Lane(("lake_grant", item.place, str(item.catalog), step.action), size=BATCH_SIZE, in_flight=2)


def conflicts(step: Step) -> frozenset[Hashable]:
    """Two writes about one principal and one object make Lake Formation answer ConcurrentModificationException."""
    item: LakeGrant = step.resource
    return frozenset({("lake_grant", item.principal, item.place, item.thing)})


def write_grants(run: Run, steps: Sequence[Step]) -> Results:
    """Perform a batch of steps of one action and catalog."""
    match steps[0].action:
        case "create":
            return _with_shares(run, steps, _batch(run, steps, "batch_grant_permissions", _grant_singly))
        case "delete":
            return _batch(run, steps, "batch_revoke_permissions", _revoke_singly)
        case "update":
            return each(run, steps, _change_columns)
        case other:
            raise AssertionError(f"a grant is never changed by {other}")


def _batch(run: Run, steps: Sequence[Step], operation: str, singly: Any) -> Results:
    # A grant on no column at all is what is left when others hold every column that we would have granted.
    empty: Results = {step.address: Done(None) for step in steps if step.resource.columns == frozenset()}
    asked = [step for step in steps if step.address not in empty]
    return empty | _send_batch(run, asked, operation, singly) if asked else empty


def _send_batch(run: Run, steps: Sequence[Step], operation: str, singly: Any) -> Results:
    place = steps[0].resource.place
    entries = {str(number): step for number, step in enumerate(steps)}
    answer = run.aws.call(
        place.alias,
        place.region,
        "lakeformation",
        operation,
        CatalogId=steps[0].resource.catalog,
        Entries=[{"Id": number, **_entry(step.resource, step.resource.columns)} for number, step in entries.items()],
    )
    failed = {row["RequestEntry"]["Id"] for row in answer.get("Failures", ())}
    is_revoke = operation == "batch_revoke_permissions"
    results: Results = {
        step.address: Done(None if is_revoke else step.resource)
        for number, step in entries.items()
        if number not in failed
    }
    return results | each(run, [entries[number] for number in sorted(failed, key=int)], singly)


def _entry(item: LakeGrant, columns: frozenset[str] | None) -> dict[str, Any]:
    entry = {
        "Principal": {"DataLakePrincipalIdentifier": item.principal},
        "Resource": item.resource_of(columns),
        "Permissions": [item.permission],
    }
    return {**entry, "PermissionsWithGrantOption": [item.permission]} if item.grantable else entry


def _grant_singly(run: Run, step: Step) -> LakeGrant:
    item: LakeGrant = step.resource
    _call(run, item, "grant_permissions", **_entry(item, item.columns))
    return item


def _revoke_singly(run: Run, step: Step) -> None:
    item: LakeGrant = step.resource
    _revoke(run, item, _entry(item, item.columns))


def _revoke(run: Run, item: LakeGrant, entry: dict[str, Any]) -> None:
    try:
        _call(run, item, "revoke_permissions", **entry)
    except CallError as error:
        if error.aws_code == "EntityNotFoundException" or any(text in error.message for text in NOTHING_REVOKED):
            return
        raise


def _change_columns(run: Run, step: Step) -> LakeGrant:
    """
    Grant what is new, then revoke what goes: the reader never loses a column that it keeps.

    Both sides of the step hold our own part only, so what others granted is neither granted again nor revoked.
    """
    item: LakeGrant = step.desired
    before: LakeGrant = step.observed
    held = before.columns or frozenset()
    added = None if item.columns is None else item.columns - held
    if added is None or added:
        _call(run, item, "grant_permissions", **_entry(item, added))
    if before.columns is None:
        _revoke(run, before, _entry(before, None))
    elif gone := held - (item.columns or frozenset()):
        _revoke(run, before, _entry(before, gone))
    return item


def _with_shares(run: Run, steps: Sequence[Step], results: Results) -> Results:
    """A grant to another account travels on a RAM share, whose ARN shows on the grant's row: wait until it does."""
    waiting = [step.resource for step in steps if step.resource.is_to_account and _is_done(results, step)]
    if not waiting:
        return results
    arns = run.wait_for(
        f"the shares of {len(waiting)} grants to show",
        lambda: _shares(run, waiting),
        deadline_seconds=SHARE_DEADLINE_SECONDS,
    )
    return {
        **results,
        **{item.address: Done(replace(item, share_arns=arns[item.address])) for item in waiting},
    }


def _is_done(results: Results, step: Step) -> bool:
    return isinstance(results[step.address], Done)


def _shares(run: Run, waiting: Sequence[LakeGrant]) -> dict[str, tuple[str, ...]] | NotYet:
    seen = read_grants(run, waiting)
    found = {
        address: there.share_arns
        for address, there in seen.items()
        if isinstance(there, LakeGrant) and there.share_arns
    }
    missing = [item.thing for item in waiting if item.address not in found]
    return NotYet(f"no share on {len(missing)} grants yet, {missing[0]} among them") if missing else found


def _call(run: Run, item: LakeGrant, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(
        item.place.alias, item.place.region, "lakeformation", operation, CatalogId=item.catalog, **params
    )
