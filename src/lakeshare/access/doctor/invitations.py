"""What became of the invitations to the shares that the spec's sources are on, as the consumer sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, attempt, listed, not_seen
from lakeshare.resources.connect_association import ConnectAssociation, walk_associations
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.ram_invitation.diff import EXPIRED
from lakeshare.resources.values import Blocker

LIFETIME: Final = timedelta(hours=12)
"""How long an invitation to what Glue and Lake Formation share can be accepted (documented)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share, with what is on it, the youngest invitation to it, and what went wrong with its associations."""

    arn: str
    things: tuple[str, ...]
    status: str | None = None
    invited_at: datetime | None = None
    invitation_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Invitations:
    """The shares that matter here; *failed* tells of associations of shares that this account made, and why."""

    shares: tuple[Share, ...] | Unread
    failed: tuple[tuple[str, str], ...] | Unread
    is_known: bool = True


def look(run: Run, case: Case) -> Invitations | None:
    """Read the invitations to shares of the spec; None where there can be none."""
    if not case.destinations and not case.sources:
        return None
    on = _things_by_share(run, case)
    return Invitations(_shares(run, case, on), _failed(run, case), is_known=case.plan is not None)


def _things_by_share(run: Run, case: Case) -> dict[str, list[str]]:
    """Return what is on each share to this account. Recovery makes the plan forget, so Connect is asked itself."""
    found: dict[str, list[str]] = defaultdict(list)
    wanted = [item for item in case.graph.resources.values() if isinstance(item, ConnectAssociation)]
    here = [item for item in wanted if item.target_account == case.place.account_id]
    for place, instance in dict.fromkeys((item.place, item.instance) for item in here):
        names = {item.data_set for item in here if (item.place, item.instance) == (place, instance)}
        walk = attempt(partial(walk_associations, run, place, instance))
        for (data_set, target), arn in walk.items() if isinstance(walk, dict) else ():
            if data_set in names and target == case.place.account_id:
                found[arn].append(data_set)
    for item in case.observed.values():
        if isinstance(item, LakeGrant) and item.is_to_account and item.principal == case.place.account_id:
            for arn in item.share_arns or ():
                found[str(arn)].append(f"{item.database}.{item.table}")
    return found


def _shares(run: Run, case: Case, on: Mapping[str, list[str]]) -> tuple[Share, ...] | Unread:
    if not on:
        return ()
    rows = listed(
        run,
        case.place,
        "ram",
        "get_resource_share_invitations",
        "resourceShareInvitations",
        absent={"ResourceShareInvitationArnNotFoundException", "UnknownResourceException"},
        resourceShareArns=sorted(on),
    )
    if isinstance(rows, Unread):
        return rows
    youngest: dict[str, Mapping[str, Any]] = {}
    for row in sorted(rows or (), key=lambda row: row["invitationTimestamp"]):
        youngest[row["resourceShareArn"]] = row
    return tuple(_share(arn, things, youngest.get(arn)) for arn, things in on.items())


def _share(arn: str, things: list[str], row: Mapping[str, Any] | None) -> Share:
    names = tuple(dict.fromkeys(things))
    if row is None:
        return Share(arn, names)
    return Share(arn, names, row["status"], row["invitationTimestamp"], row["resourceShareInvitationArn"])


def _failed(run: Run, case: Case) -> tuple[tuple[str, str], ...] | Unread:
    """Return (share, why) of associations that failed; only who made a share can list them (documented)."""
    arns = sorted(
        {
            str(arn)
            for item in case.observed.values()
            if isinstance(item, LakeGrant) and item.is_to_account and item.place == case.place
            for arn in item.share_arns or ()
        }
    )
    if not arns:
        return ()
    rows = listed(
        run,
        case.place,
        "ram",
        "get_resource_share_associations",
        "resourceShareAssociations",
        associationType="PRINCIPAL",
        resourceShareArns=arns,
        associationStatus="FAILED",
    )
    if not isinstance(rows, list):
        return rows or ()
    return tuple((row["resourceShareArn"], row.get("statusMessage", "no reason given")) for row in rows)


def judge(case: Case, seen: Invitations | None) -> Iterator[Finding]:
    """Say until when what waits can be accepted, and what can be accepted no more."""
    if seen is None:
        return
    found = [*_of_shares(case, seen), *_of_failed(case, seen)]
    yield from found
    if not found and case.destinations and seen.is_known:
        yield Finding("ok", "no invitation waits, expired or was rejected")


def _of_shares(case: Case, seen: Invitations) -> Iterator[Finding]:
    if isinstance(seen.shares, Unread):
        yield not_seen(case, "invitations", seen.shares, part="unread")
        return
    blockers = [item for item in (case.plan.blockers if case.plan else ()) if item.kind == "ram_invitation"]
    for share in seen.shares:
        match share.status:
            case "PENDING":
                yield _pending(case, share)
            case "EXPIRED":
                yield _expired(share, blockers)
            case "REJECTED":
                yield _rejected(share, blockers)


def _pending(case: Case, share: Share) -> Finding:
    until = f" until {_moment(share.invited_at + LIFETIME)}" if share.invited_at else ""
    return Finding(
        "warning",
        f"an invitation to the share of {_names(share)} waits: it can be accepted{until}, for twelve hours in all",
        f"`lakeshare apply` accepts it; by hand: `aws ram accept-resource-share-invitation --region {case.place.region}"
        f" --resource-share-invitation-arn {share.invitation_arn}`",
        detail=share.arn,
        part="pending",
    )


def _expired(share: Share, blockers: list[Blocker]) -> Finding:
    saw = f"the invitation to the share of {_names(share)} expired: it can be accepted no more"
    mine = next(
        (item for item in blockers if share.arn in (item.address, item.reason) or share.arn in item.reason), None
    )
    if mine is not None:
        return Finding("blocker", f"{saw}; {mine.reason}", mine.way_out, share.arn, "expired", mine.address)
    return Finding("warning", saw, f"`lakeshare apply`: {EXPIRED}", detail=share.arn, part="expired")


def _rejected(share: Share, blockers: list[Blocker]) -> Finding:
    saw = f"somebody rejected the invitation to the share of {_names(share)}"
    mine = next((item for item in blockers if share.arn in item.reason), None)
    way_out = (
        mine.way_out if mine else "have all that is on the share taken off it, and apply again: it comes on a new one"
    )
    return Finding("blocker", saw, way_out, share.arn, "rejected", mine.address if mine else None)


def _of_failed(case: Case, seen: Invitations) -> Iterator[Finding]:
    if isinstance(seen.failed, Unread):
        yield not_seen(case, "failed associations of shares", seen.failed, part="unread-associations")
        return
    for arn, why in seen.failed:
        yield Finding(
            "blocker",
            f"an association of the share {arn} failed: {why}",
            "allow whoever grants glue:PutResourcePolicy (`lakeshare policy"
            f" --account {case.alias} --for apply` has it), revoke what is on the share, and apply again",
            part="failed",
            address=arn,
        )


def _names(share: Share) -> str:
    return ", ".join(share.things)


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


CHECK: Final = Check(
    id="invitations",
    title="Invitations to shares",
    look=look,
    judge=judge,
    reads=(
        "connect:ListAnalyticsDataAssociations",
        "ram:GetResourceShareAssociations",
        "ram:GetResourceShareInvitations",
    ),
)
