"""What IAM Access Analyzer says of policies that are about to be sent. Asked where it may be; never needed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from lakeshare.access.permitted import refusals
from lakeshare.errors import CallError
from lakeshare.planning.least_policy import Allowed
from lakeshare.planning.policy_checks import Document, Finding, Remark, as_findings, redacted
from lakeshare.planning.policy_checks.subjects import Subject, moved
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place

_IDS: Final = {
    "ERROR": "analyzer.error",
    "SECURITY_WARNING": "analyzer.security-warning",
    "WARNING": "analyzer.warning",
    "SUGGESTION": "analyzer.suggestion",
}


ASKING: Final = Allowed(("access-analyzer:ValidatePolicy",), ("*",))
MOST_ASKED: Final = 100
"""Of so many documents in an account the analyzer is asked; AWS does not say how many calls a second it takes."""


def ask_analyzer(run: Run, subjects: Iterable[Subject]) -> list[Finding]:
    """
    Return ValidatePolicy's findings on *subjects*; documents of one account that are alike are sent once.

    ExternalIds go out as digests. IAM is asked first whether the operator may: the right is no part of the least
    policy. Where it may not, or the service is not there, one note per account says so.
    """
    by_account: dict[str, dict[str, list[Subject]]] = defaultdict(lambda: defaultdict(list))
    for subject in subjects:
        text = json.dumps(redacted(subject.document.content), separators=(",", ":"))
        by_account[subject.place.alias][f"{subject.document.sort} {text}"].append(subject)
    answers = run.aws.in_parallel(lambda alike: _ask_account(run, list(alike.values())), by_account.values())
    return [finding for found in answers for finding in found]


def _ask_account(run: Run, alike: Sequence[list[Subject]]) -> list[Finding]:
    """Ask about each document once."""
    place = alike[0][0].place
    if refusals(run, place, run.aws.identity(place.alias).principal_arn, [ASKING]):
        said = f"IAM does not let the operator ask IAM Access Analyzer in {place.alias}"
        return _unasked(place, said)
    try:
        answers = run.aws.in_parallel(lambda members: _ask(run, members), alike[:MOST_ASKED])
    except CallError as error:
        said = f"IAM Access Analyzer could not be asked in {place.alias} ({error.aws_code or 'no answer'})"
        return _unasked(place, said)
    left = len(alike) - MOST_ASKED
    more = _unasked(place, f"{left} more documents in {place.alias} were not sent to it") if left > 0 else []
    return [finding for found in (*answers, more) for finding in found]


def _unasked(place: Place, said: str) -> list[Finding]:
    return list(as_findings([Remark("unchecked.analyzer", said)], f"{place.alias}/global"))


def _ask(run: Run, members: Sequence[Subject]) -> list[Finding]:
    subject = members[0]
    place, document = subject.place, subject.document
    kind: dict[str, str] = {"policyType": "IDENTITY_POLICY"}
    if document.sort == "trust":
        kind = {
            "policyType": "RESOURCE_POLICY",
            "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
        }
    rows = run.aws.advice(
        place.alias,
        place.region,
        "accessanalyzer",
        "validate_policy",
        "findings",
        policyDocument=json.dumps(redacted(document.content)),
        **kind,
    )
    found = list(as_findings((_remark(row, document) for row in rows), subject.address, document))
    return [moved(finding, member.address) for member in members for finding in found]


def _remark(row: Mapping[str, Any], document: Document) -> Remark:
    path = [step for location in row.get("locations", ())[:1] for step in location.get("path", ())]
    number, part = _place(path, document)
    said = f"{row['issueCode']}: {row['findingDetails']}"
    return Remark(_IDS.get(row["findingType"], "analyzer.warning"), said, number, part, f"see {row['learnMoreLink']}")


def _place(path: Sequence[Mapping[str, Any]], document: Document) -> tuple[int | None, str]:
    """Return the statement's number and the place within it of what AWS gives as a path of values and indexes."""
    steps: list[Any] = [step.get("value", step.get("index")) for step in path]
    if steps[:1] != ["Statement"]:
        return None, ".".join(str(step) for step in steps)
    is_list = isinstance(document.content.get("Statement"), list)
    number = int(steps[1]) if is_list and len(steps) > 1 and isinstance(steps[1], int) else None if is_list else 0
    inside = steps[2 if is_list else 1 :]
    return number, ".".join(step for step in inside if isinstance(step, str))
