"""Who may come in: dangers of trust policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.planning.policy_checks.callers import accounts_of, are_guarded, are_somebody
from lakeshare.planning.policy_checks.conditions import Asked, asked_by, asked_by_refusal, demands
from lakeshare.planning.policy_checks.documents import Document, Statement
from lakeshare.planning.policy_checks.federation import lets_everybody_in
from lakeshare.planning.policy_checks.findings import Remark
from lakeshare.planning.policy_checks.patterns import any_matches

_SOURCES: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
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
    for statement in document.statements():
        if statement.allows and _lets_assume(statement):
            if "NotPrincipal" in statement.content:
                said = "Allow with NotPrincipal: everybody else may assume the role, strangers too"
                yield Remark("trust.not-principal", said, statement.number, "NotPrincipal")
            for sort, who in statement.principals():
                yield from _principal(document, statement, sort, who)


def _lets_assume(statement: Statement) -> bool:
    if "NotAction" in statement.content:
        return not all(any_matches(statement.listed("NotAction"), action) for action in _ASSUMING)
    return any(any_matches(statement.listed("Action"), action) for action in _ASSUMING)


def _principal(document: Document, statement: Statement, sort: str, who: str) -> Iterator[Remark]:
    asked = _asked(document, statement, sort, who)
    if any(not one.patterns for one in asked):
        return  # nobody can show what is asked for
    number, part = statement.number, f"Principal.{sort}"
    match sort:
        case "AWS":
            for id_, said in _aws(document, who, asked):
                yield Remark(id_, said, number, part)
        case "Service" if who in TELLS_ITS_SOURCE and not demands(asked, _SOURCES):
            said = f"{who} may come on behalf of anybody; it tells for whom (documented: {TELLS_ITS_SOURCE[who]})"
            yield Remark("trust.service", said, number, part)
        case "Federated":
            if everybody := lets_everybody_in(who, asked, has_conditions=bool(statement.conditions())):
                yield Remark("trust.federated", everybody, number, part)


def _asked(document: Document, statement: Statement, sort: str, who: str) -> tuple[Asked, ...]:
    """Return what *who* must show to come in by *statement*: what it asks for itself, and what no Deny lets pass."""
    others = (other for other in document.statements() if _turns_away(other, sort, who))
    return (
        *asked_by(statement, document.account_id),
        *(one for other in others for one in asked_by_refusal(other, document.account_id)),
    )


def _turns_away(statement: Statement, sort: str, who: str) -> bool:
    """Tell whether a statement is about assuming the role, and about *who*."""
    named = {(kind, _plain(member)) for kind, member in statement.principals()}
    action = "sts:AssumeRoleWithWebIdentity" if sort == "Federated" else "sts:AssumeRole"
    return bool(named & {("AWS", "*"), (sort, _plain(who))}) and any_matches(statement.listed("Action"), action)


def _plain(who: str) -> str:
    """Return an account's number in place of its root, which is the same (documented: principals)."""
    root = _ROOT.fullmatch(who)
    return root[1] if root else who


def _aws(document: Document, who: str, asked: tuple[Asked, ...]) -> Iterator[tuple[str, str]]:
    """Yield (id, what is wrong). Everybody, held to some accounts, is those accounts as they are."""
    held, root = accounts_of(asked), _ROOT.fullmatch(who)
    if root or (who == "*" and held is not None):
        named = {root[1]} if root else held or frozenset()
        for account in sorted(named if held is None else held & named):
            yield from _account(account, asked, is_foreign=account != document.account_id)
    elif who == "*":
        if not are_guarded(asked) and not are_somebody(asked, None):
            yield "trust.anyone", "everybody in every AWS account may assume the role"
    elif (found := _ACCOUNT.match(who)) and found[1] != document.account_id and not are_guarded(asked):
        yield (
            "trust.cross-account",
            f"{who} is of account {found[1]} and shows neither an ExternalId nor an organisation",
        )


def _account(account: str, asked: tuple[Asked, ...], *, is_foreign: bool) -> Iterator[tuple[str, str]]:
    is_somebody = are_somebody(asked, account)
    if is_foreign and not are_guarded(asked):
        if is_somebody:
            said = f"whom a condition lets in from account {account} shows neither an ExternalId nor an organisation"
            yield "trust.cross-account", said
        else:
            said = f"everybody in account {account} whom its own policies allow may assume the role"
            yield "trust.cross-account-root", f"{said}, unasked for any secret"
    elif not is_somebody:
        whose = "" if is_foreign else ", the role's own"
        yield "trust.account-root", f"everybody whom account {account}{whose} allows it"
