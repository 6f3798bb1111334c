"""What statements of policies speak of, and what a key's policy says."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.access.doctor.key_policies import says
from lakeshare.access.doctor.statements import account_named, account_of, covers, principals, speaks_of

ME = "arn:aws:iam::111111111111:role/team/me"


def test_actions_have_no_case_and_may_be_excluded() -> None:
    """As IAM takes them."""
    assert speaks_of({"Action": "STS:assumerole"}, "sts:AssumeRole")
    assert speaks_of({"Action": ["s3:*", "sts:*"]}, "sts:AssumeRole")
    assert not speaks_of({"NotAction": "sts:*"}, "sts:AssumeRole")
    assert not speaks_of({"Action": "sts:GetCallerIdentity"}, "sts:AssumeRole")


def test_resources_may_be_excluded_too() -> None:
    """A statement without resources covers none."""
    assert covers({"Resource": "arn:aws:glue:*:1:*"}, "arn:aws:glue:r:1:catalog")
    assert not covers({"NotResource": "arn:aws:glue:*"}, "arn:aws:glue:r:1:catalog")
    assert not covers({}, "arn:aws:glue:r:1:catalog")


def test_principals_and_their_accounts() -> None:
    """A root's ARN and the bare id are the account; a role is in one, and names none."""
    assert principals({"Principal": "*"}) == ["*"]
    assert principals({"Principal": {"Service": "ram.amazonaws.com"}}, "Service") == ["ram.amazonaws.com"]
    assert [account_named(name) for name in ("111111111111", "arn:aws:iam::111111111111:root", ME, "*")] == [
        "111111111111",
        "111111111111",
        None,
        None,
    ]
    assert [account_of(name) for name in (ME, "111111111111", "*")] == ["111111111111", "111111111111", None]


def statement(effect: str, principal: Any, **more: Any) -> dict[str, Any]:
    """Return a statement about decrypting."""
    return {"Effect": effect, "Principal": principal, "Action": "kms:Decrypt", **more}


ROOT = {"AWS": "arn:aws:iam::111111111111:root"}
BOUND = {"Condition": {"StringEquals": {"kms:ViaService": "glue.eu-west-2.amazonaws.com"}}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([statement("Allow", {"AWS": ME})], "allowed"),
        ([statement("Allow", ROOT)], "left to IAM"),
        ([statement("Allow", {"AWS": ME}, **BOUND)], "on conditions"),
        ([statement("Allow", {"AWS": "arn:aws:iam::222222222222:root"})], "not allowed"),
        ([statement("Allow", ROOT), statement("Deny", {"AWS": ME})], "denied"),
        ([statement("Allow", {"AWS": ME}), statement("Deny", ROOT)], "denied"),
        ([statement("Allow", ROOT), statement("Deny", "*", **BOUND)], "on conditions"),
        ([statement("Allow", {"AWS": ME}), statement("Deny", {"AWS": ME}, **BOUND)], "on conditions"),
        ([statement("Deny", {"AWS": ME}), statement("Deny", "*", **BOUND)], "denied"),
        ([statement("Deny", "*", **BOUND)], "not allowed"),
        ([statement("Allow", ROOT), {"Effect": "Deny", "NotPrincipal": {"AWS": ME}, "Action": "*"}], "left to IAM"),
        ([], "not allowed"),
    ],
)
def test_key_policies(statements: list[dict[str, Any]], expected: str) -> None:
    """A key's policy alone decides whether IAM has a say at all."""
    assert says({"Statement": statements}, ME, "kms:Decrypt") == expected
