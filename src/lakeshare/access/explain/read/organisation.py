"""
The organisation that an account is in, and the service control policies that bound it.

Any member may ask which organisation it is in; policies are shown to the management account and to delegated
administrators only (documented: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakeshare.access.explain.read.asking import tried, tried_or
from lakeshare.access.iam import Statement, read_statements
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation of one account. ``policies`` has a group of statements for each level, from the root down."""

    id: str | None = None
    is_none: bool = False
    policies: tuple[tuple[Statement, ...], ...] | Unreadable = ()


def read_organisation(run: Run, place: Place, others: Sequence[Place]) -> Organisation:
    """Return the organisation of *place*; its policies are read in the management account, if it is among *others*."""
    return run.once(("organisation", place.account_id), lambda: _read(run, place, others))


def _read(run: Run, place: Place, others: Sequence[Place]) -> Organisation:
    found = tried_or(
        lambda: run.aws.call(place.alias, place.region, "organizations", "describe_organization")["Organization"],
        None,
        "AWSOrganizationsNotInUseException",
    )
    if found is None:
        return Organisation(is_none=True)
    if isinstance(found, Unreadable):
        return Organisation(
            policies=Unreadable(f"whether an organisation bounds the account is not known: {found.reason}")
        )
    name = found["Id"]
    if place.account_id == found["MasterAccountId"] or found.get("FeatureSet") == "CONSOLIDATED_BILLING":
        # No service control policy bounds the management account, and there are none without all features (documented).
        return Organisation(name)
    seer = next((other for other in others if other.account_id == found["MasterAccountId"]), place)
    levels = tried(lambda: tuple(_levels(run, seer, place.account_id)))
    if isinstance(levels, Unreadable):
        why = f"the service control policies of organisation {name} are not to be seen from here: {levels.reason}"
        return Organisation(name, policies=Unreadable(why))
    return Organisation(name, policies=levels)


def _levels(run: Run, place: Place, account_id: str) -> Iterator[tuple[Statement, ...]]:
    """Yield the policies of the root, of each unit below it, and of the account."""
    targets = [account_id]
    while not targets[-1].startswith("r-"):
        parents = run.aws.call(place.alias, place.region, "organizations", "list_parents", ChildId=targets[-1])
        targets.append(parents["Parents"][0]["Id"])
    for target in reversed(targets):
        yield tuple(_statements(run, place, target))


def _statements(run: Run, place: Place, target: str) -> Iterator[Statement]:
    rows = run.aws.pages(
        place.alias,
        place.region,
        "organizations",
        "list_policies_for_target",
        "Policies",
        TargetId=target,
        Filter="SERVICE_CONTROL_POLICY",
    )
    for row in rows:
        answer = run.aws.call(place.alias, place.region, "organizations", "describe_policy", PolicyId=row["Id"])
        content = answer["Policy"]["Content"]
        yield from read_statements(content, f"the service control policy {row['Name']} on {target}")
