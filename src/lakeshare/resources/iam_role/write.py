"""Makes, changes and deletes roles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError, LakeshareError, after_acting
from lakeshare.resources.iam_role.model import IamRole, trust_document
from lakeshare.resources.iam_role.read import OWN_POLICIES, why_kept
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Kept, Step


def write_roles(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> IamRole | Kept | None:
    item: IamRole = step.resource
    match step.action:
        case "create":
            return _make(run, item, _trust(run, item))
        case "update":
            return _change(run, item, step.observed)
        case "replace":
            # Its ExternalId may be missing: better known before anything is taken away.
            trust = _trust(run, item)
            with after_acting():
                _delete_own_policies(run, step.observed)
                _delete(run, step.observed)
                return _make(run, item, trust)
        case "delete":
            return _take_away(run, item)


def _take_away(run: Run, item: IamRole) -> Kept | None:
    """Delete a role that nobody wants any more, unless somebody made it theirs by giving it policies."""
    try:
        _delete(run, item)
    except CallError as error:
        why = why_kept(run, item) if error.aws_code == "DeleteConflict" else None
        if why is None:
            raise
        return Kept(replace(item, kept=why), why)
    return None


def _trust(run: Run, item: IamRole) -> str:
    try:
        return json.dumps(trust_document(item, run.secrets))
    except KeyError as error:
        raise LakeshareError(
            f"an ExternalId that the trust policy of {item.name} asks for is not at hand",
            hint="set the variable that `external_id` in the spec names",
            account=item.place.account_id,
        ) from error


def _make(run: Run, item: IamRole, trust: str) -> IamRole:
    boundary = {"PermissionsBoundary": item.permissions_boundary} if item.permissions_boundary else {}
    _iam(
        run,
        item,
        "create_role",
        Path=item.path,
        AssumeRolePolicyDocument=trust,
        Description="Reads shared tables; made by lakeshare",
        MaxSessionDuration=item.max_session_seconds,
        Tags=[{"Key": key, "Value": value} for key, value in item.tags],
        **boundary,
    )
    return item


def _change(run: Run, item: IamRole, observed: IamRole) -> IamRole:
    _iam(run, item, "update_assume_role_policy", PolicyDocument=_trust(run, item))
    with after_acting():
        _change_the_rest(run, item, observed)
    return item


def _change_the_rest(run: Run, item: IamRole, observed: IamRole) -> None:
    if item.max_session_seconds != observed.max_session_seconds:
        _iam(run, item, "update_role", MaxSessionDuration=item.max_session_seconds)
    if item.permissions_boundary and item.permissions_boundary != observed.permissions_boundary:
        _iam(run, item, "put_role_permissions_boundary", PermissionsBoundary=item.permissions_boundary)
    elif observed.permissions_boundary and not item.permissions_boundary:
        _iam(run, item, "delete_role_permissions_boundary")
    put, drop = tag_changes(item, observed)
    if put:
        _iam(run, item, "tag_role", Tags=[{"Key": key, "Value": value} for key, value in put.items()])
    if drop:
        _iam(run, item, "untag_role", TagKeys=drop)


def _delete_own_policies(run: Run, item: IamRole) -> None:
    """Take our inline policies, known by their names, off a role that makes room; they are put on the new one again."""
    place = item.place
    try:
        names = list(
            run.aws.pages(place.alias, place.region, "iam", "list_role_policies", "PolicyNames", RoleName=item.name)
        )
        for name in names:
            if str(name).startswith(OWN_POLICIES):
                _iam(run, item, "delete_role_policy", PolicyName=name)
    except CallError as error:
        if error.aws_code != "NoSuchEntity":
            raise


def _delete(run: Run, item: IamRole) -> None:
    """Delete a role. IAM refuses while it carries policies, and those that are left now are somebody else's."""
    try:
        _iam(run, item, "delete_role")
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return
        if error.aws_code == "DeleteConflict":
            error.hint = "somebody attached policies to this role; take them off, then run again"
        raise


def _iam(run: Run, item: IamRole, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(item.place.alias, item.place.region, "iam", operation, RoleName=item.name, **params)
