"""
Reads what a plan will ask for whatever the survey finds, while the survey is under way.

Nothing is returned: the run's memory has it then, so that the plan need not wait for it. What cannot be read here is
for whoever needs it to ask for again, and to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from lakeshare.errors import CallError
from lakeshare.planning.build import Ours
from lakeshare.planning.expand import place_of
from lakeshare.resources.connect_association import ConnectAssociation, walk_associations
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import walk_once
from lakeshare.resources.observe import look_ahead
from lakeshare.resources.ram_invitation import share_status_once
from lakeshare.resources.values import Place
from lakeshare.spec import ConnectSource, Spec


def look_ahead_of(run: Run, spec: Spec, ours: Ours) -> None:
    """Look at all that the ledger lists, and at what the consumers have of the instances that the spec names."""
    reachable = {alias: account.id for alias, account in spec.accounts.items()}
    listed = (ours.last_known(address) for address in ours.addresses())
    mine = [item for item in listed if reachable.get(item.place.alias) == item.place.account_id]
    walks = dict.fromkeys(
        (place_of(spec, share.source.account), share.source.instance, place_of(spec, share.to.account))
        for share in spec.shares.values()
        if isinstance(share.source, ConnectSource)
    )
    looks = [partial(look_ahead, run, mine), *(partial(_look_at_instance, run, *walk) for walk in walks)]
    run.aws.in_parallel(lambda look: look(), looks)


def _look_at_instance(run: Run, producer: Place, instance: str, consumer: Place) -> None:
    """Walk the instance's associations, and look from the consumer at the shares that they are on."""
    with suppress(CallError):
        walked = walk_associations(run, producer, instance)
        found = [
            ConnectAssociation(producer, instance, data_set, target, share_arn=arn)
            for (data_set, target), arn in walked.items()
            if target == consumer.account_id
        ]
        arns = dict.fromkeys(item.share_arn for item in found if item.share_arn)
        owners = dict.fromkeys(item.lake_account for item in found if item.lake_account)
        looks: list[Callable[[], object]] = [
            *(partial(share_status_once, run, consumer, arn) for arn in arns),
            *(partial(walk_once, run, consumer, owner) for owner in owners),
        ]
        run.aws.in_parallel(lambda look: look(), looks)
