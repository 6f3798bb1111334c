"""Reads roles, one GetRole each: IAM has no way to read several by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.documents import policy_document
from lakeshare.resources.iam_role.model import IamRole, parse_trust
from lakeshare.resources.kind import Run
from lakeshare.resources.tags import as_tags
from lakeshare.resources.trust import live_external_ids
from lakeshare.resources.values import Absent, Place


def read_roles(run: Run, wanted: Sequence[IamRole]) -> Mapping[str, IamRole | Absent]:
    """Return what stands under the name of each *wanted* role."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: IamRole) -> IamRole | Absent:
    row = find_role(run, item.place, item.name)
    if row is None:
        return Absent()
    service, operator, trustees, foreign = parse_trust(policy_document(row["AssumeRolePolicyDocument"]))
    boundary = (row.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return replace(
        item,
        path=row.get("Path", "/"),
        service=service,
        operator=operator,
        permissions_boundary=boundary,
        max_session_seconds=row.get("MaxSessionDuration", 3600),
        foreign_trust=foreign,
        trustees=trustees,
        kept=why_kept(run, item) if item.kept else None,
        tags=as_tags((tag["Key"], tag["Value"]) for tag in row.get("Tags", ())),
    )


OWN_POLICIES = "lakeshare-"
"""What the names of all inline policies of ours begin with."""


def why_kept(run: Run, item: IamRole) -> str | None:
    """Say which policies that are not ours a role that is to go carries; None when it carries none."""
    place = item.place

    def pages(operation: str, items: str) -> list[Any]:
        return list(run.aws.pages(place.alias, place.region, "iam", operation, items, RoleName=item.name))

    inline = [name for name in pages("list_role_policies", "PolicyNames") if not str(name).startswith(OWN_POLICIES)]
    names = [*inline, *(row["PolicyName"] for row in pages("list_attached_role_policies", "AttachedPolicies"))]
    return f"kept: it carries policies that are not ours, {names[0]} among them" if names else None


def find_role(run: Run, place: Place, name: str) -> dict[str, Any] | None:
    """Return GetRole's answer, or None when there is no role of that name."""
    try:
        row: dict[str, Any] = run.aws.call(place.alias, place.region, "iam", "get_role", RoleName=name)["Role"]
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    return row


def proof_external_ids(run: Run, place: Place, name: str, principal: str) -> list[str]:
    """
    Return the ExternalIds by which exactly *principal* may assume the role, as its live trust policy has them.

    These are secrets: they are for the run's own, and for nothing that is shown or kept but the file of ids.
    """
    row = find_role(run, place, name)
    return [] if row is None else live_external_ids(policy_document(row["AssumeRolePolicyDocument"]), principal)


def inline_policies(run: Run, place: Place, name: str, but: str = "") -> list[Mapping[str, Any]]:
    """Return a role's inline policies, *but* the one of that name."""
    return [document for policy, document in _inline(run, place, name).items() if policy != but]


def _inline(run: Run, place: Place, name: str) -> dict[str, Mapping[str, Any]]:
    pages = run.aws.pages(place.alias, place.region, "iam", "list_role_policies", "PolicyNames", RoleName=name)

    def document(policy: str) -> Mapping[str, Any]:
        asked = {"RoleName": name, "PolicyName": policy}
        answer = run.aws.call(place.alias, place.region, "iam", "get_role_policy", **asked)
        return policy_document(answer["PolicyDocument"])

    return {policy: document(policy) for policy in map(str, list(pages))}


def role_once(run: Run, place: Place, name: str) -> dict[str, Any] | None:
    """Return what `find_role` does, asked once in a run: for roles that are relied on and not changed."""
    return run.once(("role", place.account_id, name), lambda: find_role(run, place, name))


def policies_once(run: Run, place: Place, name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return all policy documents of a role, by name or, for managed ones, by ARN; asked once in a run."""
    return run.once(("role policies", place.account_id, name), lambda: _policies(run, place, name))


def role_policies(run: Run, place: Place, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return all policy documents of a role, inline and attached."""
    return tuple(policies_once(run, place, name).values())


def _policies(run: Run, place: Place, name: str) -> dict[str, Mapping[str, Any]]:

    def call(operation: str, **params: Any) -> dict[str, Any]:
        return run.aws.call(place.alias, place.region, "iam", operation, **params)

    def pages(operation: str, items: str) -> list[Any]:
        return list(run.aws.pages(place.alias, place.region, "iam", operation, items, RoleName=name))

    documents: dict[str, Any] = dict(_inline(run, place, name))
    for row in pages("list_attached_role_policies", "AttachedPolicies"):
        policy = call("get_policy", PolicyArn=row["PolicyArn"])["Policy"]
        version = call("get_policy_version", PolicyArn=row["PolicyArn"], VersionId=policy["DefaultVersionId"])
        documents[row["PolicyArn"]] = version["PolicyVersion"]["Document"]
    return {policy: policy_document(document) for policy, document in documents.items()}
