"""Reads inline policies, one call each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
            return Absent()
        raise
    return replace(item, live=canonical(policy_document(answer["PolicyDocument"])))
