"""Names that AWS does not have: IAM takes them without a word, and they do nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from lakeshare.catalogue.nearest import nearest
from lakeshare.planning.policy_checks.documents import Document, Statement
from lakeshare.planning.policy_checks.findings import Remark
from lakeshare.planning.policy_checks.patterns import matches
from lakeshare.planning.policy_checks.vocabulary import Vocabulary

_GLOBAL_NAMES: Final = (
    "AssumedRoot CalledVia CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime Ec2InstanceSourcePrivateIPv4"
    " Ec2InstanceSourceVpc EpochTime FederatedProvider IsMcpServiceAction MultiFactorAuthAge MultiFactorAuthPresent"
    " PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName"
    " PrincipalServiceNamesList PrincipalTag PrincipalType Referer RequestedRegion RequestTag ResourceAccount"
    " ResourceOrgID ResourceOrgPaths ResourceTag SecureTransport SignInSessionArn SourceAccount SourceArn"
    " SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime"
    " UserAgent userid username ViaAWSMCPService ViaAWSService VpceAccount VpceOrgID VpceOrgPaths VpcSourceIp"
)
GLOBAL_KEYS: Final = frozenset(f"aws:{name.lower()}" for name in _GLOBAL_NAMES.split(" "))
"""The condition keys that all services may know, in lower case (documented: global condition context keys)."""
_CLOSE: Final = 0.85
"""Keys are too alike each other, and new ones too frequent, to call any unknown one a slip."""


def check_names(document: Document, vocabulary: Vocabulary) -> Iterator[Remark]:
    """Yield the actions, services and condition keys in *document* that nobody knows."""
    for statement in document.statements():
        for element in ("Action", "NotAction"):
            for action in statement.listed(element):
                yield from _action(statement, element, action, vocabulary)
        yield from _keys(statement, vocabulary)


def _action(statement: Statement, element: str, action: str, vocabulary: Vocabulary) -> Iterator[Remark]:
    prefix, _, name = action.partition(":")
    service = prefix.lower()
    if not name or "*" in service or "?" in service:
        return
    if service not in vocabulary.services():
        close = nearest(service, sorted(vocabulary.services()))
        meant = f"; did you mean {close}:{name}?" if close else ""
        yield Remark("name.service", f"no service is called {prefix}{meant}", statement.number, element)
        return
    known = vocabulary.actions(service)
    if not any(matches(name, each) for each in known):
        close = nearest(name.replace("*", "").replace("?", ""), known)
        meant = f"; did you mean {service}:{close}?" if close else ""
        yield Remark("name.action", f"{prefix} has no action {name}{meant}", statement.number, element)


def _keys(statement: Statement, vocabulary: Vocabulary) -> Iterator[Remark]:
    for line in statement.conditions():
        prefix, colon, _ = line.key.partition(":")
        bare = line.key.split("/", 1)[0]
        known = GLOBAL_KEYS if prefix == "aws" else vocabulary.condition_keys(prefix)
        if not colon or not known or bare in known or _fits(line.key, known):
            continue
        close = nearest(bare, sorted(known), cutoff=_CLOSE)
        if close:
            said = f"there is no condition key {line.key}; did you mean {close}?"
            yield Remark("name.condition-key", said, statement.number, f"Condition.{line.operator}")


def _fits(key: str, known: Collection[str]) -> bool:
    return any(re.fullmatch(pattern, key) for pattern in _templates(known))


def _templates(known: Iterable[str]) -> Iterator[str]:
    for key in known:
        if "${" in key:
            yield re.sub(r"\\\$\\\{[^}]*\}", ".+", re.escape(key))
