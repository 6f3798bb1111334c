"""The operator role in IAM, read and written with an administrator's credentials: the first job in an account."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.aws.actor import Actor
from lakeshare.errors import CallError
from lakeshare.planning.bootstrap import Bootstrap
from lakeshare.planning.bootstrap_live import FORMER_POLICY, FORMER_SID, Changes, LiveRole
from lakeshare.planning.policy_checks.sizes import check_inline
from lakeshare.resources.documents import policy_document


def read_role(administrator: Actor, wanted: Bootstrap) -> LiveRole | None:
    """Return the role of the wanted name, at whatever path; None when there is none."""
    try:
        row = _iam(administrator, wanted, "get_role")["Role"]
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    names = administrator.pages(wanted.region, "iam", "list_role_policies", "PolicyNames", RoleName=wanted.role_name)
    documents = {
        str(name): policy_document(_iam(administrator, wanted, "get_role_policy", PolicyName=name)["PolicyDocument"])
        for name in names
    }
    tags = {str(tag["Key"]): str(tag["Value"]) for tag in row.get("Tags", ())}
    return LiveRole(str(row["Arn"]), policy_document(row["AssumeRolePolicyDocument"]), tags, documents)


def carry_out(administrator: Actor, wanted: Bootstrap, changes: Changes, live: LiveRole | None) -> Iterator[str]:
    """Make the *changes*, each told in a sentence when it is made."""
    if live is None:
        yield _create(administrator, wanted, changes)
    elif changes.trust is not None:
        document = json.dumps(changes.trust)
        _iam(administrator, wanted, "update_assume_role_policy", PolicyDocument=document)
        gone = f" in the place of {FORMER_SID}" if changes.drops_statement else ""
        yield f"put the statement {wanted.sid} into the trust policy of {wanted.role_name}{gone}"
    # The old goes first only where both have no room: in between the operator could do nothing.
    steps = [_put, _drop] if live is None or _both_fit(wanted, live) else [_drop, _put]
    for step in steps:
        yield from step(administrator, wanted, changes)


def _both_fit(wanted: Bootstrap, live: LiveRole) -> bool:
    return not any(check_inline((dict(live.policies) | {wanted.policy_name: wanted.policy}).values()))


def _create(administrator: Actor, wanted: Bootstrap, changes: Changes) -> str:
    _iam(
        administrator,
        wanted,
        "create_role",
        Path=wanted.path,
        Description="Shares data lakes across accounts; made for lakeshare",
        AssumeRolePolicyDocument=json.dumps(changes.trust),
        Tags=[{"Key": key, "Value": value} for key, value in wanted.tags],
    )
    return f"made the role {wanted.role_name}"


def _put(administrator: Actor, wanted: Bootstrap, changes: Changes) -> Iterator[str]:
    if changes.puts_policy:
        document = json.dumps(wanted.policy, separators=(",", ":"))
        _iam(administrator, wanted, "put_role_policy", PolicyName=wanted.policy_name, PolicyDocument=document)
        yield f"gave {wanted.role_name} the policy {wanted.policy_name}"


def _drop(administrator: Actor, wanted: Bootstrap, changes: Changes) -> Iterator[str]:
    if changes.drops_policy:
        _iam(administrator, wanted, "delete_role_policy", PolicyName=FORMER_POLICY)
        yield f"took the policy {FORMER_POLICY} away from {wanted.role_name}, which {wanted.policy_name} stands for"


def _iam(administrator: Actor, wanted: Bootstrap, operation: str, **params: Any) -> Mapping[str, Any]:
    return administrator.call(wanted.region, "iam", operation, RoleName=wanted.role_name, **params)
