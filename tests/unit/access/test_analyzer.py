"""What is sent to IAM Access Analyzer, how often, and what becomes of its answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from lakeshare.access.analyzer import MOST_ASKED, ask_analyzer
from lakeshare.aws.access import Aws, Identity
from lakeshare.errors import CallError
from lakeshare.planning.policy_checks import Document
from lakeshare.planning.policy_checks.subjects import Subject
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

OURS = "111111111111"
PLACE = Place("consumer", OURS, "eu-west-2")


@dataclass
class RecordingAws:
    """Answers ValidatePolicy with *rows*, or with *error*, and keeps what it was asked."""

    rows: tuple[dict[str, Any], ...] = ()
    error: CallError | None = None
    decision: str = "allowed"
    asked: list[dict[str, Any]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def advice(self, *_where: str, **params: Any) -> Iterable[dict[str, Any]]:
        """Answer as `Aws.advice` does."""
        with self.lock:
            self.asked.append(params)
        if self.error:
            raise self.error
        return self.rows

    def pages(self, *_where: str, **params: Any) -> Iterable[dict[str, Any]]:
        """Answer SimulatePrincipalPolicy, which is asked first."""
        assert params["ActionNames"] == ["access-analyzer:ValidatePolicy"]
        return [{"EvalActionName": params["ActionNames"][0], "EvalDecision": self.decision}]

    def identity(self, alias: str) -> Identity:
        """Tell who the operator is."""
        arn = f"arn:aws:iam::{OURS}:role/operator"
        return Identity(alias, OURS, arn, arn)

    def in_parallel(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Do one after the other."""
        return [function(item) for item in items]


def run(aws: RecordingAws) -> Run:
    return Run(cast("Aws", aws))


def trust(number: int = 0, secret: str = "a-secret") -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OURS}:role/r{number}"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": secret}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def subject(content: Any, name: str = "a", sort: Any = "trust") -> Subject:
    return Subject(f"consumer/global/role:{name}", PLACE, Document(sort, OURS, content), is_to_be_sent=True)


def row(*path: str | int, kind: str = "SECURITY_WARNING") -> dict[str, Any]:
    steps = [{"index": step} if isinstance(step, int) else {"value": step} for step in path]
    return {
        "findingType": kind,
        "issueCode": "CODE",
        "findingDetails": "Said.",
        "learnMoreLink": "https://docs.aws.amazon.com/x",
        "locations": [{"path": steps, "span": {}}],
    }


def test_secrets_go_out_as_digests() -> None:
    """No ExternalId leaves for a service that need not know it."""
    aws = RecordingAws()

    ask_analyzer(run(aws), [subject(trust())])

    (asked,) = aws.asked
    assert "a-secret" not in json.dumps(asked)
    assert "sha256:" in asked["policyDocument"]
    assert asked["policyType"] == "RESOURCE_POLICY"
    assert asked["validatePolicyResourceType"] == "AWS::IAM::AssumeRolePolicyDocument"


def test_what_is_alike_is_asked_once_and_told_of_each() -> None:
    """Two roles with one trust are one call, and two findings."""
    aws = RecordingAws((row("Statement", 0, "Principal", "AWS"),))

    found = ask_analyzer(run(aws), [subject(trust(), "a"), subject(trust(), "b")])

    assert len(aws.asked) == 1
    assert [(one.id, one.address, one.where) for one in found] == [
        ("analyzer.security-warning", "consumer/global/role:a", "Statement[0].Principal.AWS"),
        ("analyzer.security-warning", "consumer/global/role:b", "Statement[0].Principal.AWS"),
    ]
    assert found[0].message == "CODE: Said."
    assert found[0].mend == "see https://docs.aws.amazon.com/x"
    assert found[0].statement is not None


def test_a_statement_in_no_list_is_the_first() -> None:
    """AWS's path has no number where the document has no list."""
    single = {**trust(), "Statement": trust()["Statement"][0]}
    aws = RecordingAws((row("Statement", "Action"), row("Version", kind="ERROR"), row(kind="NEW_SORT")))

    found = ask_analyzer(run(aws), [subject(single)])

    assert [(one.id, one.where) for one in found] == [
        ("analyzer.security-warning", "Statement[0].Action"),
        ("analyzer.error", "Version"),
        ("analyzer.warning", ""),
    ]


def test_a_refusal_is_asked_once_and_noted_once() -> None:
    """Where the first document is refused the others are not sent."""
    aws = RecordingAws(error=CallError("no", aws_code="AccessDeniedException"))

    (found,) = ask_analyzer(run(aws), [subject(trust(number)) for number in range(5)])

    assert len(aws.asked) == 1
    assert (found.id, found.severity, found.address) == ("unchecked.analyzer", "note", "consumer/global")
    assert "AccessDeniedException" in found.message


def test_who_may_not_ask_does_not() -> None:
    """Where IAM says beforehand that it would refuse the call, it is not made."""
    aws = RecordingAws(decision="implicitDeny")

    (found,) = ask_analyzer(run(aws), [subject(trust())])

    assert aws.asked == []
    assert found.id == "unchecked.analyzer"
    assert "does not let the operator ask" in found.message


def test_so_many_documents_are_asked_about_and_the_rest_counted() -> None:
    """A thousand policies that all differ do not make a plan wait for a thousand answers."""
    aws = RecordingAws()

    (found,) = ask_analyzer(run(aws), [subject(trust(number)) for number in range(MOST_ASKED + 7)])

    assert len(aws.asked) == MOST_ASKED
    assert found.message == "7 more documents in consumer were not sent to it"
