"""For whom an identity provider vouches: each form of condition, and whether it leaves everybody in."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.catalogue.iam_names import IamNames
from lakeshare.planning.policy_checks import Document, Finding, judge
from tests.unit.planning.policy_checks.table import OURS, policy, trust

GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.eu-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
COGNITO = "cognito-identity.amazonaws.com"
POOL = f"{COGNITO}:aud"
AUDIENCE = {f"{GITHUB}:aud": "sts.amazonaws.com"}


def found(*statements: dict[str, Any]) -> list[Finding]:
    """Return what is wrong with whom the provider's word lets in."""
    findings = judge(Document("trust", OURS, policy(*statements)), "a", IamNames())
    return [finding for finding in findings if finding.id == "trust.federated"]


def federated(provider: str, condition: dict[str, Any], action: str = "sts:AssumeRoleWithWebIdentity") -> Any:
    """Return a statement that trusts an OIDC provider, or one that IAM knows by itself."""
    who = provider if provider.endswith(("amazonaws.com", "google.com")) and "/" not in provider else None
    return trust({"Federated": who or f"arn:aws:iam::{OURS}:oidc-provider/{provider}"}, condition, Action=action)


def subject(host: str, *values: str) -> dict[str, Any]:
    """Return a condition on whom the provider speaks of."""
    return {"StringLike": {f"{host}:sub": list(values)}}


LEFT_IN = [
    (GITHUB, {}),
    (GITHUB, {"StringEquals": AUDIENCE}),
    (GITHUB, {"StringEquals": AUDIENCE, **subject(GITHUB, "*")}),
    (GITHUB, {"StringEquals": AUDIENCE, **subject(GITHUB, "?*")}),
    (GITHUB, subject(GITHUB, "*:ref:refs/heads/main")),
    (GITHUB, subject(GITHUB, "repo:*")),
    (GITHUB, subject(GITHUB, "re*")),
    (GITHUB, subject(GITHUB, "repo:*/shared-name:*")),
    (GITHUB, subject(GITHUB, "repo:octo-org/*", "*")),
    (GITHUB, {"StringEquals": {f"{GITHUB}:sub": f"${{{GITHUB}:sub}}"}}),
    (GITHUB, {"ForAllValues:StringLike": {f"{GITHUB}:sub": "repo:octo-org/*"}}),
    (GITHUB, {"StringLikeIfExists": {f"{GITHUB}:sub": "repo:octo-org/*"}}),
    (GITHUB, {"StringEquals": {"gitlab.com:sub": "project_path:octo/lake:ref_type:branch:ref:main"}}),
    (GITHUB, {"StringLike": {f"{GITHUB}:repository": "*/lake"}}),
    ("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:*"}}),
    (CLUSTER, {"StringEquals": {f"{CLUSTER}:aud": "sts.amazonaws.com"}}),
    (CLUSTER, subject(CLUSTER, "system:serviceaccount:*")),
    (CLUSTER, subject(CLUSTER, "system:serviceaccount:*:*")),
    (COGNITO, {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    (COGNITO, {"StringEquals": {POOL: "eu-west-2:1"}}),
    (COGNITO, {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}),
    (COGNITO, {"StringLike": {POOL: "*"}, "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}),
    ("accounts.google.com", {"Bool": {"aws:SecureTransport": "true"}}),
]

HELD_OUT = [
    (GITHUB, {"StringEquals": {**AUDIENCE, f"{GITHUB}:sub": "repo:octo-org/lake:ref:refs/heads/main"}}),
    (GITHUB, subject(GITHUB, "repo:octo-org/lake:*")),
    (GITHUB, subject(GITHUB, "repo:octo-org/*")),
    (GITHUB, subject(GITHUB, "repo:octo*")),
    (GITHUB, {"StringLike": {f"{GITHUB.upper()}:SUB": "repo:octo-org/*"}}),
    (GITHUB, {"StringEquals": {f"{GITHUB}:repository_id": "123456"}}),
    (GITHUB, {"StringLike": {f"{GITHUB}:job_workflow_ref": "octo-org/lake/.github/workflows/*"}}),
    ("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:octo/lake:*"}}),
    (CLUSTER, {"StringEquals": {f"{CLUSTER}:sub": "system:serviceaccount:lake:reader"}}),
    (CLUSTER, subject(CLUSTER, "system:serviceaccount:lake:*")),
    (CLUSTER, subject(CLUSTER, "system:serviceaccount:*:reader")),
    ("octo.example.com", subject("octo.example.com", "auth0|*")),
    (COGNITO, {"StringEquals": {POOL: "eu-west-2:1"}, "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}),
    (COGNITO, {"StringEquals": {POOL: "eu-west-2:1", f"{COGNITO}:sub": "eu-west-2:2"}}),
    ("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "66677788899900pro0"}}),
]


@pytest.mark.parametrize(("provider", "condition"), LEFT_IN)
def test_whoever_a_provider_vouches_for_is_told_of(provider: str, condition: dict[str, Any]) -> None:
    """An audience says for which app, not for whom; a subject that begins with a wildcard is anybody's."""
    (finding,) = found(federated(provider, condition))

    assert finding.severity == "warning"
    assert not finding.blocks
    assert "vouches" in finding.message
    assert "audience and subject" in finding.mend


@pytest.mark.parametrize(("provider", "condition"), HELD_OUT)
def test_a_subject_is_enough(provider: str, condition: dict[str, Any]) -> None:
    """Whoever is named by what the provider says of them alone comes in."""
    assert found(federated(provider, condition)) == []


def test_a_deny_of_other_subjects_is_enough() -> None:
    """All but one subject are turned away by another statement."""
    deny = {"StringNotLike": {f"{GITHUB}:sub": "repo:octo-org/*"}}

    allowed = federated(GITHUB, {"StringEquals": AUDIENCE})

    assert found(allowed, trust("*", deny, Effect="Deny", Action="sts:AssumeRoleWithWebIdentity")) == []
    assert found(allowed, trust("*", deny, Effect="Deny"))


def test_a_saml_provider_needs_no_subject() -> None:
    """The audience is what AWS documents for SAML."""
    provider = {"Federated": f"arn:aws:iam::{OURS}:saml-provider/idp"}
    audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}

    assert found(trust(provider, audience, Action="sts:AssumeRoleWithSAML")) == []
    assert found(trust(provider, Action="sts:AssumeRoleWithSAML"))
