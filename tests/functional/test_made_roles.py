"""Roles that lakeshare makes: who may assume each, on which condition, and what each may do."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    DATABASE,
    OPERATOR,
    PRODUCER,
    REGION,
    SECRET,
    Accounts,
    apply_all,
    destroy_all,
    steps,
)

OUTSIDE, STRANGER = "444444444444", "555555555555"
OUTSIDE_ID = "the-partners-external-id"
SAML = f"arn:aws:iam::{CONSUMER}:saml-provider/okta"
KEY = f"arn:aws:kms:{REGION}:{CONSUMER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ASSERTION = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
  <Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>https://idp.example.com</Issuer>
    <Subject><NameID>jo</NameID></Subject>
    <AttributeStatement><Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
      <AttributeValue>jo@example.com</AttributeValue></Attribute></AttributeStatement>
  </Assertion></samlp:Response>"""


def making(accounts: Accounts, create: dict[str, Any], **changes: Any) -> app.Settings:
    """Write a spec that makes the role ``made`` for a reader."""
    accounts.environ["OUTSIDE_ID"] = OUTSIDE_ID
    return accounts.write({"s": accounts.share("users", readers=[{"role": "made", "create": create}], **changes)})


def arn(name: str) -> str:
    """Return the ARN of a role of the consumer's."""
    return f"arn:aws:iam::{CONSUMER}:role/{name}"


def session(accounts: Accounts, role: str, by: str = BASE, **given: str) -> Any:
    """Return an STS client that is the *role*, assumed by the administrator of the account *by*."""
    answer = accounts.client("sts", by).assume_role(RoleArn=role, RoleSessionName="tester", **given)["Credentials"]
    return accounts.client(
        "sts",
        by,
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
    )


def is_let_in(sts: Any, role: str, **given: str) -> bool:
    """Tell whether *role* can be assumed with what is *given*."""
    try:
        sts.assume_role(RoleArn=role, RoleSessionName="tester", **given)
    except sts.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.mark.parametrize("prove_by", ["query", "evaluation"])
@pytest.mark.parametrize("service", ["lambda.amazonaws.com", "glue.amazonaws.com", "athena.amazonaws.com"])
def test_no_role_is_assumed_without_its_external_id(accounts: Accounts, service: str, prove_by: str) -> None:
    """Neither the operator nor anybody else gets in without it; with it the operator does, if it is to prove."""
    reader = {"role": "made", "create": {"service": service}, "prove_by": prove_by}
    settings = accounts.write({"s": accounts.share("users", readers=[reader], prove_denial=True)})
    apply_all(settings)
    operator = session(accounts, arn(OPERATOR), ExternalId=SECRET)
    administrator = accounts.client("sts", CONSUMER)
    made = {"made": prove_by == "query", "lakeshare-connect-analytics-denied": True}

    for name, is_for_proofs in made.items():
        assert not is_let_in(operator, arn(name))
        assert not is_let_in(operator, arn(name), ExternalId="another-external-id")
        assert not is_let_in(administrator, arn(name), ExternalId=SECRET)
        assert is_let_in(operator, arn(name), ExternalId=SECRET) == is_for_proofs


def test_another_account_shows_its_external_id(accounts: Accounts) -> None:
    """Principals of the account that the spec names get in with the id alone; those of other accounts never."""
    people = {"accounts": {OUTSIDE: {"external_id": "${OUTSIDE_ID}"}}}
    settings = making(accounts, {"people": people})

    apply_all(settings)
    again = app.plan(settings).plan
    partner, stranger = (accounts.client("sts", account) for account in (OUTSIDE, STRANGER))

    assert steps(again) == []
    assert not is_let_in(partner, arn("made"))
    assert not is_let_in(partner, arn("made"), ExternalId=SECRET)
    assert not is_let_in(stranger, arn("made"), ExternalId=OUTSIDE_ID)
    assert is_let_in(partner, arn("made"), ExternalId=OUTSIDE_ID)
    kept = [file.read_bytes() for file in (accounts.folder / ".lakeshare").iterdir()]
    assert not any(OUTSIDE_ID.encode() in content for content in kept)


