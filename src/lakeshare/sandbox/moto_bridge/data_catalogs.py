"""Athena's data catalogs as moto keeps them."""

from __future__ import annotations

from collections.abc import Mapping

from lakeshare.sandbox.moto_bridge.insides import backends, is_loaded


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
