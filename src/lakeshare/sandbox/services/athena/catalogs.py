"""
Which Data Catalog a name in front of a database means: AwsDataCatalog, or one that was registered in Athena.

A data catalog of type GLUE that was made with a catalog-id stands for the Data Catalog of that account, which a query
then reads with its caller's own rights there (documented: athena/latest/ug/data-sources-glue-cross-account.html).
"""

from __future__ import annotations

from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.world import World

OWN: Final = "awsdatacatalog"


def account_of_catalog(world: World, caller: Caller, region: str, name: str | None) -> str | None:
    """Return the account whose Data Catalog *name* means, None being the caller's own; None where it means none."""
    if name is None or name.lower() == OWN:
        return caller.account
    return world.store(Moto).glue_catalog(caller.account, region, name)
