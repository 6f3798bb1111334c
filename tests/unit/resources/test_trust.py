"""Statements of trust policies as values: what is told apart, what makes no difference, and that no secret shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.resources.documents import with_statement, without_statement
from lakeshare.resources.iam_role.model import IamRole, OperatorTrust, parse_trust, trust_document
from lakeshare.resources.iam_trust import IamTrust, sid_of
from lakeshare.resources.iam_trust.model import found_in
from lakeshare.resources.trust import Trustee, digest_of, live_external_ids, redacted, trustee_of
from lakeshare.resources.values import Place

ACCOUNT, SECRET = "222222222222", "open-sesame"
PLACE = Place("consumer", ACCOUNT, "eu-west-2")
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"
ROOT = "arn:aws:iam::444444444444:root"
TRUSTEES = [
    Trustee("service", "lambda.amazonaws.com"),
    Trustee("service", "lakeformation.amazonaws.com", source_arn=PLACE.arn("lakeformation", "*")),
    Trustee("principal", OPERATOR),
    Trustee("principal", OPERATOR, digest_of(SECRET)),
    Trustee("account", ROOT, digest_of(SECRET)),
    Trustee("account", ROOT, organization="o-a1b2c3d4e5"),
    Trustee("account", ROOT, digest_of(SECRET), "o-a1b2c3d4e5"),
    Trustee("saml", f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"),
]


def statement_of(trustee: Trustee) -> dict[str, Any]:
    """Return the statement of *trustee* with the secret in it."""
    return trustee.statement(SECRET if trustee.external_id_digest else None)


@pytest.mark.parametrize("trustee", TRUSTEES, ids=str)
def test_a_statement_says_who_it_lets_in(trustee: Trustee) -> None:
    """What is written is read as the same, with the digest in the secret's place, Sid and lists of one or not."""
    statement = statement_of(trustee)
    spread = {**statement, "Sid": "Any", "Action": [statement["Action"]]}

    assert trustee_of(statement) == trustee_of(spread) == trustee
    assert redacted(statement) == redacted(spread) == trustee.text
    assert SECRET not in redacted(statement)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Action": ["sts:AssumeRole", "sts:TagSession"]},
        {"Condition": {"StringLike": {"sts:ExternalId": "*"}}},
        {"Condition": {"StringEquals": {"sts:ExternalId": [SECRET, "another"]}}},
        {"Condition": {"StringEquals": {"sts:ExternalId": SECRET}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}},
        {"Principal": {"AWS": [OPERATOR, ROOT]}},
        {"Principal": {"AWS": OPERATOR, "Service": "lambda.amazonaws.com"}},
        {"Principal": "*"},
        {"NotPrincipal": {"AWS": OPERATOR}},
    ],
    ids=str,
)
def test_what_says_anything_else_is_nobody_we_know(change: dict[str, Any]) -> None:
    """A statement that is wider, narrower or other is foreign, and shows no secret either."""
    statement = {**Trustee("principal", OPERATOR, digest_of(SECRET)).statement(SECRET), **change}

    assert trustee_of(statement) is None
    assert SECRET not in redacted(statement)


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ForAnyValue:StringEqualsIgnoreCase"])
@pytest.mark.parametrize("key", ["sts:ExternalId", "STS:externalid"])
def test_no_condition_shows_an_external_id(operator: str, key: str) -> None:
    """Whatever the operator and however the key is spelt: IAM compares keys in any case (documented)."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:*", "Condition": {operator: {key: [SECRET, "b"]}}}

    assert SECRET not in redacted(statement)
    assert digest_of(SECRET) in redacted(statement)


def test_an_external_id_is_read_from_the_operators_own_statement_alone() -> None:
    """Another principal's id, one beside other conditions, and one of several are not the operator's."""
    ours = Trustee("principal", OPERATOR, digest_of(SECRET)).statement(SECRET)
    others = Trustee("account", ROOT, digest_of("theirs")).statement("theirs")
    narrower = {**ours, "Condition": {"StringEquals": {"sts:ExternalId": "x-1", "aws:SourceIp": "10.0.0.0/8"}}}
    several = {**ours, "Condition": {"StringEquals": {"sts:ExternalId": ["x-2", "x-3"]}}}

    assert live_external_ids({"Statement": [others, narrower, several, ours]}, OPERATOR) == [SECRET]
    assert live_external_ids({"Statement": ours}, OPERATOR) == [SECRET]
    assert live_external_ids({"Statement": [others, narrower, several]}, OPERATOR) == []


def test_a_role_that_is_made_reads_as_it_was_meant() -> None:
    """Service, operator and all others come back out of the trust policy, also where another account has an id too."""
    outside = [item for item in TRUSTEES if item.sort != "service" and item != TRUSTEES[3]]
    role = IamRole(
        PLACE,
        "reader",
        service="lambda.amazonaws.com",
        operator=OperatorTrust(OPERATOR, digest_of(SECRET)),
        trustees=tuple(sorted(outside, key=str)),
    )

    document = trust_document(role, {digest_of(SECRET): SECRET})
    read = parse_trust(document)

    assert read == (role.service, role.operator, role.trustees, ())
    assert len({one["Sid"] for one in document["Statement"]}) == len(document["Statement"])
    assert parse_trust(trust_document(IamRole(PLACE, "r", trustees=(TRUSTEES[4],)), {digest_of(SECRET): SECRET})) == (
        None,
        None,
        (TRUSTEES[4],),
        (),
    )


def test_an_account_without_a_condition_is_somebody_else() -> None:
    """A bare root in a live trust policy is read as what it is, which no spec can ask for."""
    document = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}}

    assert parse_trust(document) == (None, None, (Trustee("account", ROOT),), ())


def test_sids_of_specs_differ() -> None:
    """Letters and digits only, and names that differ in hyphens alone have Sids of their own."""
    sids = [sid_of("Proof", name) for name in ("a1-b", "a-1b", "a1b", "a-1-b")]

    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)


def test_equal_statements_of_other_specs_are_no_substitute() -> None:
    """What a third party says lasts; what another spec of lakeshare's says goes when that one does."""
    item = IamTrust(PLACE, "analyst", sid_of("Service", "one"), TRUSTEES[0])
    said = TRUSTEES[0].statement(None)

    assert found_in({"Statement": [{"Sid": "Theirs", **said}]}, item) == ("Theirs", item.trustee.text)
    assert found_in({"Statement": [{"Sid": sid_of("Service", "two"), **said}]}, item) is None


def test_a_statement_alone_is_a_list_of_one() -> None:
    """IAM takes one statement without a list around it; ours is put beside it."""
    theirs = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    item = IamTrust(PLACE, "analyst", "LakeshareX", TRUSTEES[0])

    more = with_statement({"Version": "2008-10-17", "Statement": theirs}, item.sid, item.trustee.statement(None))

    assert more["Version"] == "2008-10-17"
    assert more["Statement"] == [theirs, {"Sid": "LakeshareX", **TRUSTEES[0].statement(None)}]
    assert without_statement(json.loads(json.dumps(more)), "LakeshareX")["Statement"] == [theirs]
