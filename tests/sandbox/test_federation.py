"""STS for those who have no AWS keys: SAML assertions, web identities, federated users."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, as_role, refused

SAML = f"arn:aws:iam::{CONSUMER}:saml-provider/corporate"
OIDC = f"arn:aws:iam::{CONSUMER}:oidc-provider/token.example.com"
ROLE = f"arn:aws:iam::{CONSUMER}:role/reader"
ASSERTION = """
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
  <Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">
    <Issuer>https://idp.example.com</Issuer>
    <Subject><NameID>jo</NameID></Subject>
    <AttributeStatement>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
        <AttributeValue>jo@example.com</AttributeValue>
      </Attribute>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/SessionDuration">
        <AttributeValue>1800</AttributeValue>
      </Attribute>
    </AttributeStatement>
  </Assertion>
</samlp:Response>
"""


def trust(client: ClientMaker, provider: str, action: str, condition: dict[str, str]) -> None:
    """Make the role ``reader``, which trusts an identity provider."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": action,
        "Condition": {"StringEquals": condition},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam", CONSUMER).create_role(RoleName="reader", AssumeRolePolicyDocument=policy)


def token(**claims: str) -> str:
    """Return a JWT, signed by nobody."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
    return ".".join([*parts, ""])


def said(client: ClientMaker, keys: dict[str, Any]) -> str:
    """Return who STS says that *keys* are."""
    return str(client("sts", keys).get_caller_identity()["Arn"])


@pytest.mark.allows("sts.federation.trusted", "sts.federation.token")
def test_an_assertion_of_a_trusted_provider_starts_a_session(client: ClientMaker) -> None:
    """The session has the name that the assertion gives it."""
    trust(client, SAML, "sts:AssumeRoleWithSAML", {"saml:aud": "https://signin.aws.amazon.com/saml"})

    answer = client("sts").assume_role_with_saml(
        RoleArn=ROLE, PrincipalArn=SAML, SAMLAssertion=base64.b64encode(ASSERTION.encode()).decode()
    )

    assert (answer["Subject"], answer["Issuer"]) == ("jo", "https://idp.example.com")
    assert said(client, answer["Credentials"]) == f"arn:aws:sts::{CONSUMER}:assumed-role/reader/jo@example.com"


@pytest.mark.refuses("sts.federation.trusted", "sts.federation.token")
@pytest.mark.allows("sts.federation.trusted", "sts.federation.token")
def test_a_token_is_held_to_the_roles_conditions(client: ClientMaker) -> None:
    """The role trusts one subject of one provider; what is no token of it starts no session."""
    trust(client, OIDC, "sts:AssumeRoleWithWebIdentity", {"token.example.com:sub": "repo:cc"})
    sts = client("sts")
    asked = {"RoleArn": ROLE, "RoleSessionName": "build"}

    answer = sts.assume_role_with_web_identity(
        **asked, WebIdentityToken=token(iss="https://token.example.com", sub="repo:cc", aud="sts.amazonaws.com")
    )

    assert answer["SubjectFromWebIdentityToken"] == "repo:cc"
    assert said(client, answer["Credentials"]) == f"arn:aws:sts::{CONSUMER}:assumed-role/reader/build"
    with refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        sts.assume_role_with_web_identity(
            **asked, WebIdentityToken=token(iss="https://token.example.com", sub="repo:other")
        )
    with refused("AccessDenied"):
        sts.assume_role_with_web_identity(**asked, WebIdentityToken=token(iss="https://other.example", sub="repo:cc"))
    with refused("InvalidIdentityToken"):
        sts.assume_role_with_web_identity(**asked, WebIdentityToken="none")


@pytest.mark.refuses("sts.federation-token.caller", "iam.identity.allows")
@pytest.mark.allows("sts.federation-token.caller")
def test_a_federated_user_does_what_the_given_policy_allows(client: ClientMaker) -> None:
    """Without a policy it may do nothing; sessions make no federated users."""
    sts = client("sts", CONSUMER)
    policy = {"Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}

    answer = sts.get_federation_token(Name="jo", Policy=json.dumps(policy))
    powerless = sts.get_federation_token(Name="jo")

    keys = answer["Credentials"]
    assert said(client, keys) == answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{CONSUMER}:federated-user/jo"
    assert client("sts", keys).get_caller_identity()["UserId"] == f"{CONSUMER}:jo"
    assert client("iam", keys).list_roles()["Roles"] == []
    with refused("AccessDenied", "no session policy allows the iam:ListUsers action"):
        client("iam", keys).list_users()
    with refused("AccessDenied"):
        client("iam", powerless["Credentials"]).list_roles()
    with refused("AccessDenied", "Cannot call GetFederationToken"):
        as_role(client, "sts", "worker").get_federation_token(Name="jo")


def test_an_iam_user_has_the_id_that_iam_gave_it(client: ClientMaker) -> None:
    """GetCallerIdentity tells the id of CreateUser, in partitions beside aws too."""
    iam = client("iam", CONSUMER, "cn-north-1")
    user = iam.create_user(UserName="jo")["User"]
    key = iam.create_access_key(UserName="jo")["AccessKey"]
    keys = {**key, "SessionToken": None}

    identity = client("sts", keys, "cn-north-1").get_caller_identity()

    assert user["Arn"] == f"arn:aws-cn:iam::{CONSUMER}:user/jo"
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])
