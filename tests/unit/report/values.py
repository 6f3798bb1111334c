"""Plans, outcomes and proofs by hand, and a page to write them on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from lakeshare.access.proof import Proof
from lakeshare.app import Outcome
from lakeshare.planning.plan import Plan
from lakeshare.report.text.page import Page
from lakeshare.resources.iam_role.model import IamRole
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Absent, Action, Blocker, KnownAfter, NoOp, Place, Step

CONSUMER = Place("consumer", "222222222222", "eu-west-2")
OWNER = KnownAfter("producer/eu-west-2/association:i/users/222222222222", "lake_account", "association")
ROLE = "arn:aws:iam::222222222222:role/connect-analytics-lambda-execution-role"


def step(resource: Any, action: Action = "create", reason: str = "the thing is missing") -> Step:
    """A step about *resource*."""
    if action == "delete":
        return Step(resource.address, resource.kind, action, reason, None, resource)
    return Step(resource.address, resource.kind, action, reason, resource, Absent())


def link(table: str, owner: Any = "333333333333") -> ResourceLink:
    """A link to *table*."""
    return ResourceLink(CONSUMER, "analytics", f"{table}_link", owner, "connect_datalake", table)


def grant(table: str, permission: Any = "SELECT", principal: str = ROLE) -> LakeGrant:
    """A grant on *table*."""
    return LakeGrant(CONSUMER, principal, permission, "333333333333", "connect", "connect_datalake", table)


def role(name: str) -> IamRole:
    """A role."""
    return IamRole(CONSUMER, name)


def no_op(resource: Any, *, is_ours: bool = True, **more: Any) -> NoOp:
    """A thing that is as it should be."""
    reason = "as it should be" if is_ours else "exists, not ours"
    return NoOp(resource.address, resource.kind, reason, is_ours=is_ours, **more)


def blocker(resource: Any) -> Blocker:
    """Something in the way."""
    return Blocker(resource.address, resource.kind, "a table of that name exists", "choose another name in the spec")


def plan(*steps: Step, **more: Any) -> Plan:
    """A plan of *steps*."""
    return Plan(steps=steps, **more)


def outcome(address: str, status: Any = "done", **more: Any) -> Outcome:
    """What became of one step."""
    return Outcome(address, more.pop("action", "create"), status, **more)


def proof(table: str, status: Any = "pass", **more: Any) -> Proof:
    """A proof about *table*."""
    facts: dict[str, Any] = {"reader": "analyst", "account": "consumer", "share": "s", "expect": "allow"}
    facts |= {"method": "query", "link": f"{table}_link", **more}
    return Proof(table=table, status=status, **facts)


def shown(render: Callable[[Page], None], *, columns: int = 100, encoding: str = "utf-8") -> str:
    """Return what *render* writes on a page that is no terminal."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    render(Page(stream, environ={"COLUMNS": str(columns)}))
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode(encoding)
