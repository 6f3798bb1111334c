"""
Resource links: a name here for a database or a table that is elsewhere.

Following is one hop and no more (documented: resource-links-about.html): a link to a link reads as a link to a link.
"""

from __future__ import annotations

from typing import Any

from lakeshare.sandbox.services.glue.catalog import Database, Place, Table


def target_of_database(place: Place, link: Database) -> tuple[Place, str]:
    """Return where a database link leads: the catalog and the name of the database there."""
    assert link.target is not None
    return _place(place, link.target), link.target["DatabaseName"].lower()


def target_of_table(place: Place, link: Table) -> tuple[Place, str, str]:
    """Return where a table link leads: the catalog, the database and the name of the table there."""
    assert link.target is not None
    return _place(place, link.target), link.target["DatabaseName"].lower(), link.target["Name"].lower()


def _place(here: Place, target: dict[str, Any]) -> Place:
    # A target without CatalogId or Region points into the link's own (cdkd issue 1807 shipped that by mistake).
    return Place(target.get("CatalogId") or here.account, target.get("Region") or here.region)
