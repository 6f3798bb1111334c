"""
All policies that bear on one call, together. Pure.

A deny anywhere wins; every level of the organisation, the boundary and the identity's own policies must each allow.
(documented: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lakeshare.access.iam.conditions import Context, holds
from lakeshare.access.iam.documents import Statement
from lakeshare.access.iam.logic import Known, all_of, any_of, negated
from lakeshare.access.iam.patterns import fits_action, fits_resource
from lakeshare.resources.values import Unreadable

Source: TypeAlias = Literal["identity", "boundary", "organisation", "resource"]

Statements: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """
    Everything that decides what one principal may do.

    ``identity`` are the statements of its own policies. ``unread`` says which of its policies could not be read; what
    is in them may deny or allow. ``boundary`` is None where there is none. ``organisation`` has one group of statements
    for each level from the root down to the account, and is empty where no organisation bounds the account.
    """

    identity: Statements = ()
    unread: tuple[str, ...] = ()
    boundary: Statements | Unreadable | None = None
    organisation: tuple[Statements, ...] | Unreadable = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What the policies come to. ``by`` tells which of them decided or could not be judged, ``reason`` says it in words.

    ``statement`` is the deny that decided, where one did.
    """

    is_allowed: Known
    reason: str
    by: Source | None = None
    statement: Statement | None = None


def decide(policies: Policies, action: str, resource: str, context: Context) -> Decision:
    """Return whether *policies* allow *action* on *resource* (an ARN, or ``*``) in *context*."""
    denied = _denied(policies, action, resource, context)
    if denied is not None and denied.is_allowed is False:
        return denied
    found = [
        _organisation(policies.organisation, action, resource, context),
        _boundary(policies.boundary, action, resource, context),
        _identity(policies, action, resource, context),
    ]
    for answer in (False, None):
        for decision in found:
            if decision.is_allowed is answer:
                return decision
    return denied or found[-1]


def allows(statements: Iterable[Statement], action: str, resource: str, context: Context) -> Known:
    """Tell whether any of *statements* allows it, whatever others deny."""
    return any_of(applies(item, action, resource, context) for item in statements if not item.is_deny)


def applies(item: Statement, action: str, resource: str, context: Context) -> Known:
    """Tell whether a statement is about *action* on *resource* in *context*."""
    about = all_of([_names_action(item, action), _names_resource(item, resource, context)])
    if about is False:
        return False
    return all_of([about, *(holds(condition, context) for condition in item.conditions)])


def first_deny(
    statements: Iterable[Statement], action: str, resource: str, context: Context, source: Source
) -> Decision | None:
    """Return the deny that surely applies, else one that may, else None."""
    doubtful: Decision | None = None
    for item in statements:
        if not item.is_deny:
            continue
        does = applies(item, action, resource, context)
        if does:
            return Decision(False, f"{item} denies {action}", source, item)
        if does is None and doubtful is None:
            why = f"{item} may deny {action}: {_open(item, context)} cannot be judged from here"
            doubtful = Decision(None, why, source, item)
    return doubtful


def _denied(policies: Policies, action: str, resource: str, context: Context) -> Decision | None:
    levels = () if isinstance(policies.organisation, Unreadable) else policies.organisation
    boundary = policies.boundary if isinstance(policies.boundary, tuple) else ()
    groups: Sequence[tuple[Source, Statements]] = (
        *(("organisation", level) for level in levels),
        ("boundary", boundary),
        ("identity", policies.identity),
    )
    found = [first_deny(statements, action, resource, context, source) for source, statements in groups]
    told = [decision for decision in found if decision is not None]
    return next((decision for decision in told if decision.is_allowed is False), told[0] if told else None)


def _organisation(
    levels: tuple[Statements, ...] | Unreadable, action: str, resource: str, context: Context
) -> Decision:
    if isinstance(levels, Unreadable):
        return Decision(None, levels.reason, "organisation")
    for level in levels:
        does = allows(level, action, resource, context)
        if not does:
            how = "may not allow" if does is None else "does not allow"
            return Decision(does, f"a level of the organisation {how} {action} ({_sources(level)})", "organisation")
    return Decision(True, "no service control policy is in the way", "organisation")


def _boundary(boundary: Statements | Unreadable | None, action: str, resource: str, context: Context) -> Decision:
    if boundary is None:
        return Decision(True, "there is no permissions boundary", "boundary")
    if isinstance(boundary, Unreadable):
        return Decision(None, boundary.reason, "boundary")
    does = allows(boundary, action, resource, context)
    how = {True: "allows", False: "does not allow", None: "may not allow"}[does]
    return Decision(does, f"the permissions boundary {how} {action} on {resource}", "boundary")


def _identity(policies: Policies, action: str, resource: str, context: Context) -> Decision:
    does = allows(policies.identity, action, resource, context)
    if policies.unread:
        # What was not read may deny what was read allows, and allow what was read does not.
        return Decision(None, "; ".join(policies.unread), "identity")
    if does is None:
        return Decision(None, _perhaps(policies.identity, action, resource, context), "identity")
    if not does:
        return Decision(False, f"no identity-based policy allows {action} on {resource}", "identity")
    return Decision(True, f"identity-based policies allow {action}", "identity")


def _perhaps(statements: Statements, action: str, resource: str, context: Context) -> str:
    """Say which statement allows it on which condition that nobody can judge."""
    item = next(item for item in statements if not item.is_deny and applies(item, action, resource, context) is None)
    return f"{item} allows {action} on a condition that cannot be judged from here: {_open(item, context)}"


def _open(item: Statement, context: Context) -> str:
    keys = [condition.key for condition in item.conditions if holds(condition, context) is None]
    return ", ".join(dict.fromkeys(keys)) or "its resources"


def _names_action(item: Statement, action: str) -> bool:
    if item.not_actions:
        return not any(fits_action(pattern, action) for pattern in item.not_actions)
    return any(fits_action(pattern, action) for pattern in item.actions)


def _names_resource(item: Statement, resource: str, context: Context) -> Known:
    if item.not_resources:
        return negated(any_of(fits_resource(pattern, resource, context.one) for pattern in item.not_resources))
    if not item.resources:
        return item.principals is not None
    return any_of(fits_resource(pattern, resource, context.one) for pattern in item.resources)


def _sources(statements: Statements) -> str:
    return ", ".join(dict.fromkeys(item.source for item in statements)) or "no policy is attached there"
