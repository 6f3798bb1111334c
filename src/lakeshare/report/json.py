"""The ``--json`` documents. Their format version is a promise: additions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from lakeshare.access.doctor import Checked
from lakeshare.access.doctor.finding import STATUSES
from lakeshare.access.proof import Proof
from lakeshare.errors import BlockedError, LakeshareError, SpecError
from lakeshare.planning.differences import Difference
from lakeshare.planning.policy_checks import Finding
from lakeshare.report.apply_view import ApplyView, Loan, Outcome
from lakeshare.report.doctor_view import DoctorView
from lakeshare.report.drift_view import DriftView, moment
from lakeshare.report.plan_view import PlanView
from lakeshare.report.verify_view import VerifyView
from lakeshare.resources.values import Blocker, NoOp, Step

FORMAT_VERSION: Final = "1.0"

Document: TypeAlias = dict[str, Any]


def document(command: str, status: str, **members: Any) -> Document:
    """Return a document of *command*; every one begins with the same three members."""
    return {"format_version": FORMAT_VERSION, "command": command, "status": status, **members}


def error_document(command: str | None, error: LakeshareError) -> Document:
    """Return the document of a command that ended in *error*."""
    return document(command or "lakeshare", "failed", **_error(error))


def _error(error: LakeshareError) -> Document:
    members: Document = {"error": error.as_json()}
    if isinstance(error, SpecError):
        members["mistakes"] = mistakes(error)
    if isinstance(error, BlockedError):
        members["blockers"] = list(error.blockers)
    return members


def mistakes(error: SpecError) -> list[Document]:
    """Return the mistakes of a spec, in the order of the file."""
    return [
        {"file": item.file, "line": item.line, "column": item.column, "message": item.message}
        for item in error.mistakes
    ]


def plan_document(view: PlanView, *, show_no_op: bool = False) -> Document:
    """Return the document of ``plan``; *show_no_op* lists what is in place instead of only counting it."""
    plan = view.plan
    found = document(
        "plan",
        "blocked" if plan.blockers else "ok",
        has_changes=plan.has_changes,
        is_complete=plan.is_complete,
        counts={action: plan.counts().get(action, 0) for action in ("create", "update", "replace", "delete")},
        steps=[_step(step, plan.pulled_in) for step in plan.steps],
        no_op=len(plan.no_ops),
        blockers=[_blocker(item) for item in plan.blockers],
        notes=list(plan.notes),
        findings=[finding_document(item) for item in plan.findings],
        targets=list(plan.targets),
        operators={
            alias: {"account": who.account_id, "region": who.region, "principal": who.principal}
            | ({"via": who.via} if who.via else {})
            for alias, who in plan.operators.items()
        },
        calls=calls_of(plan.calls),
    )
    return found | {"no_ops": [_no_op(item) for item in plan.no_ops]} if show_no_op else found


def finding_document(item: Finding) -> Document:
    """Return what is wrong with a policy; ``statement`` has digests for ExternalIds."""
    return {
        "id": item.id,
        "severity": item.severity,
        "blocks": item.blocks,
        "address": item.address,
        "where": item.where,
        "message": item.message,
        "statement": item.statement,
        "mend": item.mend,
        "source": item.source,
    }


def drift_document(
    view: DriftView,
    *,
    in_place: int,
    kept: Sequence[NoOp],
    notes: Sequence[str],
    calls: Mapping[str, Mapping[str, int]],
    is_complete: bool = True,
) -> Document:
    """Return the document of ``drift``."""
    return document(
        "drift",
        "blocked" if view.blocked else "ok",
        has_changes=bool(view.differences),
        is_complete=is_complete,
        counts=view.counts(),
        differences=[_difference(item) for item in view.differences],
        in_place=in_place,
        kept=[_no_op(item) for item in kept],
        notes=list(notes),
        calls=calls_of(calls),
    )


def refresh_document(
    view: DriftView, *, in_place: int, notes: Sequence[str], calls: Mapping[str, Mapping[str, int]]
) -> Document:
    """Return the document of ``plan --refresh-only``: that of a plan in which nothing is to be done."""
    return document(
        "plan",
        "ok",
        refresh_only=True,
        has_changes=bool(view.differences),
        is_complete=True,
        counts=view.counts(),
        differences=[_difference(item) for item in view.differences],
        steps=[],
        no_op=in_place,
        blockers=[],
        notes=list(notes),
        calls=calls_of(calls),
    )


def apply_document(command: str, view: ApplyView, notes: Sequence[str] = ()) -> Document:
    """Return the document of ``apply`` or ``destroy``; *notes* are those of the plan that it carried out."""
    return document(
        command,
        view.status,
        run_id=view.run_id,
        outcomes=[_outcome(item) for item in view.outcomes],
        loans=[_loan(item) for item in view.loans],
        notes=list(notes),
        calls=calls_of(view.calls),
        **(_error(view.trouble) if view.trouble else {}),
    )


def verify_document(view: VerifyView) -> Document:
    """Return the document of ``verify``."""
    return document(
        "verify",
        view.status,
        passed=view.count("pass"),
        failed=view.count("fail"),
        not_proved=view.count("not-proved"),
        has_changes=view.differences > 0,
        proofs=[_proof(item) for item in view.proofs],
        calls=calls_of(view.calls),
    )


def doctor_document(view: DoctorView) -> Document:
    """Return the document of ``doctor``."""
    return document(
        "doctor",
        "blocked" if view.is_blocked else "ok",
        counts={status: view.count(status) for status in STATUSES},
        checks=[_checked(item) for item in view.checks],
        calls=calls_of(view.calls),
    )


def query_document(
    reader: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]], scanned_bytes: int, query_id: str
) -> Document:
    """Return the document of ``query``; rows are lists of text, null where the answer has none."""
    return document(
        "query",
        "ok",
        reader=reader,
        columns=list(columns),
        rows=[list(row) for row in rows],
        scanned_bytes=scanned_bytes,
        query_id=query_id,
    )


def _step(step: Step, pulled_in: Mapping[str, Sequence[str]]) -> Document:
    return {
        "address": step.address,
        "kind": step.kind,
        "action": step.action,
        "reason": step.reason,
        "depends_on": list(step.depends_on),
        "is_provisional": step.is_provisional,
        "is_pulled_in": step.address in pulled_in,
        "because_of": list(pulled_in.get(step.address, ())),
    }


def _no_op(item: NoOp) -> Document:
    return {"address": item.address, "kind": item.kind, "reason": item.reason, "is_ours": item.is_ours}


def _blocker(item: Blocker) -> Document:
    return {"address": item.address, "kind": item.kind, "reason": item.reason, "way_out": item.way_out}


def _difference(item: Difference) -> Document:
    making = item.making
    return {
        "address": item.address,
        "kind": item.kind,
        "change": item.change,
        "reason": item.reason,
        "action": item.action,
        "account": item.account_id,
        "is_ours": item.is_ours,
        "made_at": moment(making.made_at) if making else None,
        "run_id": making.run_id if making else None,
        "by": making.by if making else None,
        "host": making.host if making else None,
        "way_out": item.way_out,
        "line": item.line,
        "depends_on": list(item.depends_on),
    }


def _outcome(item: Outcome) -> Document:
    found: Document = {
        "address": item.address,
        "action": item.action,
        "status": item.status,
        "error": {**item.error.as_json(), "address": item.error.address or item.address} if item.error else None,
    }
    found |= {"because": item.because} if item.because else {}
    return found | ({"note": item.note} if item.note else {})


def _loan(item: Loan) -> Document:
    return {
        "address": item.address,
        "account": item.account,
        "principal": item.principal,
        "status": "open" if item.error else "given-back",
        "error": item.error.as_json() if item.error else None,
    }


def _proof(proof: Proof) -> Document:
    return {
        "reader": proof.reader,
        "account": proof.account,
        "share": proof.share,
        "table": proof.table,
        "link": proof.link,
        "column": proof.column,
        "expect": proof.expect,
        "method": proof.method,
        "status": proof.status,
        "rows": proof.rows,
        "error": proof.error,
        "why_evaluated": proof.why_evaluated,
    }


def _checked(item: Checked) -> Document:
    finding = item.finding
    told: Document = {
        "id": item.id,
        "title": item.title,
        "status": item.status,
        "account": item.account,
        "account_id": item.account_id,
        "saw": finding.saw,
        "fix": finding.fix,
    }
    return told | ({"detail": finding.detail} if finding.detail else {})


def calls_of(calls: Mapping[str, Mapping[str, int]]) -> Document:
    """Return *calls*, by account and operation, in order."""
    return {account: dict(sorted(counts.items())) for account, counts in sorted(calls.items())}
