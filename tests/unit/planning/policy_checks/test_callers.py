"""Whom a trust policy lets in, however it is written: each form with the findings that it has, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.catalogue.iam_names import IamNames
from lakeshare.planning.policy_checks import Document, judge
from tests.unit.planning.policy_checks.table import ORGANISATION, OTHER_ROOT, OURS, SECRET, THEIRS, policy, trust

BARE = "trust.cross-account-root"
ANYONE = "trust.anyone"
SOMEBODY = "trust.cross-account"
WHOLE = "trust.account-root"
ROLE_ID = "AROAEXAMPLEID12345678"


def like(key: str, *values: str) -> dict[str, Any]:
    """Return a condition in which wildcards count."""
    return {"StringLike": {key: list(values)}}


def equals(key: str, *values: str) -> dict[str, Any]:
    """Return a condition in which they are letters."""
    return {"StringEquals": {key: list(values)}}


def arn_like(*values: str) -> dict[str, Any]:
    """Return a condition on the caller's ARN, part by part."""
    return {"ArnLike": {"aws:PrincipalArn": list(values)}}


def found(*statements: dict[str, Any]) -> list[str]:
    """Return the ids of what is wrong with who may come in."""
    findings = judge(Document("trust", OURS, policy(*statements)), "a", IamNames())
    return [finding.id for finding in findings if finding.id.startswith("trust.")]


EVERYBODY = [
    ({}, [ANYONE]),
    # Held to accounts as a whole.
    (equals("aws:PrincipalAccount", THEIRS), [BARE]),
    (equals("AWS:principalaccount", OURS), [WHOLE]),
    (equals("aws:PrincipalAccount", "${aws:ResourceAccount}"), [WHOLE]),
    (equals("aws:PrincipalAccount", OURS, THEIRS), [WHOLE, BARE]),
    (like("aws:PrincipalAccount", THEIRS), [BARE]),
    ({"ForAnyValue:StringEquals": {"aws:PrincipalAccount": THEIRS}}, [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:*"), [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}*"), [BARE]),
    (arn_like(f"arn:*:iam::{THEIRS}:role/*"), [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{OURS}:*"), [WHOLE]),
    (like("aws:userid", f"{THEIRS}:*"), [BARE]),
    # Held to accounts, and to more.
    ({"StringEquals": {"aws:PrincipalAccount": THEIRS, "sts:ExternalId": "a-long-secret"}}, [WHOLE]),
    ({"StringEquals": {"aws:PrincipalAccount": THEIRS, "aws:PrincipalTag/team": "x"}}, [BARE]),
    (equals("aws:PrincipalAccount", THEIRS) | arn_like("arn:aws:iam::*:role/x"), [SOMEBODY]),
    (equals("aws:PrincipalAccount", THEIRS) | arn_like(f"arn:aws:iam::{OURS}:role/x"), []),
    (equals("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/x"), [SOMEBODY]),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/*/x"), [SOMEBODY]),
    (arn_like(f"arn:aws:iam::{OURS}:role/team/*"), []),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/x") | SECRET, []),
    # Held to nothing that others could not be called too.
    (equals("aws:PrincipalAccount", "${aws:PrincipalAccount}"), [ANYONE]),
    (like("aws:PrincipalAccount", "22222222222?"), [ANYONE]),
    (like("aws:PrincipalAccount", THEIRS, "*"), [ANYONE]),
    ({"StringEqualsIfExists": {"aws:PrincipalAccount": THEIRS}}, [ANYONE]),
    (arn_like("arn:aws:iam::*:role/x"), [ANYONE]),
    (like("aws:PrincipalArn", "arn:aws:iam::*:role/x"), [ANYONE]),
    (like("aws:PrincipalArn", "arn:*"), [ANYONE]),
    (like("aws:PrincipalArn", f"arn:*:{THEIRS}:role/x"), [ANYONE]),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/x", "arn:aws:iam::*:role/y"), [ANYONE]),
    (equals("aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/x"), [ANYONE]),
    (like("aws:userid", "*:x"), [ANYONE]),
    (like("aws:userid", "AROA*"), [ANYONE]),
    (like("aws:userid", f"{ROLE_ID}:*", "*:x"), [ANYONE]),
    (like("aws:PrincipalOrgID", "o-*"), [ANYONE]),
    # A unique id is one role's or user's wherever it is; an organisation and a word are known to few.
    (like("aws:userid", f"{ROLE_ID}:*"), []),
    (like("aws:userid", f"{ROLE_ID}*"), []),
    (equals("aws:userid", "AIDAEXAMPLEID12345678"), []),
    (ORGANISATION, []),
    (SECRET, []),
    (equals("aws:PrincipalAccount", "2222*"), []),
]


@pytest.mark.parametrize(("condition", "expected"), EVERYBODY)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=["text", "AWS"])
def test_everybody_is_whom_conditions_leave_in(principal: Any, condition: dict[str, Any], expected: list[str]) -> None:
    """Everybody of another account is that account as a whole, and blocks as its root does."""
    assert found(trust(principal, condition)) == expected


ANOTHER_ROOT = [
    ({}, [BARE]),
    # Patterns that fit all of the account, or of AWS.
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:*"), [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/*"), [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:user/?*"), [BARE]),
    (like("aws:PrincipalArn", "arn:aws:*"), [BARE]),
    (like("aws:PrincipalArn", "*"), [BARE]),
    (like("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/x", "*"), [BARE]),
    (equals("aws:PrincipalArn", "${aws:PrincipalArn}"), [BARE]),
    (arn_like(f"arn:aws:iam::{THEIRS}:*"), [BARE]),
    (arn_like("arn:*:*:*:*:*"), [BARE]),
    (arn_like(f"arn:aws-us-gov:iam::{THEIRS}:role/*"), [BARE]),
    (like("aws:userid", "*:x"), [BARE]),
    (equals("aws:PrincipalAccount", THEIRS), [BARE]),
    # Somebody in particular.
    (arn_like(f"arn:aws:iam::{THEIRS}:role/x"), [SOMEBODY]),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/*/x"), [SOMEBODY]),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/aws-reserved/sso.amazonaws.com/*"), [SOMEBODY]),
    (arn_like("arn:aws:iam::*:role/x"), [SOMEBODY]),
    (like("aws:PrincipalArn", "*:role/app-*"), [SOMEBODY]),
    (equals("aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:root"), [SOMEBODY]),
    (like("aws:userid", f"{ROLE_ID}:*"), [SOMEBODY]),
    (arn_like(f"arn:aws:iam::{THEIRS}:role/x") | SECRET, []),
    # Guards that hold nobody out.
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/*"}}, [BARE]),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*"}}, [BARE]),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}, [BARE]),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/*", "o-*/*"]}}, [BARE]),
    (equals("aws:PrincipalOrgID", "${aws:PrincipalOrgID}"), [BARE]),
    (equals("aws:PrincipalOrgID", "${aws:PrincipalTag/org, 'o-a1b2c3d4e5'}"), [BARE]),
    (like("aws:PrincipalOrgID", "*"), [BARE]),
    (like("aws:PrincipalOrgID", "o-a?*"), [BARE]),
    (equals("sts:ExternalId", "${sts:ExternalId}"), [BARE]),
    (equals("sts:ExternalId", "${aws:username}"), [BARE]),
    (like("sts:ExternalId", "*"), [BARE]),
    (like("sts:ExternalId", "?*"), [BARE]),
    (like("sts:ExternalId", "a*"), [BARE]),
    (like("sts:ExternalId", "a-long-secret", "*"), [BARE]),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, [BARE]),
    (equals("aws:UserAgent", "*"), [BARE]),
    # Guards that do.
    (SECRET, [WHOLE]),
    (like("sts:ExternalId", "partner-*"), [WHOLE]),
    (like("sts:ExternalId", "*-partner-7f3a"), [WHOLE]),
    (equals("sts:ExternalId", "a-long-secret", "*"), [WHOLE]),
    (equals("sts:ExternalId", "x"), [WHOLE]),
    (equals("sts:ExternalId", "${aws:ResourceTag/external-id}"), [WHOLE]),
    (ORGANISATION, [WHOLE]),
    (like("aws:PrincipalOrgID", "o-a1b2c3d4e5*"), [WHOLE]),
    (equals("aws:PrincipalOrgID", "${aws:ResourceOrgID}"), [WHOLE]),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}, [WHOLE]),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-*"}}, [WHOLE]),
    # Nobody can show these: what the account is, or an asterisk that is a letter.
    (equals("aws:PrincipalAccount", OURS), []),
    (equals("sts:ExternalId", "*"), []),
]


