"""Who administers a place's lake, as far as every kind that Lake Formation rules needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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


ADMINISTRATORS: Final = "DataLakeAdmins"
READ_ONLY_ADMINISTRATORS: Final = "ReadOnlyAdmins"
"""The two lists of the settings document. Whoever is on the second sees all and may change nothing (documented)."""


def principals_in(settings: Mapping[str, Any], member: str) -> list[str]:
    """List the principals of one of the two lists of administrators."""
    return [row["DataLakePrincipalIdentifier"] for row in settings.get(member) or ()]


VERSION_KEY: Final = "CROSS_ACCOUNT_VERSION"


def cross_account_version(settings: Mapping[str, Any]) -> int:
    """Return the version by which the account shares with others; 1 where none is set (observed by Terraform)."""
    return int((settings.get("Parameters") or {}).get(VERSION_KEY, 1))


def administrators(settings: Mapping[str, Any]) -> list[str]:
    """List the principals who administer the lake."""
    return principals_in(settings, ADMINISTRATORS)


def operator_administers(run: Run, place: Place) -> bool:
    """Tell whether the operator is an administrator of *place*, and so may grant, make and revoke there."""
    return _is_listed(run, place, ADMINISTRATORS)


def operator_sees_all(run: Run, place: Place) -> bool:
    """
    Tell whether the operator is an administrator of *place*, be it a read-only one.

    If it is not, Lake Formation leaves things out of lists without a word (documented), and not seeing proves nothing.
    """
    return _is_listed(run, place, ADMINISTRATORS, READ_ONLY_ADMINISTRATORS)


def _is_listed(run: Run, place: Place, *members: str) -> bool:
    settings = settings_or_refusal(run, place)
    if isinstance(settings, Unreadable):
        return False
    operator = run.aws.identity(place.alias).principal_arn
    return any(operator in principals_in(settings, member) for member in members)
