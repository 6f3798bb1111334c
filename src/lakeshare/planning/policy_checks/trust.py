"""Who may come in: dangers of trust policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.planning.policy_checks.conditions import demands, forbids_without
from lakeshare.planning.policy_checks.documents import EXTERNAL_ID, Document, Statement
from lakeshare.planning.policy_checks.findings import Remark
from lakeshare.planning.policy_checks.patterns import any_matches

GUARDS: Final = frozenset({EXTERNAL_ID, "aws:principalorgid", "aws:principalorgpaths"})
"""What keeps strangers of another account out: a shared word, or an organisation (documented: confused deputy)."""
_PERSONS: Final = frozenset({"aws:principalarn", "aws:userid"})
"""Keys that narrow an account down to somebody in it."""
_SOURCES: Final = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"},
)
_ASSUMING: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_ROOT: Final = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_ACCOUNT: Final = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):")

TELLS_ITS_SOURCE: Final[Mapping[str, str]] = {
    "events.amazonaws.com": "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
    "cross-service-confused-deputy-prevention.html",
    "lambda.amazonaws.com": "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    "scheduler.amazonaws.com": "https://docs.aws.amazon.com/scheduler/latest/UserGuide/"
    "cross-service-confused-deputy-prevention.html",
    "states.amazonaws.com": "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
}
"""
Services whose documents say that they assume a role with aws:SourceAccount, by principal, each with the page.

A service that is not here may or may not tell; a condition that it never meets would lock it out, so none is advised.
"""


def check_trust(document: Document) -> Iterator[Remark]:
    """Yield who may come in through *document*, a trust policy, and perhaps should not."""
    if document.sort != "trust":
        return
    statements = document.statements()
    for statement in statements:
        if statement.allows and _lets_assume(statement):
            if "NotPrincipal" in statement.content:
                said = "Allow with NotPrincipal: everybody else may assume the role, strangers too"
                yield Remark("trust.not-principal", said, statement.number, "NotPrincipal")
            for sort, who in statement.principals():
                yield from _principal(document, statements, statement, sort, who)


def _lets_assume(statement: Statement) -> bool:
    if "NotAction" in statement.content:
        return not all(any_matches(statement.listed("NotAction"), action) for action in _ASSUMING)
    return any(any_matches(statement.listed("Action"), action) for action in _ASSUMING)


def _principal(
    document: Document, statements: tuple[Statement, ...], statement: Statement, sort: str, who: str
) -> Iterator[Remark]:
    number, part = statement.number, f"Principal.{sort}"
    match sort:
        case "AWS":
            yield from _aws(document, statements, statement, who)
        case "Service" if who in TELLS_ITS_SOURCE and not demands(statement, _SOURCES):
            said = f"{who} may come on behalf of anybody; it tells for whom (documented: {TELLS_ITS_SOURCE[who]})"
            yield Remark("trust.service", said, number, part)
        case "Federated" if not statement.conditions():
            yield Remark("trust.federated", f"everybody for whom {who} vouches", number, part)


def _aws(document: Document, statements: tuple[Statement, ...], statement: Statement, who: str) -> Iterator[Remark]:
    number, part = statement.number, "Principal.AWS"
    is_guarded = demands(statement, GUARDS) or any(
        _turns_away(other, who) and forbids_without(other, GUARDS) for other in statements
    )
    if who == "*":
        if not is_guarded and not demands(statement, _PERSONS | {"aws:principalaccount"}):
            yield Remark("trust.anyone", "everybody in every AWS account may assume the role", number, part)
        return
    root, account = _ROOT.fullmatch(who), _ACCOUNT.match(who)
    owner = root[1] if root else account[1] if account else None
    is_foreign = owner is not None and owner != document.account_id
    if is_foreign and root and not is_guarded and not demands(statement, _PERSONS):
        said = f"everybody in account {owner} whom its own policies allow may assume the role, unasked for any secret"
        yield Remark("trust.cross-account-root", said, number, part)
    elif is_foreign and not is_guarded:
        said = f"{who} is of account {owner} and shows neither an ExternalId nor an organisation"
        yield Remark("trust.cross-account", said, number, part)
    elif root:
        whose = "" if is_foreign else ", the role's own"
        yield Remark("trust.account-root", f"everybody whom account {owner}{whose} allows it", number, part)


def _turns_away(statement: Statement, who: str) -> bool:
    """Tell whether a statement is about assuming the role, and about *who*."""
    named = {member for sort, member in statement.principals() if sort == "AWS"}
    return bool(named & {"*", who}) and any_matches(statement.listed("Action"), "sts:AssumeRole")
