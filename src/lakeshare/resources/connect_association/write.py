"""
Associates and disassociates data sets, many a call.

A batch answers HTTP 200 with its failures inside, and they carry no ids (documented): what failed is what was asked for
and not done, and asking for it singly is the only way to learn why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done, Failed
from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, LakeshareError
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.connect_association.read import walk_associations
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.values import Step

BATCH_SIZE = 100
"""The list of a batch has no documented length limit; one hundred is twice all the tables there are."""

EMPTIED_DEADLINE_SECONDS = 300.0
"""AWS's own construct allows 120 to 240 seconds for a share to empty (observed)."""


def lane(step: Step) -> Lane:
    """Batch by instance, target account and direction; Connect takes two calls a second, so one batch at a time."""
    item: ConnectAssociation = step.resource
    key = ("connect_association", item.place, item.instance, item.target_account, step.action)
    return Lane(key, size=BATCH_SIZE, in_flight=1)


def write_associations(run: Run, steps: Sequence[Step]) -> Results:
    """Perform a batch of steps of one instance, target account and action."""
    match steps[0].action:
        case "create":
            return _associate(run, steps)
        case "delete":
            return _disassociate(run, steps)
        case "replace":
            return _replace(run, steps)
        case other:
            raise AssertionError(f"an association is never changed by {other}")


def _associate(run: Run, steps: Sequence[Step]) -> Results:
    first: ConnectAssociation = steps[0].resource
    answer = _call(
        run,
        first,
        "batch_associate_analytics_data_set",
        DataSetIds=[step.resource.data_set for step in steps],
        TargetAccountId=first.target_account,
    )
    arns = {row["DataSetId"]: row["ResourceShareArn"] for row in answer.get("Created", ())}
    done = [step for step in steps if step.resource.data_set in arns]
    failed = [step for step in steps if step.resource.data_set not in arns]
    results: Results = {
        step.address: Done(replace(step.resource, share_arn=arns[step.resource.data_set])) for step in done
    }
    return results | each(run, failed, _associate_singly)


def _associate_singly(run: Run, step: Step) -> ConnectAssociation:
    item: ConnectAssociation = step.resource
    answer = _call(
        run,
        item,
        "associate_analytics_data_set",
        DataSetId=item.data_set,
        TargetAccountId=item.target_account,
    )
    return replace(item, share_arn=answer["ResourceShareArn"])


def _disassociate(run: Run, steps: Sequence[Step]) -> Results:
    first: ConnectAssociation = steps[0].resource
    try:
        answer = _call(
            run,
            first,
            "batch_disassociate_analytics_data_set",
            DataSetIds=[step.resource.data_set for step in steps],
            TargetAccountId=first.target_account,
        )
    except CallError as error:
        if error.aws_code != "ResourceNotFoundException":
            raise
        answer = {}
    deleted = set(answer.get("Deleted", ()))
    results: Results = {step.address: Done(None) for step in steps if step.resource.data_set in deleted}
    return results | each(run, [step for step in steps if step.address not in results], _disassociate_singly)


def _disassociate_singly(run: Run, step: Step) -> None:
    item: ConnectAssociation = step.resource
    try:
        _call(
            run,
            item,
            "disassociate_analytics_data_set",
            DataSetId=item.data_set,
            TargetAccountId=item.target_account,
        )
    except CallError as error:
        # Removing what is not there is what was wanted.
        if error.aws_code != "ResourceNotFoundException":
            raise


def _replace(run: Run, steps: Sequence[Step]) -> Results:
    """
    Recover an expired share: take every data set off it, wait until it is gone, associate again.

    New associations may join the expired share until it is empty (observed in AWS's construct), hence the wait; and
    hence nothing is associated while anything stays on it.
    """
    removed = _disassociate(run, steps)
    stuck = [address for address, result in removed.items() if isinstance(result, Failed)]
    if stuck:
        return {address: _not_emptied(result, stuck) for address, result in removed.items()}
    first: ConnectAssociation = steps[0].resource
    going = {step.resource.data_set for step in steps}

    def emptied() -> bool | NotYet:
        left = [
            data_set
            for data_set, target in walk_associations(run, first.place, first.instance)
            if target == first.target_account and data_set in going
        ]
        return NotYet(f"{len(left)} data sets still associated, {left[0]} among them") if left else True

    run.wait_for(
        f"the expired share of {first.instance} to be empty", emptied, deadline_seconds=EMPTIED_DEADLINE_SECONDS
    )
    return _associate(run, steps)


def _not_emptied(result: Done[Any] | Failed, stuck: Sequence[str]) -> Failed:
    """Fail what did come off an expired share too: associated again now, it would join the dead share."""
    if isinstance(result, Failed):
        return result
    return Failed(
        LakeshareError(
            f"the expired share could not be emptied: {len(stuck)} data sets are still on it, {stuck[0]} among them",
            hint="see why those could not be disassociated, then apply again; this one came off, and comes back then",
        )
    )


def _call(run: Run, item: ConnectAssociation, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(item.place.alias, item.place.region, "connect", operation, InstanceId=item.instance, **params)
