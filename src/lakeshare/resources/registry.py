"""
The only list of kinds.

In the order in which they are read: what a kind leaves to be known later, an earlier one may already tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from lakeshare.resources import (
    athena_workgroup,
    connect_association,
    cross_account_version,
    default_permissions,
    glue_database,
    iam_allowed_principals,
    iam_policy,
    iam_role,
    iam_trust,
    lake_grant,
    lake_settings,
    ram_invitation,
    resource_link,
    results_bucket,
)
from lakeshare.resources.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        connect_association.KIND,
        lake_settings.KIND,
        cross_account_version.KIND,
        default_permissions.KIND,
        iam_role.KIND,
        iam_trust.KIND,
        results_bucket.KIND,
        athena_workgroup.KIND,
        glue_database.KIND,
        iam_allowed_principals.KIND,
        lake_grant.KIND,
        ram_invitation.KIND,
        resource_link.KIND,
        iam_policy.KIND,
    )
}


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind].model)


def to_json(resource: Any) -> dict[str, Any]:
    """Return *resource* as what the ledger and plan files hold."""
    document: dict[str, Any] = _adapter(resource.kind).dump_python(resource, mode="json")
    return document


def from_json(kind: str, document: Mapping[str, Any]) -> Any:
    """Return the resource that `to_json` wrote."""
    return _adapter(kind).validate_python(document)
