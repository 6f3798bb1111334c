"""
What policies would say of a request that nobody makes, and which of their statements say it: IAM's policy simulator.

It looks at statements as ``evaluate`` does. What differs is where the request's keys come from (the asker's own list,
and nothing else) and that the answer tells which statements decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.policy.conditions import hold
from lakeshare.sandbox.policy.context import GivenKeys, Values
from lakeshare.sandbox.policy.documents import Statement
from lakeshare.sandbox.policy.evaluate import speaks_of
from lakeshare.sandbox.policy.principals import naming

Decision: TypeAlias = Literal["allowed", "explicitDeny", "implicitDeny"]


@dataclass(frozen=True, slots=True)
class Source:
    """A policy as a simulation's answer refers to it: ``id`` is its name, ``type`` one of AWS's PolicySourceTypes."""

    id: str
    type: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """
    All policies of a simulation, and for whom they are looked at.

    ``boundary`` and ``resource_policy`` are None where there is none; the ``caller`` matters to a resource's policy
    only, which belongs to ``owner`` where an ARN does not say whose the resource is. ``levels`` are the service control
    policies of each level of the caller's organisation, every one of which must allow.
    """

    identity: tuple[Source, ...]
    boundary: Source | None = None
    resource_policy: Source | None = None
    caller: Caller | None = None
    owner: str = ""
    levels: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a situation says of one action on one resource.

    ``matched`` has the policy of each statement that decided, ``missing`` the condition keys that were looked for and
    not given; ``within_boundary`` is None without a boundary, ``within_organisation`` where nothing bounds the account.
    """

    decision: Decision
    matched: tuple[Source, ...]
    missing: Values
    within_boundary: bool | None
    within_organisation: bool | None = None


Hit: TypeAlias = tuple[Source, Statement]


def simulate(situation: Situation, action: str, resource: str, given: Mapping[str, Values]) -> Finding:
    """Return what *situation* says of *action* on *resource*, with the condition keys *given* and no others."""
    keys = GivenKeys(given)
    by_identity = list(_hits(situation.identity, action, resource, keys))
    by_resource = list(_hits(_named(situation), action, resource, keys))
    by_boundary = list(_hits([situation.boundary] if situation.boundary else [], action, resource, keys))
    within = None if situation.boundary is None else bool(by_boundary) and not _denying(by_boundary)

    by_level = [list(_hits([level], action, resource, keys)) for level in situation.levels]
    within_organisation = all(hits and not _denying(hits) for hits in by_level) if by_level else None

    denying = _denying([*by_identity, *by_resource])
    if denying or _denying(by_boundary) or any(map(_denying, by_level)):
        return Finding("explicitDeny", _sources(denying), keys.missing, within, within_organisation)
    identity_allows, resource_allows = bool(by_identity) and within is not False, bool(by_resource)
    if _crosses(situation, resource):
        is_allowed = identity_allows and resource_allows
    else:
        is_allowed = identity_allows or resource_allows
    is_allowed = is_allowed and within_organisation is not False
    matched = _sources([*by_identity, *by_resource]) if is_allowed else ()
    decision: Decision = "allowed" if is_allowed else "implicitDeny"
    return Finding(decision, matched, keys.missing, within, within_organisation)


def most_restrictive(decisions: Iterable[Decision]) -> Decision:
    """Return what several decisions come to: an explicit deny before an implicit one, and either before an allow."""
    found = set(decisions)
    if "explicitDeny" in found:
        return "explicitDeny"
    return "implicitDeny" if "implicitDeny" in found else "allowed"


def _hits(sources: Iterable[Source], action: str, resource: str, keys: GivenKeys) -> Iterator[Hit]:
    """Yield the statements that are about the request and whose conditions hold."""
    for source in sources:
        for statement in source.statements:
            if speaks_of(statement, action, resource, keys):
                for condition in statement.conditions:
                    keys.values(condition.key)  # a condition that fails hides none of the keys that follow it
                if hold(statement.conditions, keys):
                    yield source, statement


def _named(situation: Situation) -> list[Source]:
    """Return the resource's policy with those of its statements that name the caller."""
    policy, caller = situation.resource_policy, situation.caller
    if policy is None or caller is None:
        return []
    return [Source(policy.id, policy.type, tuple(one for one in policy.statements if naming(one, caller)))]


def _crosses(situation: Situation, resource: str) -> bool:
    """Whether a resource's policy is another account's than the caller, so that both sides must allow."""
    if situation.resource_policy is None or situation.caller is None:
        return False
    fields = resource.split(":", 5)
    owner = (fields[4] if len(fields) == 6 else "") or situation.owner
    return owner not in {"", situation.caller.account}


def _denying(hits: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit[1].effect == "Deny"]


def _sources(hits: Iterable[Hit]) -> tuple[Source, ...]:
    return tuple(source for source, _ in hits)
