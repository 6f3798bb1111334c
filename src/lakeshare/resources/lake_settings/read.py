"""Reads the settings document of each account once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakeshare.resources.administrators import principals_in, settings_or_refusal
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.values import Absent, Unreadable


def read_administrators(
    run: Run, wanted: Sequence[LakeAdministrator]
) -> Mapping[str, LakeAdministrator | Absent | Unreadable]:
    """Return whether each *wanted* administrator is one."""
    places = list(dict.fromkeys(item.place for item in wanted))
    documents = dict(
        zip(places, run.aws.in_parallel(lambda place: settings_or_refusal(run, place), places), strict=True)
    )
    found: dict[str, LakeAdministrator | Absent | Unreadable] = {}
    for item in wanted:
        document = documents[item.place]
        if isinstance(document, Unreadable):
            found[item.address] = document
        else:
            found[item.address] = item if item.principal in principals_in(document, item.member) else Absent()
    return found
