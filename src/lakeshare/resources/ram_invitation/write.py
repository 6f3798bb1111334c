"""Accepts invitations, each once however many tables travel on its share, and waits until the share is active."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done, Failed
from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, LakeshareError
from lakeshare.resources.kind import Results, Run
from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.ram_invitation.read import share_status
from lakeshare.resources.values import Place, Step

ACTIVE_DEADLINE_SECONDS = 300.0
"""AWS publishes none; an association fails after 40 s in an example (documented), others took minutes (observed)."""


def lane(step: Step) -> Lane:
    """All acceptances of an account travel together, so that a share is accepted once."""
    item: RamInvitation = step.resource
    return Lane(("ram_invitation", item.place), size=1000, in_flight=1)


def write_invitations(run: Run, steps: Sequence[Step]) -> Results:
    """Accept every share that the batch needs; a share that fails fails only the tables that come on it."""
    place: Place = steps[0].resource.place
    arns = list(dict.fromkeys(str(arn) for step in steps for arn in step.resource.share_arns))
    failures: dict[str, LakeshareError] = {}
    for arn in arns:
        try:
            _accept(run, place, arn)
        except LakeshareError as error:
            failures[arn] = error
    results: Results = {}
    for step in steps:
        broken = next((failures[str(arn)] for arn in step.resource.share_arns if str(arn) in failures), None)
        results[step.address] = Failed(broken) if broken else Done(step.resource)
    return results


def _accept(run: Run, place: Place, share_arn: str) -> None:
    def accepted() -> bool | NotYet:
        status = share_status(run, place, share_arn)
        if status.state == "active":
            return True
        if status.state in ("expired", "rejected"):
            raise LakeshareError(
                f"the invitation to {share_arn} is {status.state}",
                hint="plan again: the plan tells how to come by a new share",
                account=place.account_id,
                region=place.region,
            )
        if status.invitation_arn:
            _accept_invitation(run, place, status.invitation_arn)
        return NotYet(status.detail)

    run.wait_for(f"the share {share_arn} to be active", accepted, deadline_seconds=ACTIVE_DEADLINE_SECONDS)


def _accept_invitation(run: Run, place: Place, invitation_arn: str) -> None:
    try:
        run.aws.call(
            place.alias,
            place.region,
            "ram",
            "accept_resource_share_invitation",
            resourceShareInvitationArn=invitation_arn,
        )
    except CallError as error:
        # Another run was quicker: the same end.
        if error.aws_code != "ResourceShareInvitationAlreadyAcceptedException":
            raise
