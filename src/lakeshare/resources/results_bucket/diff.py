"""Compares the settings that a bucket of results must have."""

from __future__ import annotations

from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.values import Absent, Unreadable, Verdict

WAY_OUT = "name another bucket in the spec (`to.athena.results_bucket`), or leave the field out to have one made"


def diff(
    desired: ResultsBucket | None,
    observed: ResultsBucket | Absent | Unreadable,
    last_known: ResultsBucket | None,
) -> Verdict:
    """Decide what one bucket needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="bucket")
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="bucket",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def _differences(desired: ResultsBucket, observed: ResultsBucket) -> list[str]:
    names = {
        "is_encrypted": "whether it is encrypted",
        "is_closed_to_public": "whether it is closed to the public",
        "expire_days": "after how many days results expire",
    }
    return field_differences(desired, observed, names)
