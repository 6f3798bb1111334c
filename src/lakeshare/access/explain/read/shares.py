"""What RAM shows of an owner's shares: to the consumer, and to the owner where the spec leads there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakeshare.access.explain.observed import Invitation, Shares
from lakeshare.access.explain.read.asking import tried
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable


def read_shares(run: Run, home: Place, region: str, owner: str, owners_place: Place | None) -> Shares | Unreadable:
    """Return the shares that *owner* has with the account of *home*, in *region*."""

    def rows(operation: str, items: str, **params: Any) -> Iterator[dict[str, Any]]:
        return run.aws.pages(home.alias, region, "ram", operation, items, **params)

    def read() -> Shares:
        shares = [
            row
            for row in rows("get_resource_shares", "resourceShares", resourceOwner="OTHER-ACCOUNTS")
            if row["owningAccountId"] == owner
        ]
        states = {row["resourceShareArn"]: row["status"] for row in shares}
        resources: dict[str, tuple[str, ...]] = dict.fromkeys(states, ())
        if states:
            for row in rows(
                "list_resources", "resources", resourceOwner="OTHER-ACCOUNTS", resourceShareArns=list(states)
            ):
                arn = row["resourceShareArn"]
                resources[arn] = (*resources.get(arn, ()), row["arn"])
        # The same share may have been offered several times: the youngest invitation tells how things stand.
        offered = sorted(
            (
                row
                for row in rows("get_resource_share_invitations", "resourceShareInvitations")
                if row["senderAccountId"] == owner
            ),
            key=lambda row: row["invitationTimestamp"],
        )
        invitations = {
            row["resourceShareArn"]: Invitation(
                row["resourceShareInvitationArn"], row["resourceShareArn"], row["status"]
            )
            for row in offered
        }
        associations = _associations(run, owners_place, region, home.account_id) if owners_place else {}
        return Shares(resources, states, tuple(invitations.values()), associations)

    return tried(read)


def _associations(run: Run, place: Place, region: str, consumer: str) -> dict[str, tuple[str, str]]:
    """Return how the consumer's account stands to each share of the owner's, and RAM's message; none where refused."""

    def read() -> dict[str, tuple[str, str]]:
        found = run.aws.pages(
            place.alias,
            region,
            "ram",
            "get_resource_share_associations",
            "resourceShareAssociations",
            associationType="PRINCIPAL",
        )
        return {
            row["resourceShareArn"]: (row["status"], row.get("statusMessage", ""))
            for row in found
            if consumer in row["associatedEntity"]
        }

    associations = tried(read)
    return {} if isinstance(associations, Unreadable) else associations
