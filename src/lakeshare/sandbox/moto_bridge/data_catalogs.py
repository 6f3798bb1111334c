"""Athena's data catalogs, and how Glue's are encrypted, as moto keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakeshare.sandbox.moto_bridge.insides import backends, is_loaded


@dataclass(frozen=True, slots=True)
class CatalogEncryption:
    """
    How what is written into a Data Catalog is encrypted: the key as it was named, ``alias/aws/glue`` when none was.

    ``role_arn`` is the role that Glue uses the key as; without one the caller itself uses it.
    """

    key: str
    role_arn: str | None = None


_NOT_ENCRYPTED = "DISABLED"
_BY_ROLE = "SSE-KMS-WITH-SERVICE-ROLE"
AWS_OWN_KEY = "alias/aws/glue"
"""The key that AWS keeps for Glue in an account, and lets nobody of another one use."""


class DataCatalogStore:
    """The data catalogs that CreateDataCatalog made. Before anybody has called moto there are none."""

    def data_catalogs(self, account: str, region: str) -> Mapping[str, str]:
        """Return the type (LAMBDA, GLUE, HIVE) of each data catalog of *account* in *region*, by name."""
        if not is_loaded():
            return {}
        with backends("athena") as athena:
            return {each.name: each.type for each in athena[account][region].data_catalogs.values()}

    def glue_catalog(self, account: str, region: str, name: str) -> str | None:
        """Return the account whose Data Catalog *name*, in whatever case, stands for; None where it stands for none."""
        if not is_loaded():
            return None
        with backends("athena") as athena:
            made = athena[account][region].data_catalogs.values()
            found = next((each for each in made if each.name.lower() == name.lower() and each.type == "GLUE"), None)
            if found is None:
                return None
            given = found.parameters or {}
            return str(given.get("catalog-id", account)) if isinstance(given, dict) else account

    def catalog_encryption(self, account: str, region: str) -> CatalogEncryption | None:
        """Return how Glue's Data Catalog of *account* in *region* is encrypted; None where it is not."""
        if not is_loaded():
            return None
        with backends("glue") as glue:
            settings = glue[account][region].data_catalog_encryption_settings.get(account) or {}
        at_rest = settings.get("EncryptionAtRest") or {}
        mode = at_rest.get("CatalogEncryptionMode", _NOT_ENCRYPTED)
        if mode == _NOT_ENCRYPTED:
            return None
        role = at_rest.get("CatalogEncryptionServiceRole") if mode == _BY_ROLE else None
        return CatalogEncryption(at_rest.get("SseAwsKmsKeyId") or AWS_OWN_KEY, role)
