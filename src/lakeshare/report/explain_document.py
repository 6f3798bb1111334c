"""The ``--json`` documents of ``explain``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakeshare.access.explain import Check, Explanation, Seen
from lakeshare.access.explain.observed import Entry
from lakeshare.access.known_errors import KnownError, Recognised
from lakeshare.access.known_errors.names import names_in
from lakeshare.report.json import Document, calls_of, document


def explain_document(seen: Seen, explanation: Explanation, calls: Mapping[str, Mapping[str, int]]) -> Document:
    """Return the document of ``explain`` about a principal and a table."""
    decisive = explanation.decisive
    return document(
        "explain",
        "ok",
        verdict=explanation.verdict,
        reason=explanation.reason,
        decided_by=decisive.id if decisive else None,
        principal=seen.asker.arn,
        table=seen.question.table,
        column=seen.question.column,
        link=str(seen.entry.spot) if isinstance(seen.entry, Entry) else None,
        target=f"{seen.target.catalog}:{seen.target}" if seen.target else None,
        in_spec=seen.in_spec.text if seen.in_spec else None,
        checks=[_check(item) for item in explanation.checks],
        explanations=[],
        calls=calls_of(calls),
    )


def _check(item: Check) -> Document:
    return {
        "id": item.id,
        "status": item.status,
        "looked_at": item.looked_at,
        "detail": item.detail,
        "fix": item.fix,
        "fix_in": item.fix_in,
        "is_presumed": item.is_presumed,
        "answer": item.answer,
    }


def error_text_document(text: str, found: Sequence[Recognised], nearest: Sequence[KnownError]) -> Document:
    """Return the document of ``explain`` about an error text: nothing was asked of AWS, so there are no checks."""
    return document(
        "explain",
        "ok",
        verdict="unknown",
        reason=found[0].meaning if found else "this text is not known",
        text=text,
        names=names_in(text).known(),
        checks=[],
        explanations=[
            {
                "id": item.known.id,
                "pattern": item.known.pattern,
                "meaning": item.meaning,
                "fix": item.fix,
                "evidence": item.known.evidence,
                "source": item.known.source,
            }
            for item in found
        ],
        nearest=[{"id": item.id, "pattern": item.pattern} for item in nearest],
    )
