"""Reads the trust policies that statements of ours stand in, one GetRole for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.documents import policy_document
from lakeshare.resources.iam_trust.model import IamTrust, found_in
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent


def read_trusts(run: Run, wanted: Sequence[IamTrust]) -> Mapping[str, IamTrust | Absent]:
    """Return what stands for each *wanted* statement."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: IamTrust) -> IamTrust | Absent:
    document = run.once(("trust policy", item.place, item.role), lambda: trust_policy(run, item))
    found = None if document is None else found_in(document, item)
    return Absent() if found is None else replace(item, stands_under=found[0], live=found[1])


def trust_policy(run: Run, item: IamTrust) -> Mapping[str, Any] | None:
    """Return the whole trust policy as it is now, ExternalIds and all; None when there is no such role."""
    place = item.place
    try:
        answer = run.aws.call(place.alias, place.region, "iam", "get_role", RoleName=item.role)
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return None
        raise
    return policy_document(answer["Role"]["AssumeRolePolicyDocument"])
