"""Reads roles, one GetRole each: IAM has no way to read several by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from lakeshare.errors import CallError
from lakeshare.resources.iam_role.model import IamRole, parse_trust
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place


def read_roles(run: Run, wanted: Sequence[IamRole]) -> Mapping[str, IamRole | Absent]:
    """Return what stands under the name of each *wanted* role."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: IamRole) -> IamRole | Absent:
    row = find_role(run, item.place, item.name)
    if row is None:
        return Absent()
    document = row["AssumeRolePolicyDocument"]
    service, operator, foreign = parse_trust(json.loads(unquote(document)) if isinstance(document, str) else document)
    boundary = (row.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return replace(
        item,
        path=row.get("Path", "/"),
        service=service,
        operator=operator,
        permissions_boundary=boundary,
        max_session_seconds=row.get("MaxSessionDuration", 3600),
        foreign_trust=foreign,
    )


def find_role(run: Run, place: Place, name: str) -> dict[str, Any] | None:
    """Return GetRole's answer, or None when there is no role of that name."""
    try:
        row: dict[str, Any] = run.aws.call(place.alias, place.region, "iam", "get_role", RoleName=name)["Role"]
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    return row