@pytest.mark.parametrize(("condition", "expected"), ANOTHER_ROOT)
@pytest.mark.parametrize("who", [OTHER_ROOT, THEIRS], ids=["arn", "number"])
def test_the_root_of_another_account_is_bare_unless_it_is_held_to_something(
    who: str, condition: dict[str, Any], expected: list[str]
) -> None:
    """A pattern that fits all, and a variable that the caller fills in, hold nobody out."""
    assert found(trust({"AWS": who}, condition)) == expected


@pytest.mark.parametrize(
    ("principal", "deny", "expected"),
    [
        ("*", {"StringNotEquals": {"aws:PrincipalAccount": THEIRS}}, [BARE]),
        ("*", {"StringNotEquals": {"aws:PrincipalAccount": OURS}}, [WHOLE]),
        ("*", {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OURS}:role/x"}}, []),
        ("*", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, [ANYONE]),
        ("*", {"ForAnyValue:StringNotEquals": {"aws:PrincipalAccount": OURS}}, [ANYONE]),
        ({"AWS": OTHER_ROOT}, {"StringNotEquals": {"sts:ExternalId": "a-long-secret"}}, [WHOLE]),
        ({"AWS": OTHER_ROOT}, {"StringNotLike": {"sts:ExternalId": "?*"}}, [BARE]),
        ({"AWS": OTHER_ROOT}, {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}, [BARE]),
    ],
)
def test_a_deny_asks_as_an_allow_does(principal: Any, deny: dict[str, Any], expected: list[str]) -> None:
    """Whoever does not show what a Deny names is turned away."""
    assert found(trust(principal), trust("*", deny, Effect="Deny")) == expected


def test_a_deny_of_the_accounts_number_is_about_its_root() -> None:
    """The number and the ARN are one principal."""
    deny = trust({"AWS": THEIRS}, {"StringNotEquals": {"sts:ExternalId": "a-long-secret"}}, Effect="Deny")

    assert found(trust({"AWS": OTHER_ROOT}), deny) == [WHOLE]
    assert found(trust({"AWS": "arn:aws:iam::333333333333:root"}), deny) == [BARE]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (equals("aws:SourceAccount", OURS), []),
        (equals("aws:SourceAccount", "${aws:ResourceAccount}"), []),
        (like("aws:SourceArn", f"arn:aws:lambda:*:{OURS}:function:*"), []),
        (like("aws:SourceArn", "*"), ["trust.service"]),
        ({}, ["trust.service"]),
    ],
)
def test_services_are_held_to_their_source(condition: dict[str, Any], expected: list[str]) -> None:
    """A service comes on behalf of a particular account or resource."""
    assert found(trust({"Service": "lambda.amazonaws.com"}, condition)) == expected
