"""All checks over one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakeshare.planning.policy_checks.documents import Document, redacted
from lakeshare.planning.policy_checks.findings import Finding, Remark
from lakeshare.planning.policy_checks.grammar import check_grammar
from lakeshare.planning.policy_checks.grants import check_grants
from lakeshare.planning.policy_checks.listed import CHECKS
from lakeshare.planning.policy_checks.names import check_names
from lakeshare.planning.policy_checks.sizes import check_size
from lakeshare.planning.policy_checks.trust import check_trust
from lakeshare.planning.policy_checks.vocabulary import Vocabulary
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.values import Blocker


def judge(document: Document, address: str, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return what is wrong with *document*, the policy of the resource at *address*, in the order of the document."""
    remarks = [
        *check_grammar(document),
        *check_size(document),
        *check_names(document, vocabulary),
        *check_trust(document),
        *check_grants(document, vocabulary),
    ]
    remarks = [remark for remark in remarks if remark.statement not in document.left_out]
    remarks.sort(key=lambda remark: -1 if remark.statement is None else remark.statement)
    return tuple(as_findings(remarks, address, document))


def as_findings(remarks: Iterable[Remark], address: str, document: Document | None = None) -> Iterator[Finding]:
    """Return *remarks* as findings about the resource at *address*; *document* is what they speak of."""
    statements = {one.number: one for one in document.statements()} if document else {}
    for remark in remarks:
        check = CHECKS[remark.id]
        statement = statements.get(remark.statement) if remark.statement is not None else None
        yield Finding(
            remark.id,
            remark.severity or check.severity,
            address,
            _where(remark),
            remark.message,
            remark.mend or check.mend,
            check.source,
            redacted(statement.content) if statement else None,
        )


def _where(remark: Remark) -> str:
    if remark.statement is None:
        return remark.part
    return f"Statement[{remark.statement}]" + (f".{remark.part}" if remark.part else "")


def as_blockers(findings: Iterable[Finding]) -> tuple[Blocker, ...]:
    """Return those of *findings* that keep a plan from being carried out."""
    return tuple(Blocker(item.address, IamRole.kind, _reason(item), item.mend) for item in findings if item.blocks)


def _reason(item: Finding) -> str:
    return f"{item.message} ({item.id}, {item.where} of its trust policy)"
