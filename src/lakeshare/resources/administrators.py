"""Who administers a place's lake, as far as every kind that Lake Formation rules needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable


def read_settings(run: Run, place: Place) -> dict[str, Any]:
    """Return the whole settings document, unknown keys included, as it is at this moment."""
    answer = run.aws.call(place.alias, place.region, "lakeformation", "get_data_lake_settings")
    settings: dict[str, Any] = answer["DataLakeSettings"]
    return settings


def settings_or_refusal(run: Run, place: Place) -> dict[str, Any] | Unreadable:
    """Return the settings document, asked for once where *run* remembers, or that reading it is refused."""

    def look() -> dict[str, Any] | Unreadable:
        try:
            return read_settings(run, place)
        except CallError as error:
            if error.aws_code == "AccessDeniedException":
                return Unreadable("GetDataLakeSettings is refused")
            raise

    return run.once(("settings", place), look)


def administrators(settings: Mapping[str, Any]) -> list[str]:
    """List the principals who administer the lake."""
    return [row["DataLakePrincipalIdentifier"] for row in settings.get("DataLakeAdmins", ())]


def operator_administers(run: Run, place: Place) -> bool:
    """
    Tell whether the operator is an administrator of *place*.

    If it is not, Lake Formation leaves things out of lists without a word (documented), and not seeing proves nothing.
    """
    settings = settings_or_refusal(run, place)
    if isinstance(settings, Unreadable):
        return False
    return run.aws.identity(place.alias).principal_arn in administrators(settings)
