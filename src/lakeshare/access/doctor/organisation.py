"""Whether accounts are of one organisation, and whether an invitation is to be expected between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from lakeshare.access.doctor.finding import Case, Check, Finding
from lakeshare.access.doctor.looking import Unread, call, listed
from lakeshare.errors import IdentityError
from lakeshare.planning.expand import place_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place
from lakeshare.spec import CatalogSource

Membership: TypeAlias = str | Unread | None
"""The id of an organisation; None outside of any."""


@dataclass(frozen=True, slots=True)
class Organisations:
    """
    In which organisation this account and the producers that share with it are, by their names in the spec.

    ``is_sharing``: whether RAM is among the services that the organisation trusts; only its management account, or
    a delegate, may ask (documented: ListAWSServiceAccessForOrganization).
    """

    mine: Membership
    producers: dict[str, Membership]
    is_sharing: bool | Unread


def look(run: Run, case: Case) -> Organisations | None:
    """Ask this account, and those that share tables of their own with it, for their organisation."""
    producers = [share.source.account for share in case.destinations if isinstance(share.source, CatalogSource)]
    if not producers:
        return None
    mine = _membership(run, case.place)
    theirs = {name: _of_other(run, case, name) for name in dict.fromkeys(producers)}
    return Organisations(mine, theirs, _is_sharing(run, case.place) if isinstance(mine, str) else False)


def _of_other(run: Run, case: Case, alias: str) -> Membership:
    try:
        return _membership(run, place_of(case.spec, alias))
    except IdentityError:
        return Unread("organizations:DescribeOrganization", "the account cannot be entered")


def _membership(run: Run, place: Place) -> Membership:
    def look() -> Membership:
        answer = call(
            run, place, "organizations", "describe_organization", absent={"AWSOrganizationsNotInUseException"}
        )
        return str(answer["Organization"]["Id"]) if isinstance(answer, dict) else answer

    return run.once(("doctor: organisation", place.account_id), look)


def _is_sharing(run: Run, place: Place) -> bool | Unread:
    rows = listed(run, place, "organizations", "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    if isinstance(rows, Unread):
        return rows
    return any(row["ServicePrincipal"] == "ram.amazonaws.com" for row in rows or ())


def judge(case: Case, seen: Organisations | None) -> Iterator[Finding]:
    """Say whether an invitation is to be expected. None of it is in the way: lakeshare accepts what comes."""
    if seen is None:
        if case.destinations:
            saw = "Connect's lake belongs to an account of AWS's own: an invitation comes, whatever the organisation"
            yield Finding("ok", saw)
        return
    for name, theirs in seen.producers.items():
        yield _between(case, name, theirs, seen)


def _between(case: Case, producer: str, theirs: Membership, seen: Organisations) -> Finding:
    unread = next((each for each in (seen.mine, theirs) if isinstance(each, Unread)), None)
    if unread is not None:
        return Finding(
            "warning",
            f"whether {producer} and {case.alias} are of one organisation could not be looked at: {unread.action}:"
            f" {unread.why}; with RAM sharing in it no invitation comes, otherwise one does",
            f"allow it {unread.action}, if you want to know; `lakeshare apply` accepts an invitation where one comes",
            part="unread",
        )
    if seen.mine is None or seen.mine != theirs:
        return Finding("ok", f"{producer} and {case.alias} are of no one organisation: an invitation comes")
    if isinstance(seen.is_sharing, Unread):
        return Finding(
            "ok",
            f"{producer} and {case.alias} are of one organisation, {seen.mine}; whether RAM shares within it is not for"
            " this account to ask, so an invitation may come or not",
            "in the management account: `aws organizations list-aws-service-access-for-organization`",
        )
    if seen.is_sharing:
        return Finding("ok", f"RAM shares within organisation {seen.mine}: no invitation comes")
    return Finding(
        "ok",
        f"RAM does not share within organisation {seen.mine}: an invitation comes",
        "to do without: `aws ram enable-sharing-with-aws-organization` in the management account",
    )


CHECK: Final = Check(
    id="organisation",
    title="Organisations and invitations",
    look=look,
    judge=judge,
    reads=("organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization"),
)
