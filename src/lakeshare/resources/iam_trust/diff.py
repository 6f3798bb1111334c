"""Compares one statement under our Sid; what else a trust policy says is none of our business."""

from __future__ import annotations

from dataclasses import replace

from lakeshare.resources.compare import compare, removal
from lakeshare.resources.iam_trust.model import IamTrust
from lakeshare.resources.trust import digests_in
from lakeshare.resources.values import Absent, Unreadable, Verdict

WAY_OUT = "take the statement of that Sid out of the role's trust policy, or name the spec otherwise"


def diff(desired: IamTrust | None, observed: IamTrust | Absent | Unreadable, last_known: IamTrust | None) -> Verdict:
    """
    Decide what one statement needs.

    Where somebody else lets the same one in on the same conditions there is nothing to add; but what the ledger says
    is ours stands under our Sid, so that it can be told from theirs when it goes.
    """
    if last_known is not None and isinstance(observed, IamTrust) and observed.stands_under != last_known.sid:
        observed = Absent()
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="statement")
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="trust statement",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def asks_for_another_id(desired: IamTrust, observed: IamTrust) -> bool:
    """Tell whether an ExternalId is all that separates the two: ours in everything but the secret."""
    digest = desired.trustee.external_id_digest
    if digest is None or observed.live is None or observed.live == desired.trustee.text:
        return False
    blank = replace(desired.trustee, external_id_digest="").text
    return any(observed.live.replace(found, "") == blank for found in digests_in(observed.live))


def _differences(desired: IamTrust, observed: IamTrust) -> list[str]:
    if observed.live == desired.trustee.text:
        return []
    if asks_for_another_id(desired, observed):
        return ["it asks for another ExternalId"]
    return [f"it says {observed.live}, not {desired.trustee.text}"]
