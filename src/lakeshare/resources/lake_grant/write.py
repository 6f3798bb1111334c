"""
Grants and revokes, twenty a call.

A batch answers HTTP 200 with its failures inside. What failed is asked for again singly, where the one place that
retries knows what is transient and where AWS's own words come back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done, Failed
from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, LakeshareError, after_acting
from lakeshare.resources.kind import Results, Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.lake_grant.read import probe_grants, read_grants
from lakeshare.resources.values import Step

BATCH_SIZE = 20
"""The most entries that one BatchGrantPermissions or BatchRevokePermissions takes (documented)."""

SHARE_DEADLINE_SECONDS = 120.0
"""Twice the minute that other tools wait for a grant to be readable (observed in their code)."""

NOTHING_REVOKED = ("No permissions revoked", "does not does not have", "non-existent column")
"""What Lake Formation says when there was nothing to revoke (observed; reference section 4.7)."""


def lane(step: Step) -> Lane:
    """Batch by account, catalog and direction."""
    item: LakeGrant = step.resource
    return Lane(("lake_grant", item.place, str(item.catalog), step.action), size=BATCH_SIZE, in_flight=2)


def conflicts(step: Step) -> frozenset[Hashable]:
    """Two writes about one principal and one object make Lake Formation answer ConcurrentModificationException."""
    item: LakeGrant = step.resource
    return frozenset({("lake_grant", item.principal, item.place, item.thing)})


def write_grants(run: Run, steps: Sequence[Step]) -> Results:
    """Perform a batch of steps of one action and catalog."""
    match steps[0].action:
        case "create":
            granted = _grant(run, [(step.address, step.desired) for step in steps])
            return _with_shares(run, steps, _outcomes(steps, granted))
        case "delete":
            revoked = _revoke(run, [(step.address, step.observed) for step in steps])
            return {address: revoked.get(address) or Done(None) for address in (step.address for step in steps)}
        case "update":
            return _change(run, steps)
        case other:
            raise AssertionError(f"a grant is never changed by {other}")


Failures: TypeAlias = dict[str, Failed]
"""What went wrong, by address; whatever is not in it was done."""


def _outcomes(steps: Sequence[Step], failures: Failures) -> Results:
    return {step.address: failures.get(step.address) or Done(step.desired) for step in steps}


def _change(run: Run, steps: Sequence[Step]) -> Results:
    """
    Grant what is new, then revoke what goes: the reader never loses a column that it keeps.

    Both sides of a step hold our own part only, so what others granted is neither granted again nor revoked.
    """
    failures = _grant(run, [(step.address, _only(step.desired, step.observed)) for step in steps])
    going = [step for step in steps if step.address not in failures]
    failures |= _revoke(run, [(step.address, _only(step.observed, step.desired)) for step in going])
    turned = [step.desired for step in going if _turns(step) and step.address not in failures]
    failures |= _grant(run, [(item.address, item) for item in _lost(run, turned)])
    return _outcomes(steps, failures)


def _only(item: LakeGrant, without: LakeGrant) -> LakeGrant:
    """Return the parts of *item* that *without* has not."""
    return item.with_parts(item.parts - without.parts)


def _turns(step: Step) -> bool:
    """Whether a list of columns takes the place of the whole table, or the other way round."""
    return bool(step.desired.parts.is_whole != step.observed.parts.is_whole)


def _lost(run: Run, items: Sequence[LakeGrant]) -> list[LakeGrant]:
    """
    Return those of *items* that cannot be seen to be held in full, now that what went is revoked.

    Whether AWS keeps SELECT on the whole table and on single columns apart when one of them is revoked is established
    nowhere (inferred: it lists them apart). Granting once more what lists do not show yet does no harm.
    """
    there = probe_grants(run, items) if items else {}
    return [item for item in items if item.address not in there or item.parts - there[item.address].parts]


def _grant(run: Run, wanted: Sequence[tuple[str, LakeGrant]]) -> Failures:
    def singly(item: LakeGrant, part: frozenset[str] | None) -> None:
        _call(run, item, "grant_permissions", **_entry(item, part))

    return _batch(run, wanted, "batch_grant_permissions", singly)


def _revoke(run: Run, gone: Sequence[tuple[str, LakeGrant]]) -> Failures:
    def singly(item: LakeGrant, part: frozenset[str] | None) -> None:
        try:
            _call(run, item, "revoke_permissions", **_entry(item, part))
        except CallError as error:
            if error.aws_code != "EntityNotFoundException" and not any(
                text in error.message for text in NOTHING_REVOKED
            ):
                raise
            # Of a change that was cut short some columns may be granted and others not; AWS may refuse them all.
            for column in sorted(part) if part is not None and len(part) > 1 else ():
                singly(item, frozenset({column}))

    return _batch(run, gone, "batch_revoke_permissions", singly)


def _batch(
    run: Run,
    items: Sequence[tuple[str, LakeGrant]],
    operation: str,
    singly: Callable[[LakeGrant, frozenset[str] | None], None],
) -> Failures:
    """Send every part of *items*, which are of one catalog; one without parts has nothing to be sent."""
    failures: Failures = {}
    asked = [(address, item, part) for address, item in items for part in item.parts.each()]
    for start in range(0, len(asked), BATCH_SIZE):
        batch = asked[start : start + BATCH_SIZE]
        for number in _refused(run, operation, batch):
            address, item, part = batch[number]
            try:
                singly(item, part)
            except LakeshareError as error:
                error.address = error.address or address
                failures[address] = Failed(error)
    return failures


def _refused(run: Run, operation: str, batch: Sequence[tuple[str, LakeGrant, frozenset[str] | None]]) -> list[int]:
    """Send one batch, and return the numbers of its entries that failed."""
    entries = [{"Id": str(number), **_entry(item, part)} for number, (_address, item, part) in enumerate(batch)]
    answer = _call(run, batch[0][1], operation, Entries=entries)
    return sorted(int(row["RequestEntry"]["Id"]) for row in answer.get("Failures", ()))


def _entry(item: LakeGrant, columns: frozenset[str] | None) -> dict[str, Any]:
    entry = {
        "Principal": {"DataLakePrincipalIdentifier": item.principal},
        "Resource": item.resource_of(columns),
        "Permissions": [item.permission],
    }
    return {**entry, "PermissionsWithGrantOption": [item.permission]} if item.grantable else entry


def _with_shares(run: Run, steps: Sequence[Step], results: Results) -> Results:
    """A grant to another account travels on a RAM share, whose ARN shows on the grant's row: wait until it does."""
    waiting = [step.resource for step in steps if step.resource.is_to_account and _is_done(results, step)]
    if not waiting:
        return results
    with after_acting():
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
