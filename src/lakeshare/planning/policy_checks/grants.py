"""What a policy gives: wildcards where they matter, roles passed on, and everything-but."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.planning.policy_checks.documents import Document, Statement
from lakeshare.planning.policy_checks.findings import Remark
from lakeshare.planning.policy_checks.patterns import is_wild, matches
from lakeshare.planning.policy_checks.vocabulary import Vocabulary

_PASSING: Final = "iam:PassRole"
_PASSED_TO: Final = "iam:passedtoservice"


def check_grants(document: Document, vocabulary: Vocabulary) -> Iterator[Remark]:
    """
    Yield what *document*, the policy of a role or a session, gives beyond what can be told.

    ``lakeformation:GetDataAccess`` on ``*`` is no finding: the action knows no resources.
    """
    if document.sort == "trust":
        return
    for statement in document.statements():
        if statement.allows:
            yield from _allow(statement, vocabulary)


def _allow(statement: Statement, vocabulary: Vocabulary) -> Iterator[Remark]:
    number = statement.number
    if "NotAction" in statement.content:
        yield Remark("grant.not-action", "Allow with NotAction", number, "NotAction")
    if "NotResource" in statement.content:
        yield Remark("grant.not-resource", "Allow with NotResource", number, "NotResource")
    is_everywhere = "*" in statement.listed("Resource")
    unbound: list[str] = []
    for action in statement.listed("Action"):
        service, _, name = action.partition(":")
        if action in ("*", "*:*"):
            if is_everywhere and not statement.conditions():
                yield Remark("grant.everything", "every action on every resource", number, "Action")
            else:
                yield Remark("grant.whole-service", "every action of every service", number, "Action")
        elif name == "*":
            yield Remark("grant.whole-service", f"every action of {service}", number, "Action")
        elif matches(action, _PASSING):
            yield from _pass_role(statement, action)
        elif is_everywhere and not statement.conditions():
            unbound += _changing(service.lower(), name, vocabulary)
    if unbound:
        said = f"{_listed(unbound)} on every resource"
        yield Remark("grant.any-resource", said, number, "Resource")


def _pass_role(statement: Statement, action: str) -> Iterator[Remark]:
    wild = [arn for arn in statement.listed("Resource") if arn == "*" or is_wild(arn.rpartition("/")[0])]
    wild += [arn for arn in statement.listed("Resource") if arn not in wild and arn.endswith(":role/*")]
    if wild and not any(line.key == _PASSED_TO for line in statement.conditions()):
        yield Remark("grant.pass-any-role", f"{action} on {wild[0]}", statement.number, "Resource")


def _changing(service: str, name: str, vocabulary: Vocabulary) -> list[str]:
    if is_wild(service):
        return []
    return [
        f"{service}:{known}"
        for known in vocabulary.actions(service)
        if matches(name, known) and vocabulary.can_be_held_to_resources(service, known)
    ]


def _listed(actions: list[str]) -> str:
    shown = list(dict.fromkeys(actions))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more