def test_an_organisation_is_a_condition_too(accounts: Accounts) -> None:
    """Principals of the account get in while it is of the organisation that the spec names."""
    organizations = accounts.client("organizations", PRODUCER)
    family = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    member = organizations.create_account(AccountName="member", Email="m@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    people = {"accounts": {member: {"organization": family}, OUTSIDE: {"organization": family}}}

    apply_all(making(accounts, {"people": people}))

    assert is_let_in(accounts.client("sts", member), arn("made"))
    assert not is_let_in(accounts.client("sts", OUTSIDE), arn("made"))


def test_people_of_the_account_sign_in_by_role_permission_set_and_saml(accounts: Accounts) -> None:
    """Roles and a permission set's role assume it, the SAML provider's users sign in, and nobody else does."""
    iam = accounts.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:user/administrator"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": {**trust, "Action": "sts:AssumeRole"}})
    sso_path, sso = "/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Analyst_0123456789abcdef"
    for name, path in (("admin", "/ops/"), ("intern", "/"), (sso, sso_path)):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy)
    create = {
        "people": {"roles": ["admin"], "sso": ["Analyst"], "saml": "okta"},
        "path": "/people/",
        "tags": {"team": "analytics"},
        "max_session_seconds": 7200,
        "permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
    }
    settings = making(accounts, create)
    apply_all(settings)
    role = f"arn:aws:iam::{CONSUMER}:role/people/made"
    row = iam.get_role(RoleName="made")["Role"]

    for name, is_trusted in (("ops/admin", True), (f"{sso_path[1:]}{sso}", True), ("intern", False)):
        assert is_let_in(session(accounts, arn(name), CONSUMER), role) == is_trusted
    signed_in = accounts.client("sts").assume_role_with_saml(
        RoleArn=role, PrincipalArn=SAML, SAMLAssertion=base64.b64encode(ASSERTION.encode()).decode()
    )
    assert signed_in["Credentials"]
    assert row["MaxSessionDuration"] == 7200
    assert {"Key": "team", "Value": "analytics"} in row["Tags"]
    assert row["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("PowerUserAccess")
    assert steps(app.plan(settings).plan) == []


def test_who_is_let_in_changes_with_the_spec(accounts: Accounts) -> None:
    """Somebody whom the file no longer names is let in no longer, and a stranger in the trust policy is drift."""
    people = {"accounts": {OUTSIDE: {"external_id": "${OUTSIDE_ID}"}, STRANGER: {"external_id": "${OUTSIDE_ID}"}}}
    apply_all(making(accounts, {"people": people}))
    del people["accounts"][STRANGER]
    settings = making(accounts, {"people": people})

    planned = app.plan(settings).plan
    apply_all(settings)

    assert steps(planned) == [("update", "consumer/global/role:made")]
    assert not is_let_in(accounts.client("sts", STRANGER), arn("made"), ExternalId=OUTSIDE_ID)
    assert is_let_in(accounts.client("sts", OUTSIDE), arn("made"), ExternalId=OUTSIDE_ID)


def test_each_service_has_the_least_that_it_needs(accounts: Accounts) -> None:
    """Lambda writes its function's logs, a Glue job its own and reads its scripts; keys are those of the spec."""
    readers = [
        {"role": "function", "create": {"service": "lambda.amazonaws.com", "log_group": "/aws/lambda/calls"}},
        {"role": "job", "create": {"service": "glue.amazonaws.com", "scripts": "s3://job-scripts/nightly/"}},
        {"role": "notebook", "create": {"service": "athena.amazonaws.com"}},
    ]
    data_key = KEY.replace("1234abcd", "4321dcba")
    to = {"account": "consumer", "database": DATABASE, "athena": {"results_key": KEY}, "kms_keys": [data_key]}
    settings = accounts.write({"s": accounts.share("users", readers=readers, to=to)})

    apply_all(settings)
    again = app.plan(settings).plan
    allowed = {name: statements(accounts, name) for name in ("function", "job", "notebook")}
    bucket = accounts.client("s3").get_bucket_encryption(Bucket=f"lakeshare-{CONSUMER}-{REGION}-connect-analytics")
    destroy_all(settings)

    groups = f"arn:aws:logs:{REGION}:{CONSUMER}:log-group"
    assert allowed["function"]["Logs"] == [f"{groups}:/aws/lambda/calls", f"{groups}:/aws/lambda/calls:*"]
    assert allowed["job"]["Logs"] == [f"{groups}:/aws-glue/*"]
    assert allowed["job"]["Scripts"] == ["arn:aws:s3:::job-scripts/nightly/*"]
    assert not {"Logs", "Scripts"} & set(allowed["notebook"])
    assert all((found["ResultsKey"], found["Keys"]) == ([KEY], [data_key]) for found in allowed.values())
    (rule,) = bucket["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert rule["BucketKeyEnabled"] is True
    assert steps(again) == []


def statements(accounts: Accounts, role: str) -> dict[str, list[str]]:
    """Return the resources of our policy on *role*, by Sid."""
    found = accounts.client("iam").get_role_policy(RoleName=role, PolicyName="lakeshare-connect-analytics")
    return {one["Sid"]: one["Resource"] for one in found["PolicyDocument"]["Statement"]}
