"""Reads inline policies, one call each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.documents import policy_document
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent


def read_policies(run: Run, wanted: Sequence[IamPolicy]) -> Mapping[str, IamPolicy | Absent]:
    """Return what stands under the name of each *wanted* policy."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: IamPolicy) -> IamPolicy | Absent:
    document = run.once(("role policy", item.place, item.role, item.name), lambda: _document(run, item))
    return Absent() if document is None else replace(item, live=canonical(policy_document(document)))


def _document(run: Run, item: IamPolicy) -> Any:
    try:
        answer = run.aws.call(
            item.place.alias,
            item.place.region,
            "iam",
            "get_role_policy",
            RoleName=item.role,
            PolicyName=item.name,
        )
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    return answer["PolicyDocument"]
