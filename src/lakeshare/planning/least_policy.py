"""
Rights as the one policy document that allows them and nothing else.

Each action stands in it once, so that taking one out takes out all of it. No action has a wildcard. Tables are named
one by one as long as the document fits into a managed policy; past that, those of the database with most of them are
named as ``database/*``: Lake Formation still decides about each. So too the roles of one name in many accounts that are
entered from one: whom each lets in, its own trust says. Where that is not enough, roles under a path of their own are
named as ``role/PATH/*``; those under ``/`` never, for that would be every role of the account. For looking alone, roles
whose names begin alike are named as ``role/BEGINNING-*``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
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
    useless: set[str] = set()
    statements = allowed(rights)
    document = _document(statements)
    while size_of(document) > limit and (wildcard := _longest(statements, useless)):
        fewer = allowed(_with_folded(right, [*folded, wildcard]) for right in rights)
        if size_of(_document(fewer)) < size_of(document):
            folded.append(wildcard)
            statements, document = fewer, _document(fewer)
        else:
            # The same things are named elsewhere all the same, where they may not be named together.
            useless.add(wildcard)
    return document


def _uncovered(arns: Iterable[str]) -> tuple[str, ...]:
    """Return *arns* in order, without those that a wildcard among them covers."""
    wide = [arn for arn in arns if "*" in arn]
    return tuple(sorted(arn for arn in arns if not any(fnmatchcase(arn, other) and arn != other for other in wide)))


def _longest(statements: Iterable[Allowed], useless: Collection[str]) -> str | None:
    """Return the wildcard that would stand for most of what is named; None where each would for one thing at most."""
    named = {(action, arn) for one in statements for action in one.actions for arn in one.resources}
    for wildcard_of in _WILDCARDS:
        counts = Counter(wildcard for _arn, wildcard in {(arn, wildcard_of(action, arn)) for action, arn in named})
        fit = [wildcard for wildcard, count in counts.items() if wildcard and count > 1 and wildcard not in useless]
        if fit:
            return max(fit, key=lambda wildcard: (counts[wildcard], wildcard))
    return None


def _guarded(action: str, arn: str) -> str | None:
    """
    Return what may stand for *arn* because others still decide about each thing: all tables of its database, or the
    role of that name in any account.
    """
    if action == "sts:AssumeRole" and "::*:" not in arn:
        before, _, name = arn.partition(":role/")
        return f"{before.rpartition(':')[0]}:*:role/{name}"
    database, _, table = arn.rpartition("/")
    return f"{database}/*" if ":table/" in database and table != "*" else None


def _path_of_roles(_action: str, arn: str) -> str | None:
    """Return what may stand for the role *arn*: all roles under its path, if it has one that is known."""
    before, mark, name = arn.partition(":role/")
    path = name.rpartition("/")[0]
    return f"{before}{mark}{path}/*" if path and _names_one(arn) else None


def _named_alike(action: str, arn: str) -> str | None:
    """
    Return what may stand for the role *arn* where it is only looked at: all whose names begin as its does.

    A role that is not there yet has no path by which it could be asked for (see `resources.rights.role_arns`).
    """
    before, mark, name = arn.partition(":role/")
    beginning = name.rpartition("-")[0]
    is_look = action.startswith(("iam:Get", "iam:List")) and "/" not in name
    return f"{before}{mark}{beginning}-*" if is_look and beginning and _names_one(arn) else None


def _names_one(arn: str) -> bool:
    return "*" not in arn and "?" not in arn


_WILDCARDS: Final[tuple[Callable[[str, str], str | None], ...]] = (_guarded, _path_of_roles, _named_alike)
"""What may stand for a thing that an action is about, by what is given away: the least first."""


def _with_folded(right: Right, folded: Collection[str]) -> Right:
    arns = tuple(dict.fromkeys(_folded(right.action, arn, folded) for arn in right.resources))
    return right if arns == right.resources else Right(right.use, right.action, arns)


def _folded(action: str, arn: str, folded: Collection[str]) -> str:
    wildcards = (wildcard_of(action, arn) for wildcard_of in _WILDCARDS)
    return next((one for one in wildcards if one is not None and one in folded), arn)


def _document(statements: Iterable[Allowed]) -> dict[str, Any]:
    used: Counter[str] = Counter()
    return {"Version": "2012-10-17", "Statement": [_statement(one, used) for one in statements]}


def _statement(one: Allowed, used: Counter[str]) -> Mapping[str, Any]:
    name = "".join(dict.fromkeys(action.split(":")[0].capitalize() for action in one.actions))
    used[name] += 1
    sid = name if used[name] == 1 else f"{name}{used[name]}"
    return {"Sid": sid, "Effect": "Allow", "Action": list(one.actions), "Resource": list(one.resources)}
