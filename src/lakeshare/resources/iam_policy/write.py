"""Puts and deletes inline policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from lakeshare.errors import CallError
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.values import Step


def write_policies(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> IamPolicy | None:
    item: IamPolicy = step.resource
    names = {"RoleName": item.role, "PolicyName": item.name}
    if step.action != "delete":
        text = json.dumps(item.document(), separators=(",", ":"))
        run.aws.call(item.place.alias, item.place.region, "iam", "put_role_policy", **names, PolicyDocument=text)
        return replace(item, live=canonical(item.document()))
    try:
        run.aws.call(item.place.alias, item.place.region, "iam", "delete_role_policy", **names)
    except CallError as error:
        if error.aws_code != "NoSuchEntity":
            raise
    return None
