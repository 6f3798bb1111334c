"""Compares the settings that matter to a share."""

from __future__ import annotations

from lakeshare.resources.as_it_is import used_as_it_is
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.compare import compare, field_differences, removal
from lakeshare.resources.tags import tag_differences, with_tags_of_ours
from lakeshare.resources.values import Absent, Unreadable, Verdict

WAY_OUT = "name another workgroup in the spec (`to.athena.workgroup`), or leave the field out to have one made"


def diff(
    desired: AthenaWorkgroup | None,
    observed: AthenaWorkgroup | Absent | Unreadable,
    last_known: AthenaWorkgroup | None,
) -> Verdict:
    """Decide what one workgroup needs."""
    if desired is None:
        assert last_known is not None
        return removal(observed, last_known, noun="workgroup")
    if desired.is_named_by_user and last_known is None and isinstance(observed, AthenaWorkgroup):
        there = with_tags_of_ours(desired, observed, last_known)
        return used_as_it_is(desired, there, _differences(desired, there))
    if isinstance(observed, AthenaWorkgroup):
        observed = with_tags_of_ours(desired, observed, last_known)
    return compare(
        desired,
        observed,
        owned=last_known is not None,
        noun="workgroup",
        differences=_differences,
        when_different="update",
        way_out=WAY_OUT,
    )


def _differences(desired: AthenaWorkgroup, observed: AthenaWorkgroup) -> list[str]:
    names = {
        "output_location": "where results go",
        "bytes_scanned_cutoff": "the most bytes a query may scan",
        "is_enforced": "its hold on clients' own settings",
        "is_encrypted": "the encryption of results",
        "is_enabled": "the workgroup itself",
    }
    return field_differences(desired, observed, names) + tag_differences(desired, observed)
