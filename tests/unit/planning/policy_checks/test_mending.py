"""Which statements of a live trust policy a plan mends, and so does not hold against itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakeshare.catalogue.iam_names import IamNames
from lakeshare.planning.policy_checks.documents import Document
from lakeshare.planning.policy_checks.mending import mending
from lakeshare.planning.policy_checks.subjects import Subject, judge_all
from lakeshare.resources.iam_role import IamRole
from lakeshare.resources.iam_trust import IamTrust
from lakeshare.resources.trust import Trustee
from lakeshare.resources.values import Place
from tests.unit.planning.policy_checks.table import OTHER_ROOT, OURS, policy, trust

PLACE = Place("consumer", OURS, "eu-west-2")
ITEM = IamTrust(PLACE, "analyst", "LakeshareProof", Trustee("service", "lambda.amazonaws.com"))
LIVE = Document(
    "trust",
    OURS,
    policy(
        trust({"AWS": OTHER_ROOT}, Sid="LakeshareProof"),
        trust({"AWS": OTHER_ROOT}, Sid="Theirs"),
        trust({"Service": "ec2.amazonaws.com"}),
    ),
)
ALONE = Document("trust", OURS, policy(trust({"AWS": OTHER_ROOT}, Sid="LakeshareProof")))


@pytest.mark.parametrize(
    ("written", "leaving", "live", "expected"),
    [
        ([], [], LIVE, set()),
        ([ITEM], [], LIVE, {0}),
        ([], [ITEM], LIVE, {0}),
        ([ITEM], [], ALONE, {0}),
        ([], [ITEM], ALONE, set()),
        ([replace(ITEM, sid="LakeshareService")], [ITEM], ALONE, {0}),
        ([replace(ITEM, sid="LakeshareService")], [], LIVE, set()),
        ([replace(ITEM, role="other")], [], LIVE, set()),
        ([replace(ITEM, place=Place("consumer", "333333333333", "eu-west-2"))], [], LIVE, set()),
        ([replace(ITEM, place=Place("elsewhere", OURS, "us-east-1"))], [], LIVE, {0}),
        ([IamRole(PLACE, "analyst")], [], LIVE, set()),
    ],
)
def test_statements_of_ours_that_change_are_left_out(
    written: list[Any], leaving: list[Any], live: Document, expected: set[int]
) -> None:
    """Those of that account, that role and that Sid, unless IAM would not let the last one go."""
    assert mending(written, leaving).left_out(PLACE, "analyst", live) == expected


def test_what_is_left_out_has_no_finding_and_the_rest_keeps_its_number() -> None:
    """Two roles with one document, of which one is mended, are told apart."""
    subjects = [
        Subject("consumer/global/role:a", PLACE, replace(LIVE, left_out=frozenset({0}))),
        Subject("consumer/global/role:b", PLACE, LIVE),
    ]

    found = [(one.address[-1], one.where) for one in judge_all(subjects, IamNames())]

    assert found == [
        ("a", "Statement[1].Principal.AWS"),
        ("b", "Statement[0].Principal.AWS"),
        ("b", "Statement[1].Principal.AWS"),
    ]
