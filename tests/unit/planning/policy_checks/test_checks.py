"""Each check has a policy that shows it and a near miss that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.catalogue.iam_names import IamNames
from lakeshare.planning.policy_checks import CHECKS, Document, Finding, as_blockers, judge
from tests.unit.planning.policy_checks.table import (
    CASES,
    ORGANISATION,
    OTHER_ROLE,
    OTHER_ROOT,
    OURS,
    SECRET,
    Case,
    allow,
    policy,
    trust,
)

ADDRESS = "consumer/global/role:reader"


def judged(document: Document) -> tuple[Finding, ...]:
    return judge(document, ADDRESS, IamNames())


def ids(document: Document) -> set[str]:
    return {finding.id for finding in judged(document)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_check_finds_what_it_is_about_and_no_near_miss(case: Case) -> None:
    """What has it is found, under the check's id; what is nearly so is not."""
    has, has_not = case.documents()

    assert case.id in ids(has)
    assert case.id not in ids(has_not)


def test_every_check_of_a_document_has_a_case() -> None:
    """No check of what is in a document goes without a table row; the others are about roles and about AWS."""
    elsewhere = {"size.inline", "size.attached", "name.managed-policy"}
    asked = {id_ for id_ in CHECKS if id_.startswith(("analyzer.", "unchecked."))}

    assert {case.id for case in CASES} == set(CHECKS) - elsewhere - asked


def test_only_a_bare_root_of_another_account_blocks() -> None:
    """Of all that is found in all the tables nothing else is in the way."""
    found = [finding for case in CASES for document in case.documents() for finding in judged(document)]

    assert {finding.id for finding in found if finding.blocks} == {"trust.cross-account-root"}
    assert {id_ for id_, check in CHECKS.items() if check.blocks} == {"trust.cross-account-root"}


def test_the_blocker_names_the_role_the_account_and_the_way_out() -> None:
    """Whoever is stopped reads where, why and what to do."""
    document = Document("trust", OURS, policy(trust({"Service": "ec2.amazonaws.com"}), trust({"AWS": OTHER_ROOT})))

    (blocker,) = as_blockers(judged(document))

    assert blocker.address == ADDRESS
    assert "account 222222222222" in blocker.reason
    assert "Statement[1].Principal.AWS" in blocker.reason
    assert "sts:ExternalId" in blocker.way_out


@pytest.mark.parametrize("condition", [SECRET, ORGANISATION], ids=["ExternalId", "organisation"])
def test_a_guarded_role_of_another_account_is_no_finding(condition: dict[str, Any]) -> None:
    """An exact role that shows an ExternalId, or its organisation, is how it should be."""
    assert judged(Document("trust", OURS, policy(trust({"AWS": OTHER_ROLE}, condition)))) == ()


def test_lake_formation_is_a_valid_principal() -> None:
    """A role for registered locations trusts lakeformation.amazonaws.com, and nothing is wrong with that."""
    document = policy(trust({"Service": "lakeformation.amazonaws.com"}))

    assert judged(Document("trust", OURS, document)) == ()


def test_no_external_id_is_told() -> None:
    """The statement of a finding holds a digest where its ExternalIds stood, in a list too; the rest is as it was."""
    condition = {
        "StringEquals": {"sts:ExternalId": ["a-long-secret", "another-secret"]},
        "StringEqualsIfExists": {"STS:externalid": "a-third-secret"},
    }
    statement = trust({"AWS": OTHER_ROOT}, condition)

    (finding,) = judged(Document("trust", OURS, policy(statement)))

    told = json.dumps(finding.statement)
    assert "secret" not in told + repr(finding)
    assert told.count("sha256:") == 3
    assert finding.statement is not None
    assert finding.statement["Principal"] == statement["Principal"]


@pytest.mark.parametrize(
    ("document", "meant"),
    [
        (policy(allow(Action="glue:GetTabel")), "glue:GetTable"),
        (policy(allow(Action="lakefromation:GetDataAccess", Resource="*")), "lakeformation:GetDataAccess"),
        (policy(allow(Condition={"StringEqual": {"aws:PrincipalOrgID": "o-1"}})), "StringEquals"),
        (policy(allow(Condition={"StringEquals": {"aws:SourceAcount": "1"}})), "aws:sourceaccount"),
        (policy(allow(Resources="*")), "Resource"),
    ],
)
def test_the_nearest_name_is_told(document: dict[str, Any], meant: str) -> None:
    """A slip is answered with what was probably meant."""
    messages = [finding.message for finding in judged(Document("identity", OURS, document))]

    assert any(f"did you mean {meant}?" in message for message in messages)


@pytest.mark.parametrize("sort", ["identity", "trust", "session", "managed"])
@pytest.mark.parametrize(
    "content",
    [None, [], 3, {}, {"Statement": 4}, {"Statement": [None]}, {"Statement": [{"Principal": 5, "Condition": [1]}]}],
)
def test_whatever_a_document_holds_is_judged(sort: Any, content: Any) -> None:
    """What is no policy at all has findings, and is no reason to fail."""
    assert judged(Document(sort, OURS, content))
