"""
STS for those who have no AWS keys: sessions of roles for whom an identity provider vouches, and federated users.

As no signature of a request is checked, none of an assertion or a token is either: what it says is believed, and
whether the role trusts the provider decides.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from lakeshare.sandbox.arns import account_of, partition_of
from lakeshare.sandbox.calls import Call, Caller, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import user_id
from lakeshare.sandbox.moto_bridge import Moto, RoleEntry
from lakeshare.sandbox.policy.context import GivenKeys
from lakeshare.sandbox.policy.documents import Principal, read_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.sts import sessions

TRUSTED = rule(
    "sts.federation.trusted",
    "A role is assumed with an assertion or a token of the identity provider that its trust policy names as Federated.",
    tag="documented",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html; the message "
    "is what people report",
)
READABLE = rule(
    "sts.federation.token",
    "A SAML assertion is the Base64 of its XML, and a web identity token is a JWT, or of the provider that is named.",
    tag="documented",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, "
    "API_AssumeRoleWithSAML.html; the messages are ours",
)
BY_USER = rule(
    "sts.federation-token.caller",
    "GetFederationToken is for users with keys that last, not for sessions.",
    tag="documented",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html",
)
_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SESSION_NAME: Final = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
_SESSION_DURATION: Final = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
_NOTHING: Final = '{"Version": "2012-10-17", "Statement": []}'


def assume_role_with_saml(call: Call) -> dict[str, Any]:
    """Start a session of a role for whom an assertion speaks of."""
    assertion = _assertion(call.params["SAMLAssertion"])
    provider = call.params["PrincipalArn"]
    subject = assertion.findtext(f".//{_SAML}Subject/{_SAML}NameID", "")
    issuer = assertion.findtext(f".//{_SAML}Assertion/{_SAML}Issuer", "")
    keys = {"saml:aud": "https://signin.aws.amazon.com/saml", "saml:iss": issuer, "saml:sub": subject}
    attributes = {
        each.get("Name", ""): each.findtext(f"{_SAML}AttributeValue", "").strip()
        for each in assertion.iter(f"{_SAML}Attribute")
    }
    role = _trusting_role(call, provider, keys)
    asked = attributes.get(_SESSION_DURATION, "")
    longest = int(asked) if asked.isdecimal() else role.max_session_seconds
    answer = _session(call, role, attributes.get(_SESSION_NAME, ""), longest)
    return answer | {"Subject": subject, "SubjectType": "persistent", "Issuer": issuer, "Audience": keys["saml:aud"]}


def assume_role_with_web_identity(call: Call) -> dict[str, Any]:
    """Start a session of a role for whom a token speaks of."""
    named = call.params.get("ProviderId")
    claims = {"iss": named} if named else _claims(call.params["WebIdentityToken"])
    issuer = str(claims.get("iss", "")).removeprefix("https://")
    audience, subject = str(claims.get("aud", "")), str(claims.get("sub", ""))
    role_account, partition = account_of(call.params["RoleArn"]), partition_of(call.params["RoleArn"])
    provider = issuer if named else f"arn:{partition}:iam::{role_account}:oidc-provider/{issuer}"
    role = _trusting_role(call, provider, {f"{issuer}:aud": audience, f"{issuer}:sub": subject})
    answer = _session(call, role, call.params["RoleSessionName"], role.max_session_seconds)
    return answer | {"SubjectFromWebIdentityToken": subject, "Audience": audience, "Provider": provider}


def get_federation_token(call: Call) -> dict[str, Any]:
    """Give a federated user keys, with which it may do what both the calling user and the given policy allow."""
    caller = call.caller
    if caller.arn != caller.principal_arn:
        raise BY_USER.refuse("AccessDenied", "Cannot call GetFederationToken with session credentials", 403)
    arn = f"arn:{partition_of(caller.arn)}:sts::{caller.account}:federated-user/{call.params['Name']}"
    policy = sessions.session_policy(call, caller.account) or _NOTHING
    federated = Caller(caller.account, arn, caller.principal_arn, caller.kind, policy)
    return {
        "Credentials": sessions.keys_for(call, federated, call.params.get("DurationSeconds", 12 * sessions.HOUR)),
        "FederatedUser": {"FederatedUserId": f"{caller.account}:{call.params['Name']}", "Arn": arn},
        "PackedPolicySize": 1,
    }


def _session(call: Call, role: RoleEntry, name: str, longest: int) -> dict[str, Any]:
    sessions.check_session_name(name)
    account, session = account_of(role.arn), sessions.session_arn(role, name)
    caller = Caller(account, session, role.arn, "role", sessions.session_policy(call, account))
    seconds = int(call.params.get("DurationSeconds", min(sessions.HOUR, longest)))
    if seconds > role.max_session_seconds:
        raise sessions.too_long()
    return {
        "Credentials": sessions.keys_for(call, caller, min(seconds, longest)),
        "AssumedRoleUser": {"AssumedRoleId": user_id(call.world, caller), "Arn": session},
        "PackedPolicySize": 1,
    }


def _trusting_role(call: Call, provider: str, keys: Mapping[str, str]) -> RoleEntry:
    """Return the role that the call names, if it trusts *provider* with what *keys* say of the subject."""
    role = call.world.store(Moto).role_by_arn(call.params["RoleArn"])
    if role is not None:
        naming = [one for one in read_policy(role.trust_policy) if Principal("Federated", provider) in one.principals]
        given = GivenKeys({key: (value,) for key, value in keys.items()})
        if evaluate(naming, f"sts:{call.operation}", role.arn, given) is Verdict.ALLOW:
            return role
    raise TRUSTED.refuse("AccessDenied", f"Not authorized to perform sts:{call.operation}", 403)


def _assertion(text: str) -> ET.Element:
    try:
        decoded = base64.b64decode(text, validate=True)
        return ET.fromstring(decoded.strip())  # noqa: S314 - expat bounds entities, and loopback sends this
    except (binascii.Error, ET.ParseError, ValueError):
        raise _unreadable("Invalid base64 SAMLResponse") from None


def _claims(token: str) -> Mapping[str, Any]:
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise _unreadable("The ID Token provided is not a valid JWT.")
    return claims


def _unreadable(message: str) -> ServiceError:
    return READABLE.refuse("InvalidIdentityToken", message)


OPERATIONS: Operations = {
    "AssumeRoleWithSAML": assume_role_with_saml,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
    "GetFederationToken": get_federation_token,
}
