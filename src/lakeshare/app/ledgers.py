"""Joins the ledger to the places that it can lie in: files here, objects in S3."""

from __future__ import annotations

from pathlib import Path

from lakeshare.aws.object_store import S3ObjectStore, S3Place
from lakeshare.aws.quotas import Quotas
from lakeshare.engine.pace import Pace
from lakeshare.state.ledger import Ledger, open_ledger


def ledger_at(
    state: str | None, beside: Path, name: str, *, create: bool, run_id: str, endpoint_url: str | None
) -> Ledger:
    """
    Open the ledger that *state* means, for the spec called *name* in the folder *beside*; see ``open_ledger``.

    Calls for the ledger keep their own pace, which a request to stop does not cut short: what was done is saved.
    """

    def store_at(url: str) -> S3ObjectStore:
        return S3ObjectStore(S3Place.parse(url), run_id=run_id, pace=Pace(Quotas().rate), endpoint_url=endpoint_url)

    return open_ledger(state, beside, name, create, store_at=store_at)
