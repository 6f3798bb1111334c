"""Reads the settings document of each account once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.values import Absent, Place, Unreadable


def read_administrators(
    run: Run, wanted: Sequence[LakeAdministrator]
) -> Mapping[str, LakeAdministrator | Absent | Unreadable]:
    """Return whether each *wanted* administrator is one."""
    places = list(dict.fromkeys(item.place for item in wanted))
    documents = dict(zip(places, run.aws.in_parallel(lambda place: _settings(run, place), places), strict=True))
    found: dict[str, LakeAdministrator | Absent | Unreadable] = {}
    for item in wanted:
        document = documents[item.place]
        if isinstance(document, Unreadable):
            found[item.address] = document
        else:
            found[item.address] = item if item.principal in administrators(document) else Absent()
    return found


def read_settings(run: Run, place: Place) -> dict[str, Any]:
    """Return the whole settings document, unknown keys included."""
    answer = run.aws.call(place.alias, place.region, "lakeformation", "get_data_lake_settings")
    settings: dict[str, Any] = answer["DataLakeSettings"]
    return settings


def administrators(settings: Mapping[str, Any]) -> list[str]:
    """List the principals who administer the lake."""
    return [row["DataLakePrincipalIdentifier"] for row in settings.get("DataLakeAdmins", ())]


def _settings(run: Run, place: Place) -> dict[str, Any] | Unreadable:
    try:
        return read_settings(run, place)
    except CallError as error:
        if error.aws_code == "AccessDeniedException":
            return Unreadable("GetDataLakeSettings is refused")
        raise
