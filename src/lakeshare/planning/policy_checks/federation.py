"""For whom an identity provider vouches, and whether conditions hold it to somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from lakeshare.planning.policy_checks.conditions import Asked, demands
from lakeshare.planning.policy_checks.patterns import before_wildcard, is_wild

_PROVIDER: Final = ":oidc-provider/"
_COGNITO: Final = "cognito-identity.amazonaws.com"
_BUILT_IN: Final = frozenset({"accounts.google.com", "graph.facebook.com", "www.amazon.com"})
"""Known to IAM without a provider of one's own; an app's id is what AWS asks for (documented: web identity roles)."""
_CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "token.actions.githubusercontent.com": ("enterprise_id", "job_workflow_ref", "repository", "repository_id"),
}
"""
What else than the subject tells one caller of a provider from others.

Documented: https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
"""
_KINDS: Final = frozenset(
    {"environment", "org", "organization", "owner", "project", "project_path", "repo", "serviceaccount", "system"}
)
"""Words with which all subjects of a provider begin: GitHub's ``repo:``, ``system:serviceaccount:`` of Kubernetes."""


def lets_everybody_in(provider: str, asked: Collection[Asked], *, has_conditions: bool) -> str | None:
    """Return why everybody for whom *provider*, a Federated principal, vouches may come in; None if it is not so."""
    everybody = f"everybody for whom {provider} vouches"
    if not has_conditions:
        return everybody
    host = (provider.partition(_PROVIDER)[2] or provider).lower()
    if host == _COGNITO:
        is_bound = demands(asked, {f"{host}:aud"}) and demands(asked, {f"{host}:amr", f"{host}:sub"})
        return None if is_bound else f"{everybody}: no condition asks for both {host}:aud and {host}:amr"
    if host in _BUILT_IN:
        is_bound = demands(asked, {one.key for one in asked if one.key.startswith(f"{host}:")})
        return None if is_bound else f"{everybody}: no condition asks for an app or a subject of {host}"
    if _PROVIDER in provider and not _names_somebody(host, asked):
        return f"{everybody}: no condition on {host}:sub says who"
    return None


def _names_somebody(host: str, asked: Collection[Asked]) -> bool:
    claims = {f"{host}:{claim}" for claim in ("sub", *_CLAIMS.get(host, ()))}
    return any(one.key in claims and all(map(_is_somebody, one.patterns)) for one in asked)


def _is_somebody(pattern: str) -> bool:
    """
    Tell whether a subject begins with somebody's name, and not with a wildcard or with what all begin with.

    What follows a wildcard does not tell one from another: anybody may call a repository as ours is called. In a
    cluster of one's own it does: ``system:serviceaccount:*:app``.
    """
    if not is_wild(pattern):
        return bool(pattern)
    *kinds, begun = before_wildcard(pattern).split(":")
    if not kinds:
        return bool(begun) and not any(kind.startswith(begun) for kind in _KINDS)
    is_in_a_cluster = kinds == ["system", "serviceaccount"] and pattern.rstrip("*?")[-1] != ":"
    return bool(begun) or is_in_a_cluster or not _KINDS.issuperset(kinds)
