"""Reads what the accounts know of those whom a spec names: roles, users, permission sets. Gets and Lists only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from lakeshare.errors import CallError
from lakeshare.planning.expand import place_of
from lakeshare.planning.facts import StandingRole
from lakeshare.planning.reader_policies import policy_name
from lakeshare.resources.documents import policy_document, statements_of, without_statement
from lakeshare.resources.iam_role import inline_policies, role_once, role_policies
from lakeshare.resources.iam_trust import is_lasting, room_taken, sid_of
from lakeshare.resources.kind import Run
from lakeshare.resources.trust import redacted
from lakeshare.spec import Reader, Spec

SSO_PATH = "/aws-reserved/sso.amazonaws.com/"
"""Where IAM Identity Center keeps its roles, its Region behind it unless that is us-east-1 (documented)."""

REFUSED = frozenset({"AccessDenied", "AccessDeniedException"})

T = TypeVar("T")
Spot: TypeAlias = tuple[str, str]
"""(account, name)"""


@dataclass(frozen=True, slots=True)
class People:
    """The part of `planning.facts.Facts` that is about people and roles."""

    roles: Mapping[Spot, str | None]
    policies: Mapping[Spot, tuple[Mapping[str, Any], ...]]
    sso_roles: Mapping[Spot, tuple[str, ...]]
    users: Mapping[Spot, str | None]
    standing: Mapping[Spot, StandingRole]
    trust_limits: Mapping[str, int]


def people_of(run: Run, spec: Spec) -> People:
    """Read them all. What the operator may not read is left out, and planning goes without it."""
    readers = [(share.to.account, reader) for share in spec.shares.values() for reader in share.readers]
    makings = [(alias, reader.create.people) for alias, reader in readers if reader.create and reader.create.people]
    named = [(alias, reader.role_name) for alias, reader in readers if reader.role and reader.create is None]
    named += [(alias, name.rpartition("/")[2]) for alias, people in makings for name in people.roles]
    sets = [(alias, reader.sso) for alias, reader in readers if reader.sso]
    sets += [(alias, name) for alias, people in makings for name in people.sso]
    users = [(alias, reader.written.rpartition("/")[2]) for alias, reader in readers if reader.user]
    limited = [alias for alias, reader in readers if reader.complete or (reader.create and reader.create.people)]
    roles = _each(run, named, lambda spot: _role_arn(run, spec, spot))
    sso_roles = _sso_roles(run, spec, sets)
    completed = [(alias, reader.role_name) for alias, reader in readers if reader.complete]
    return People(
        roles,
        _policies(run, spec, _left_alone(readers, roles, sso_roles)),
        sso_roles,
        _each(run, users, lambda spot: _user_arn(run, spec, spot)),
        _each(run, [spot for spot in completed if roles[spot]], lambda spot: _standing(run, spec, spot)),
        _trust_limits(run, spec, limited),
    )


def _each(run: Run, spots: Iterable[Spot], read: Callable[[Spot], T]) -> dict[Spot, T]:
    asked = list(dict.fromkeys(spots))
    return dict(zip(asked, run.aws.in_parallel(read, asked), strict=True))


def _left_alone(
    readers: Iterable[tuple[str, Reader]], roles: Mapping[Spot, str | None], sso_roles: Mapping[Spot, tuple[str, ...]]
) -> list[Spot]:
    """List the roles that exist and get nothing but grants."""
    found = []
    for alias, reader in readers:
        if reader.sso:
            found += [(alias, arn.rpartition("/")[2]) for arn in sso_roles[alias, reader.sso]]
        elif reader.role and not (reader.create or reader.complete) and roles[alias, reader.role_name]:
            found.append((alias, reader.role_name))
    return found


def _role_arn(run: Run, spec: Spec, spot: Spot) -> str | None:
    row = role_once(run, place_of(spec, spot[0]), spot[1])
    return row["Arn"] if row else None


def _user_arn(run: Run, spec: Spec, spot: Spot) -> str | None:
    place = place_of(spec, spot[0])
    try:
        arn: str = run.aws.call(place.alias, place.region, "iam", "get_user", UserName=spot[1])["User"]["Arn"]
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    return arn


def _sso_roles(run: Run, spec: Spec, sets: Iterable[Spot]) -> dict[Spot, tuple[str, ...]]:
    """
    Return the roles of each permission set, called ``AWSReservedSSO_SET_SUFFIX`` (documented).

    A set's own name may have underscores; the suffix has none.
    """
    asked = list(dict.fromkeys(sets))
    aliases = list(dict.fromkeys(alias for alias, _name in asked))

    def listed(alias: str) -> list[str]:
        place = place_of(spec, alias)
        rows = run.aws.pages(place.alias, place.region, "iam", "list_roles", "Roles", PathPrefix=SSO_PATH)
        return sorted(row["Arn"] for row in rows)

    there = dict(zip(aliases, run.aws.in_parallel(listed, aliases), strict=True))
    return {
        (alias, name): tuple(
            arn for arn in there[alias] if arn.rpartition("/")[2].rpartition("_")[0] == f"AWSReservedSSO_{name}"
        )
        for alias, name in asked
    }


def _policies(run: Run, spec: Spec, spots: Iterable[Spot]) -> dict[Spot, tuple[Mapping[str, Any], ...]]:
    """Read the policies of existing reader roles; a role whose policies the operator may not read is left out."""

    def read(spot: Spot) -> tuple[Mapping[str, Any], ...] | None:
        try:
            return role_policies(run, place_of(spec, spot[0]), spot[1])
        except CallError as error:
            if error.aws_code in REFUSED:
                return None
            raise

    found = _each(run, spots, read)
    return {spot: documents for spot, documents in found.items() if documents is not None}


def _standing(run: Run, spec: Spec, spot: Spot) -> StandingRole:
    """Measure what others have put on a role that the spec completes."""
    place = place_of(spec, spot[0])
    row = role_once(run, place, spot[1])
    if row is None:
        return StandingRole()
    trust = policy_document(row["AssumeRolePolicyDocument"])
    for purpose in ("Proof", "Service"):
        trust = without_statement(trust, sid_of(purpose, spec.name))
    others = inline_policies(run, place, spot[1], but=policy_name(spec.name))
    return StandingRole(
        inline=sum(map(room_taken, others)),
        trust=room_taken(trust),
        lets_in=frozenset(redacted(one) for one in statements_of(trust) if is_lasting(str(one.get("Sid", "")))),
    )


def _trust_limits(run: Run, spec: Spec, aliases: Iterable[str]) -> dict[str, int]:
    """Return how long a trust policy may be in each account: its quota may have been raised."""

    def read(alias: str) -> int | None:
        place = place_of(spec, alias)
        try:
            summary = run.aws.call(place.alias, place.region, "iam", "get_account_summary")["SummaryMap"]
        except CallError as error:
            if error.aws_code in REFUSED:
                return None
            raise
        limit: int | None = summary.get("AssumeRolePolicySizeQuota")
        return limit

    asked = list(dict.fromkeys(aliases))
    found = zip(asked, run.aws.in_parallel(read, asked), strict=True)
    return {alias: limit for alias, limit in found if limit is not None}
