"""Compares the settings that a bucket of results must have."""

from __future__ import annotations

from lakeshare.resources.as_it_is import used_as_it_is
from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.tags import tag_differences, with_tags_of_ours
from lakeshare.resources.values import Absent, Blocker, Unreadable, Verdict

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
    if isinstance(observed, ResultsBucket):
        if observed.is_foreign:
            return _taken(desired)
        observed = with_tags_of_ours(desired, observed, last_known)
        if desired.is_named_by_user and last_known is None:
            return used_as_it_is(desired, observed, _differences(desired, observed))
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="bucket",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def _taken(desired: ResultsBucket) -> Blocker:
    account = desired.place.account_id
    reason = f"a bucket {desired.name} exists that is another account's, or that the operator may not look at"
    way_out = f"{WAY_OUT}; if it is account {account}'s own, let the operator have s3:ListBucket on it"
    return Blocker(desired.address, desired.kind, reason, way_out)


def _differences(desired: ResultsBucket, observed: ResultsBucket) -> list[str]:
    names = {
        "is_encrypted": "its encryption",
        "kms_key": "the KMS key of its results",
        "is_closed_to_public": "its block of public access",
        "expire_days": "after how many days results expire",
    }
    return field_differences(desired, observed, names) + tag_differences(desired, observed)
