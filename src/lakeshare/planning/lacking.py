"""
What an existing role's policies do not allow, although reading through links takes it. Pure.

lakeshare leaves such a role alone, so it can only tell. This is no IAM simulator: boundaries, session policies and
organisations' policies are not looked at, and a statement with a condition counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.values import has_unknowns


def lacking(policy: IamPolicy, documents: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """
    Return the actions of *policy* that *documents* do not allow on everything it names, in order of first mention.

    Resources in accounts that are not known yet are passed over; they are looked at by the next plan.
    """
    statements = [statement for document in documents for statement in _listed(document.get("Statement"))]
    allows = [item for item in statements if item.get("Effect") == "Allow" and not item.get("Condition")]
    denies = [item for item in statements if item.get("Effect") == "Deny" and not item.get("Condition")]
    missing: dict[str, None] = {}
    for needed in policy.statements:
        arns = [str(arn) for arn in needed.resources if not has_unknowns(arn)]
        # A policy mostly says the same of all actions of one statement; where it does, the ARNs are looked at once.
        judged: dict[tuple[frozenset[str], frozenset[str]], bool] = {}
        for action in needed.actions:
            told = _resources(allows, action), _resources(denies, action)
            if told not in judged:
                allowed, denied = told
                judged[told] = all(_matches(arn, allowed) and not _matches(arn, denied) for arn in arns)
            if not judged[told]:
                missing[action] = None
    return tuple(missing)


def _resources(statements: Sequence[Mapping[str, Any]], action: str) -> frozenset[str]:
    """Return the resources, as patterns, of those *statements* that are about *action*."""
    return frozenset(
        pattern
        for item in statements
        if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(item.get("Action")))
        for pattern in _listed(item.get("Resource"))
    )


def _matches(arn: str, patterns: frozenset[str]) -> bool:
    return "*" in patterns or arn in patterns or any(fnmatchcase(arn, pattern) for pattern in patterns)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
