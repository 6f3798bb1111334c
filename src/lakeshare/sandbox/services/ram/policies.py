"""
The resource policies that RAM writes for shares, one statement for each resource.

Documented for a table (lake-formation/latest/dg/optimize-ram.html); what is allowed on a database and on a catalog is
inferred from the names of the managed permissions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lakeshare.sandbox.arns import partition_of
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.managed_permissions import ACTIONS
from lakeshare.sandbox.services.ram.resource_types import type_of
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World


def policy_of(world: World, share: Share, resource_arn: str | None = None) -> str | None:
    """
    Return the policy for *share*, or for one of its resources, as JSON.

    None while it would say nothing: as long as no principal or no resource is associated.
    """
    shares = world.store(Shares)
    principals = [each.entity for each in share.principals.values() if shares.status(share, each) == "ASSOCIATED"]
    wanted = None if resource_arn is None else share.resource_for(resource_arn)
    arns = [
        arn
        for arn, each in share.resources.items()
        if (wanted is None or wanted is each) and shares.status(share, each) == "ASSOCIATED"
    ]
    statements = [_statement(whom, arn) for arn in arns for whom in _whom(principals, partition_of(arn))]
    return document(statements) if statements else None


def document(statements: Iterable[dict[str, Any]]) -> str:
    """Return a policy document of *statements*."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def policies_on(world: World, resource_arn: str) -> Iterator[str]:
    """Yield the policies on one resource, of each share that it is in."""
    for share in world.store(Shares).holding(resource_arn):
        policy = policy_of(world, share, resource_arn)
        if policy is not None:
            yield policy


def _statement(whom: dict[str, Any], arn: str) -> dict[str, Any]:
    actions = list(ACTIONS.get(type_of(arn), ()))
    return {"Effect": "Allow", **whom, "Action": actions, "Resource": arn}


def _whom(principals: Iterable[str], partition: str) -> Iterator[dict[str, Any]]:
    """Yield who is meant: accounts and their roles and users together, organisations by a condition each (inferred)."""
    accounts = [f"arn:{partition}:iam::{each}:root" for each in principals if each.isdecimal()]
    accounts += [each for each in principals if ":iam::" in each]
    if accounts:
        yield {"Principal": {"AWS": accounts}}
    for each in principals:
        kind, *path = each.rpartition(":")[2].split("/")
        if kind == "organization":
            yield {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": path[0]}}}
        elif kind == "ou":
            within = {"aws:PrincipalOrgPaths": f"{path[0]}/*/{path[1]}/*"}
            yield {"Principal": "*", "Condition": {"ForAnyValue:StringLike": within}}
