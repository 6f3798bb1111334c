"""The Lake Formation settings of each account and Region: administrators, defaults, the cross-account version."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS
from lakeshare.sandbox.world import World

LEFT_TO_IAM: Final = [{"Principal": {"DataLakePrincipalIdentifier": IAM_ALLOWED_PRINCIPALS}, "Permissions": ["ALL"]}]
"""The one default that may stand where databases or tables are made: whatever is made, IAM alone rules it."""

ENGINE_TAG: Final = "LakeFormationAuthorizedCaller"
"""The session tag that vouches for an engine which filters by itself."""

FRESH: Final[Mapping[str, Any]] = {
    "DataLakeAdmins": [],
    "ReadOnlyAdmins": [],
    "CreateDatabaseDefaultPermissions": LEFT_TO_IAM,
    "CreateTableDefaultPermissions": LEFT_TO_IAM,
    # Seen by the authors of Terraform's AWS provider on accounts used through the API only (data_lake_settings.go).
    "Parameters": {"CROSS_ACCOUNT_VERSION": "1", "SET_CONTEXT": "TRUE"},
    "TrustedResourceOwners": [],
    "AllowExternalDataFiltering": False,
    "AllowFullTableExternalDataAccess": False,
    "ExternalDataFilteringAllowList": [],
    "AuthorizedSessionTagValueList": [],
}
"""What an account that has never set anything has."""


class Settings:
    """Every account's DataLakeSettings, as one document each."""

    def __init__(self, _world: World) -> None:
        self._documents: dict[Place, dict[str, Any]] = {}

    def document(self, place: Place) -> dict[str, Any]:
        """Return a copy of the whole document."""
        return deepcopy(self._documents.get(place) or dict(FRESH))

    def replace(self, place: Place, document: dict[str, Any]) -> None:
        """Put *document* in place of what was there."""
        self._documents[place] = deepcopy(document)

    def is_admin(self, place: Place, principal: str) -> bool:
        """Whether *principal* is a data lake administrator."""
        return self._lists(place, "DataLakeAdmins", principal)

    def is_read_only_admin(self, place: Place, principal: str) -> bool:
        """Whether *principal* may view everything, and no more."""
        return self._lists(place, "ReadOnlyAdmins", principal)

    def version(self, place: Place) -> int:
        """Return CROSS_ACCOUNT_VERSION, 1 to 5, which decides how grants to other accounts are shared."""
        return int(self._at(place)["Parameters"]["CROSS_ACCOUNT_VERSION"])

    def leaves_to_iam(self, place: Place, kind: str) -> bool:
        """Whether a new *kind* (Database, Table) is left to IAM unless its maker says otherwise."""
        return bool(self._at(place)[f"Create{kind}DefaultPermissions"])

    def lets_filter(self, place: Place, account: str, tags: Mapping[str, str]) -> bool:
        """
        Whether an engine that *account*'s session *tags* vouch for may filter what it reads of this catalog itself.

        The catalog's owner lists the accounts, its own among them, and the values of the tag that a privileged process
        of the engine's vendor starts sessions with (documented: permitting-third-party-call.html).
        """
        held = self._at(place)
        accounts = {entry["DataLakePrincipalIdentifier"] for entry in held["ExternalDataFilteringAllowList"]}
        is_vouched_for = tags.get(ENGINE_TAG) in held["AuthorizedSessionTagValueList"]
        return bool(held["AllowExternalDataFiltering"]) and account in accounts and is_vouched_for

    def lets_read_whole_tables(self, place: Place) -> bool:
        """Whether any engine may read what its caller may read the whole of, without session tags."""
        return bool(self._at(place)["AllowFullTableExternalDataAccess"])

    def _lists(self, place: Place, member: str, principal: str) -> bool:
        return any(entry["DataLakePrincipalIdentifier"] == principal for entry in self._at(place)[member])

    def _at(self, place: Place) -> Mapping[str, Any]:
        return self._documents.get(place) or FRESH
