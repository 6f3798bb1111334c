"""
Proves each reader's access by a query as that reader, and each denial by a refusal. Writes nothing.

A role that only a service may assume cannot be acted as; there the proof is evaluated, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lakeshare.access.evaluate import why_not_in_place, why_readable
from lakeshare.access.proof import MOST_HIDDEN_COLUMNS, Proof, Question, Status, questions
from lakeshare.access.query import Caller, run_query
from lakeshare.errors import CallError, LakeshareError, QueryError
from lakeshare.planning.expand import place_of
from lakeshare.planning.graph import Reading, ResourceGraph
from lakeshare.planning.plan import Plan
from lakeshare.planning.session_policy import reader_session
from lakeshare.resources.kind import Memory, Run
from lakeshare.resources.lake_grant import walk_grants
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Unreadable
from lakeshare.spec import Spec

NOBODY_MAY_ACT = "nobody but a service may act as this role"
NO_SUCH_SESSION: Mapping[str, str] = {
    "sso": "only people who sign in through IAM Identity Center may act as this role",
    "user": "only the user's own keys act as the user",
    "account": "a whole account asks no queries",
    "quicksight": "only QuickSight acts for its users and groups",
    "saml": "only who signs in through the SAML provider acts as its users and groups",
    "identity_center": "only who signs in through IAM Identity Center acts as its users and groups",
}
"""Why no query can be asked as a reader of each sort."""
ONE_OF_MANY = f"only the first {MOST_HIDDEN_COLUMNS} hidden columns of a table are queried for"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What evaluated proofs rest on: the same graph, plan and observation that `plan` would show."""

    spec: Spec
    graph: ResourceGraph
    plan: Plan
    observed: Mapping[str, Any]


def prove(run: Run, evidence: Evidence, *, told: Callable[[Proof], None] = lambda _proof: None) -> list[Proof]:
    """
    Return a proof for every reading of the spec, in the spec's order.

    Queries run in parallel on the session's workers. *told* hears of each proof as it ends, from worker threads.
    """
    readings = evidence.graph.readings
    roles = list(dict.fromkeys((item.account, item.principal, item.external_id_digest) for item in readings))
    callers = dict(zip(roles, run.aws.in_parallel(lambda role: _act_as(run, *role), roles), strict=True))
    evaluating = replace(run, memory=Memory())

    def answer(question: Question) -> Proof:
        reading = question.reading
        caller = callers[reading.account, reading.principal, reading.external_id_digest]
        proof = _answered(question, caller)
        told(proof)
        return proof

    def _answered(question: Question, caller: Caller | None) -> Proof:
        if caller is None:
            why = NO_SUCH_SESSION.get(question.reading.sort, NOBODY_MAY_ACT)
            return _evaluate(evaluating, evidence, question, why=why)
        if not question.is_asked:
            return _evaluate(evaluating, evidence, question, why=ONE_OF_MANY)
        proof = _ask(run, caller, question)
        if proof.expect == "deny" and proof.status == "not-proved":
            # The query failed before it came to the table, so the grants have to tell; the proof says that they did.
            return _evaluate(evaluating, evidence, question, why=f"the query never came to the table: {proof.error}")
        return proof

    now = run.clock.now()
    asked = [question for reading in readings for question in questions(reading, now)]
    return _without_vacuous_denials(run.aws.in_parallel(answer, asked))


def _act_as(run: Run, account: str, role_arn: str, digest: str | None) -> Caller | None:
    """Return a session as the reader, or None when nobody lets the operator have one."""
    if digest is None:
        return None
    try:
        return run.aws.acting_as(
            account,
            role_arn,
            external_id=run.secrets.get(digest),
            session_name="lakeshare-verify",
            policy=reader_session(),
        )
    except CallError as error:
        if error.aws_code in ("AccessDenied", "AccessDeniedException", "NoSuchEntity"):
            return None
        raise


def _ask(run: Run, caller: Caller, question: Question) -> Proof:
    reading = question.reading
    try:
        result = run_query(run, caller, reading.region, reading.workgroup, reading.database, question.sql)
    except QueryError as error:
        return _proof(question, "query", _status_of_failure(question, error), error=error.message)
    except LakeshareError as error:
        # The call itself failed, for a reason that is no refusal: nothing is shown either way.
        return _proof(question, "query", "not-proved", error=str(error))
    if question.expect == "allow":
        return _proof(question, "query", "pass", rows=len(result.rows))
    return _proof(question, "query", "fail", rows=len(result.rows), error="the query was answered")


