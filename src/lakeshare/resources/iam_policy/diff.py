"""Compares whole documents: the policy under our name is ours alone."""

from __future__ import annotations

from lakeshare.resources.compare import compare, removal
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.values import Absent, Unreadable, Verdict


def diff(desired: IamPolicy | None, observed: IamPolicy | Absent | Unreadable, last_known: IamPolicy | None) -> Verdict:
    """Decide what one policy needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="policy")
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="policy",
        differences=_differences,
        when_different="update",
        way_out="delete the policy of that name from the role, or name the spec otherwise",
    )


def _differences(desired: IamPolicy, observed: IamPolicy) -> list[str]:
    return [] if canonical(desired.document()) == observed.live else ["its statements differ"]
