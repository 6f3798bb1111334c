"""Compares the one entry that is ours; what else the document holds is none of our business."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import compare, removal
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.values import Absent, NoOp, Unreadable, Verdict


def diff(
    desired: LakeAdministrator | None,
    observed: LakeAdministrator | Absent | Unreadable,
    last_known: LakeAdministrator | None,
) -> Verdict:
    """Decide whether the entry must be added or taken out."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun=last_known.noun)
    verdict = compare(
        desired,
        observed,
        owned=last_known is not None,
        noun=desired.noun,
        differences=lambda _wanted, _there: [],
        when_different="update",
        way_out="",
    )
    if last_known and last_known.is_borrowed and isinstance(verdict, NoOp):
        # What a run borrowed and did not live to give back is wanted for good now.
        return replace(verdict, learned=desired)
    return verdict