def _status_of_failure(question: Question, error: QueryError) -> Status:
    if question.expect == "allow":
        return "fail"
    return "pass" if error.is_missing or _refuses(question.reading, error) else "not-proved"


def _refuses(reading: Reading, error: QueryError) -> bool:
    """Tell whether what failed is the reader's right to this table; IAM may have refused the catalog as a whole."""
    by_iam = "is not authorized to perform" in error.message
    names = (f"/{reading.database}/{reading.link}", f"/{reading.table}")
    return error.is_refusal and (not by_iam or any(f"{name} " in f"{error.message} " for name in names))


def _evaluate(run: Run, evidence: Evidence, question: Question, *, why: str) -> Proof:
    return replace(_evaluated(run, evidence, question), why_evaluated=why)


def _evaluated(run: Run, evidence: Evidence, question: Question) -> Proof:
    reading = question.reading
    if question.expect == "allow":
        depends_on = {address: item.depends_on for address, item in evidence.graph.resources.items()}
        missing = why_not_in_place(reading, evidence.plan, depends_on)
        if missing is None and reading.lacking:
            # Grants are not all that reading takes; what the role's policies say is only estimated, so not a failure.
            why = f"the role's policies do not seem to allow {', '.join(reading.lacking)}"
            return _proof(question, "evaluated", "not-proved", error=why)
        return _proof(question, "evaluated", "fail" if missing else "pass", error=missing)
    try:
        way_in = _way_in(run, evidence, reading, question.column)
    except LakeshareError as error:
        return _proof(question, "evaluated", "not-proved", error=str(error))
    return _proof(question, "evaluated", "fail" if way_in else "pass", error=way_in)


def _way_in(run: Run, evidence: Evidence, reading: Reading, column: str | None) -> str | None:
    """
    Return the grant by which the reader could read what it must not, or None.

    Raises LakeshareError when that cannot be told: the link is not there, or the grants may not be listed.
    """
    place = place_of(evidence.spec, reading.account)
    link = evidence.observed.get(f"{place}/link:{reading.database}.{reading.link}")
    if not isinstance(link, ResourceLink):
        why = f": {link.reason}" if isinstance(link, Unreadable) else ""
        raise LakeshareError(f"the link {reading.database}.{reading.link} is not there to be read or refused{why}")
    catalog = str(link.target_catalog)
    held = run.once(("grants", place, catalog), lambda: walk_grants(run, place, catalog))
    if isinstance(held, Unreadable):
        raise LakeshareError(held.reason)
    return why_readable(reading.principal, catalog, link.target_database, link.target_table, held, column)


def _proof(
    question: Question, method: Any, status: Status, *, rows: int | None = None, error: str | None = None
) -> Proof:
    reading = question.reading
    return Proof(
        reader=reading.reader,
        account=reading.account,
        share=reading.share,
        table=reading.table,
        link=reading.link,
        expect=question.expect,
        method=method,
        status=status,
        rows=rows,
        column=question.column,
        error=error,
    )


def _without_vacuous_denials(proofs: Sequence[Proof]) -> list[Proof]:
    """
    Call a denial unproved when the link is simply not there.

    "Does not exist" is how Athena hides a table, so it counts as a refusal; but only while somebody else's query shows
    that the link does exist, or, where nobody reads it, while nobody's query was expected to.
    """
    allowed = [item for item in proofs if item.expect == "allow"]
    there = {_link_of(item) for item in allowed if item.method == "query" and item.status == "pass"}
    broken = {_link_of(item) for item in allowed if item.status != "pass"} - there
    return [
        replace(item, status="not-proved")
        if item.expect == "deny"
        and item.method == "query"
        and item.status == "pass"
        and _link_of(item) in broken
        and any(text in (item.error or "") for text in ("NOT_FOUND", "does not exist"))
        else item
        for item in proofs
    ]


def _link_of(proof: Proof) -> tuple[str, str, str]:
    return proof.account, proof.share, proof.link
