"""What one policy document says about one action on one resource."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from lakeshare.sandbox.policy.conditions import hold
from lakeshare.sandbox.policy.context import Keys
from lakeshare.sandbox.policy.documents import Statement
from lakeshare.sandbox.policy.patterns import matches, matches_action, substitute

UNKNOWN_RESOURCE = ""
"""
The resource of a call whose ARN the sandbox cannot derive: it may be any that an Allow names, and no Deny but that of
everything is known to mean it.
"""


class Verdict(Enum):
    """What policies say: an explicit deny beats an allow, and silence allows nothing."""

    DENY = "deny"
    ALLOW = "allow"
    SILENT = "silent"


def evaluate(statements: Iterable[Statement], action: str, resource: str, context: Keys) -> Verdict:
    """Return what *statements* together say; principals are for the caller of this function to have looked at."""
    verdict = Verdict.SILENT
    for statement in statements:
        if speaks_of(statement, action, resource, context) and hold(statement.conditions, context):
            if statement.effect == "Deny":
                return Verdict.DENY
            verdict = Verdict.ALLOW
    return verdict


def speaks_of(statement: Statement, action: str, resource: str, context: Keys) -> bool:
    """Whether *statement* is about *action* on *resource*, whatever its conditions."""
    if statement.not_actions:
        if any(matches_action(pattern, action) for pattern in statement.not_actions):
            return False
    elif not any(matches_action(pattern, action) for pattern in statement.actions):
        return False

    if resource == UNKNOWN_RESOURCE:
        return statement.effect == "Allow" or "*" in statement.resources
    if statement.not_resources:
        return not _names(statement.not_resources, resource, context)
    # A trust policy has no Resource: it speaks of the role that it belongs to.
    return not statement.resources or _names(statement.resources, resource, context)


def _names(patterns: Iterable[str], resource: str, context: Keys) -> bool:
    filled = (substitute(pattern, context.values) for pattern in patterns)
    return any(pattern is not None and matches(pattern, resource) for pattern in filled)
