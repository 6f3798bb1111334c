"""
Rights as the one policy document that allows them and nothing else.

Each action stands in it once, so that taking one out takes out all of it. No action has a wildcard. Tables are named
one by one as long as the document fits into a managed policy; past that, those of the database with most of them are
named as ``database/*``: Lake Formation still decides about each. So too the roles of one name in many accounts that are
entered from one: whom each lets in, its own trust says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from lakeshare.resources.iam_policy.model import size_of
from lakeshare.resources.rights import Right

MANAGED_LIMIT_CHARACTERS: Final = 6144
"""The most that a managed policy may have, white space not counted (from memory; IAM quotas)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Actions that are allowed on the same resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


def allowed(rights: Iterable[Right]) -> tuple[Allowed, ...]:
    """Put rights on the same resources together; each action is in one of the answers, with all of its resources."""
    resources: dict[str, dict[str, None]] = defaultdict(dict)
    for right in rights:
        resources[right.action].update(dict.fromkeys(right.resources))
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action in sorted(resources):
        together[_uncovered(resources[action])].append(action)
    return tuple(Allowed(tuple(actions), arns) for arns, actions in together.items())


def least_policy(rights: Collection[Right], limit: int = MANAGED_LIMIT_CHARACTERS) -> dict[str, Any]:
    """Return the policy document that allows *rights*, of at most *limit* characters if naming less helps."""
    folded: list[str] = []
    while True:
        statements = allowed(_with_folded(right, folded) for right in rights)
        document = _document(statements)
        if size_of(document) <= limit:
            return document
        longest = _longest(statements)
        if longest is None:
            return document
        folded.append(longest)


def _uncovered(arns: Iterable[str]) -> tuple[str, ...]:
    """Return *arns* in order, without those that a wildcard among them covers."""
    wide = [arn for arn in arns if "*" in arn]
    return tuple(sorted(arn for arn in arns if not any(fnmatchcase(arn, other) and arn != other for other in wide)))


def _longest(statements: Iterable[Allowed]) -> str | None:
    """Return the wildcard that would stand for most of what is named; None where it would for one thing at most."""
    named = {(arn, _wildcard(action, arn)) for one in statements for action in one.actions for arn in one.resources}
    counts = Counter(wildcard for _arn, wildcard in named if wildcard)
    most = max(counts, key=lambda wildcard: (counts[wildcard], wildcard), default=None)
    return most if most and counts[most] > 1 else None


def _wildcard(action: str, arn: str) -> str | None:
    """Return what may stand for *arn*: all tables of its database, or the role of that name in any account."""
    if action == "sts:AssumeRole" and "::*:" not in arn:
        before, _, name = arn.partition(":role/")
        return f"{before.rpartition(':')[0]}:*:role/{name}"
    database, _, table = arn.rpartition("/")
    return f"{database}/*" if ":table/" in database and table != "*" else None


def _with_folded(right: Right, folded: Collection[str]) -> Right:
    wildcards = {arn: _wildcard(right.action, arn) for arn in right.resources}
    if not any(wildcard in folded for wildcard in wildcards.values()):
        return right
    arns = (wildcard if wildcard and wildcard in folded else arn for arn, wildcard in wildcards.items())
    return Right(right.use, right.action, tuple(dict.fromkeys(arns)))


def _document(statements: Iterable[Allowed]) -> dict[str, Any]:
    used: Counter[str] = Counter()
    return {"Version": "2012-10-17", "Statement": [_statement(one, used) for one in statements]}


def _statement(one: Allowed, used: Counter[str]) -> Mapping[str, Any]:
    name = "".join(dict.fromkeys(action.split(":")[0].capitalize() for action in one.actions))
    used[name] += 1
    sid = name if used[name] == 1 else f"{name}{used[name]}"
    return {"Sid": sid, "Effect": "Allow", "Action": list(one.actions), "Resource": list(one.resources)}
