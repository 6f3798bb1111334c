"""Which documents are judged, and whose the findings are."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.catalogue.iam_names import IamNames
from lakeshare.planning.policy_checks.documents import Document, characters
from lakeshare.planning.policy_checks.sizes import check_attached, check_inline
from lakeshare.planning.policy_checks.subjects import Subject, judge_all, subjects_of
from lakeshare.resources.iam_policy import Arn, IamPolicy, Statement
from lakeshare.resources.iam_role import IamRole, OperatorTrust
from lakeshare.resources.values import KnownAfter, Place
from tests.unit.planning.policy_checks.table import OTHER_ROOT, OURS, allow, policy, trust

PLACE = Place("consumer", OURS, "eu-west-2")
ROLE = IamRole(PLACE, "reader", operator=OperatorTrust(f"arn:aws:iam::{OURS}:role/operator", "sha256:0123456789abcdef"))
STRANGER = '{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}'
OPENED = replace(ROLE, foreign_trust=(STRANGER,))


def ids(*subjects: Subject) -> list[tuple[str, str]]:
    return [(finding.id, finding.address) for finding in judge_all(subjects, IamNames())]


def test_a_role_that_stays_as_it_is_is_judged_as_it_stands() -> None:
    """Others' statements in the live trust are judged with ours."""
    (subject,) = subjects_of([ROLE], {ROLE.address: OPENED}, changing=())

    assert not subject.is_to_be_sent
    assert ids(subject) == [("trust.cross-account-root", ROLE.address)]


def test_a_role_that_changes_is_judged_as_it_will_be() -> None:
    """What the change takes out is not held against it, and what is sent is marked."""
    (subject,) = subjects_of([ROLE], {ROLE.address: OPENED}, changing={ROLE.address})

    assert subject.is_to_be_sent
    assert ids(subject) == []


def test_an_account_that_is_known_later_is_no_finding() -> None:
    """A policy is whole before the owner of the lake is known."""
    unknown = KnownAfter("producer/eu-west-2/association:x", "account", "association")
    arn = Arn("glue", "eu-west-2", unknown, "table/lake/calls")
    item = IamPolicy(PLACE, "reader", "lakeshare-x", (Statement("Read", ("glue:GetTable",), (arn,)),))

    (subject,) = subjects_of([item], {}, changing={item.address})

    assert ids(subject) == []


def test_documents_that_are_alike_have_findings_at_each_address() -> None:
    """A thousand roles with one slip are a thousand findings, and the document is looked at once."""
    document = Document("trust", OURS, policy(trust({"AWS": OTHER_ROOT})))

    found = ids(*(Subject(f"consumer/global/role:r{number}", PLACE, document) for number in range(3)))

    assert [address for _, address in found] == [f"consumer/global/role:r{number}" for number in range(3)]


def test_inline_policies_of_a_role_are_counted_together() -> None:
    """Two that fit alone are too long together, of one role; of two roles they are not."""
    base = policy(allow(), Id="")
    half = {**base, "Id": "x" * (6000 - characters(base))}

    def subject(role: str, name: str) -> Subject:
        return Subject(f"consumer/global/policy:{role}/{name}", PLACE, Document("identity", OURS, half))

    assert ids(subject("a", "one"), subject("a", "two")) == [("size.inline", "consumer/global/policy:a/two")]
    assert ids(subject("a", "one"), subject("b", "two")) == []


def test_the_limit_of_inline_policies_is_exact() -> None:
    """10,240 characters are taken, white space in texts and between them not counted; one more is not."""
    base = policy(allow(), Id="")
    full = {**base, "Id": "x" * (10_240 - characters(base)) + "   "}

    assert not list(check_inline([full]))
    assert [remark.id for remark in check_inline([{**full, "Id": full["Id"] + "x"}])] == ["size.inline"]


def test_ten_managed_policies_are_taken() -> None:
    """An eleventh needs the quota raised."""
    assert not list(check_attached(10))
    assert [remark.id for remark in check_attached(11)] == ["size.attached"]
