"""Which policies a plan is about: those that it would write, and live ones that it leaves as they are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.planning.policy_checks.documents import Document
from lakeshare.planning.policy_checks.findings import Finding
from lakeshare.planning.policy_checks.judge import as_findings, judge
from lakeshare.planning.policy_checks.sizes import check_inline
from lakeshare.planning.policy_checks.vocabulary import Vocabulary
from lakeshare.resources.iam_policy import IamPolicy
from lakeshare.resources.iam_role.model import IamRole, trust_document
from lakeshare.resources.iam_trust.model import IamTrust
from lakeshare.resources.values import Place, resolve


@dataclass(frozen=True, slots=True)
class Subject:
    """A document, the resource whose it is, and whether this run is about to send it."""

    address: str
    place: Place
    document: Document
    is_to_be_sent: bool = False


def subjects_of(wanted: Iterable[Any], observed: Mapping[str, Any], changing: Collection[str]) -> Iterator[Subject]:
    """
    Yield the policies of the roles in *wanted*: what is to be sent where the address is *changing*, else what stands.

    ExternalIds are digests in both. An account that nobody knows yet is written as the role's own.
    """
    for item in wanted:
        is_sent = item.address in changing
        if isinstance(item, IamRole):
            there = observed.get(item.address)
            judged = there if isinstance(there, IamRole) and not is_sent else item
            content = standing_trust(judged) if judged is there else desired_trust(item)
            yield Subject(item.address, item.place, Document("trust", item.place.account_id, content), is_sent)
        elif isinstance(item, IamTrust):
            ours = {"Version": "2012-10-17", "Statement": [item.trustee.statement(item.trustee.external_id_digest)]}
            yield Subject(item.address, item.place, Document("trust", item.place.account_id, ours), is_sent)
        elif isinstance(item, IamPolicy):
            yield Subject(item.address, item.place, _policy(item), is_sent)


def desired_trust(role: IamRole) -> Mapping[str, Any]:
    """Return the trust policy that *role* is to have, with the digest of its ExternalId."""
    shown = [role.operator.external_id_digest] if role.operator else []
    shown += [trustee.external_id_digest for trustee in role.trustees if trustee.external_id_digest]
    return trust_document(role, {digest: digest for digest in shown})


def standing_trust(role: IamRole) -> Mapping[str, Any]:
    """Return the trust policy that an observed *role* has, others' statements after ours."""
    ours = desired_trust(role)
    return {**ours, "Statement": [*ours["Statement"], *(json.loads(text) for text in role.foreign_trust)]}


def _policy(item: IamPolicy) -> Document:
    known: IamPolicy = resolve(item, lambda _unknown: item.place.account_id)
    return Document("identity", item.place.account_id, known.document())


def judge_all(subjects: Iterable[Subject], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return what is wrong with each of *subjects*; documents that are alike are looked at once."""
    known: dict[str, tuple[Finding, ...]] = {}
    found: list[Finding] = []
    inline: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for subject in subjects:
        document = subject.document
        told = [document.sort, document.account_id, document.content, sorted(document.left_out)]
        text = json.dumps(told, sort_keys=True, default=str)
        if text not in known:
            known[text] = judge(document, subject.address, vocabulary)
        found += (moved(item, subject.address) for item in known[text])
        if document.sort == "identity":
            inline[subject.place.alias, role_of(subject.address)].append((subject.address, document.content))
    for members in inline.values():
        found += as_findings(check_inline(content for _, content in members), members[-1][0])
    return tuple(found)


def role_of(address: str) -> str:
    """Return ``ROLE`` of ``consumer/global/policy:ROLE/name``."""
    return address.partition("/global/")[2].partition(":")[2].partition("/")[0]


def moved(finding: Finding, address: str) -> Finding:
    """Return *finding* as one about the resource at *address*."""
    if finding.address == address:
        return finding
    return Finding(
        finding.id,
        finding.severity,
        address,
        finding.where,
        finding.message,
        finding.mend,
        finding.source,
        finding.statement,
    )
