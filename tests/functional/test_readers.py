"""Readers that are no role, and roles that exist: what each is granted, and that nothing is left of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare import app
from lakeshare.errors import UsageError
from tests.functional.accounts import CONSUMER, DATABASE, Accounts, apply_all, destroy_all, steps

QUICKSIGHT = f"arn:aws:quicksight:ap-southeast-2:{CONSUMER}:group/default/analysts"
SAML = f"arn:aws:iam::{CONSUMER}:saml-provider/okta:group/analysts"
PERSON = "arn:aws:identitystore:::user/01234567-89ab-cdef-0123-456789abcdef"

GRANTED = {
    ("DESCRIBE", DATABASE),
    ("DESCRIBE", f"{DATABASE}.users_link"),
    ("SELECT", "connect_datalake.users"),
}


def granted_to(accounts: Accounts, principal: str) -> set[tuple[str, str]]:
    """Return what *principal* holds, in the consumer's catalog and on the lake's tables."""
    rows = accounts.grants() | accounts.grants(CONSUMER, accounts.lake_account)
    return {(permission, what) for who, permission, what in rows if who == principal}


@pytest.mark.parametrize(
    ("reader", "principal", "name"),
    [
        ({"quicksight": "group/default/analysts"}, QUICKSIGHT, "quicksight/group/default/analysts"),
        ({"quicksight": QUICKSIGHT}, QUICKSIGHT, "quicksight/group/default/analysts"),
        ({"saml": "okta:group/analysts"}, SAML, "saml/okta:group/analysts"),
        ({"identity_center": PERSON.partition(":::")[2]}, PERSON, "identity_center/" + PERSON.partition(":::")[2]),
        ({"user": "jane"}, f"arn:aws:iam::{CONSUMER}:user/people/jane", "user/jane"),
    ],
)
def test_a_reader_that_is_no_role_gets_grants_and_nothing_else(
    accounts: Accounts, reader: dict[str, Any], principal: str, name: str
) -> None:
    """DESCRIBE on database and link and SELECT on the target, evaluated and told as that; destroy revokes them."""
    accounts.client("iam").create_user(UserName="jane", Path="/people/")
    before, grants = accounts.everything(), accounts.grants()
    settings = accounts.write({"s": accounts.share("users", readers=[reader])})

    applied = apply_all(settings)
    again, proofs = app.plan(settings).plan, app.verify(settings).proofs
    held = granted_to(accounts, principal)
    destroy_all(settings)

    assert held == GRANTED
    assert not {step.kind for step in applied.plan.steps} & {"iam_role", "iam_policy", "iam_trust"}
    assert steps(again) == []
    assert [(proof.reader, proof.method, proof.status) for proof in proofs] == [(name, "evaluated", "pass")]
    assert all(proof.why_evaluated for proof in proofs)
    assert accounts.everything() == before
    assert accounts.grants() == grants


def test_a_permission_set_is_its_one_role(accounts: Accounts) -> None:
    """The role of exactly that set is found below Identity Center's path, gets grants, and is never touched."""
    iam = accounts.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_saml_sign_in()]})
    path = "/aws-reserved/sso.amazonaws.com/eu-west-2/"
    for name in ("AWSReservedSSO_Analyst_0123456789abcdef", "AWSReservedSSO_Analyst_Lead_0123456789abcdef"):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
    settings = accounts.write({"s": accounts.share("users", readers=[{"sso": "Analyst"}])})

    applied = apply_all(settings)
    held = granted_to(accounts, f"arn:aws:iam::{CONSUMER}:role{path}AWSReservedSSO_Analyst_0123456789abcdef")

    assert held == GRANTED
    assert not {step.kind for step in applied.plan.steps} & {"iam_role", "iam_policy", "iam_trust"}
    assert any("its permission set can have them" in note for note in applied.plan.notes)


def test_a_permission_set_without_one_role_blocks(accounts: Accounts) -> None:
    """None is told with who makes it, two with their names."""
    settings = accounts.write({"s": accounts.share("users", readers=[{"sso": "Analyst"}])})
    none = app.plan(settings).plan.blockers
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_saml_sign_in()]})
    for suffix in ("0123456789abcdef", "fedcba9876543210"):
        accounts.client("iam").create_role(
            RoleName=f"AWSReservedSSO_Analyst_{suffix}",
            Path="/aws-reserved/sso.amazonaws.com/",
            AssumeRolePolicyDocument=trust,
        )

    two = app.plan(settings).plan.blockers

    assert "no role of the permission set Analyst" in none[0].reason
    assert "assign the permission set" in none[0].way_out
    assert "2 roles of the permission set" in two[0].reason
    assert "fedcba9876543210" in two[0].reason


def test_a_user_that_is_not_there_blocks(accounts: Accounts) -> None:
    """A user is looked up, for its path is part of its name in grants."""
    settings = accounts.write({"s": accounts.share("users", readers=[{"user": "jane"}])})

    blockers = app.plan(settings).plan.blockers

    assert [item.reason for item in blockers] == [f"the user jane does not exist in account {CONSUMER}"]


def test_nobody_queries_as_who_is_no_role(accounts: Accounts) -> None:
    """`query --as` says why, in place of trying to assume what is no role."""
    settings = accounts.write({"s": accounts.share("users", readers=[{"quicksight": "default/jane"}])})

    with pytest.raises(UsageError, match="only QuickSight acts for its users and groups"):
        app.query(settings, "quicksight/user/default/jane", "SELECT 1")


def _saml_sign_in() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{CONSUMER}:saml-provider/AWSSSO_0123_DO_NOT_DELETE"},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
