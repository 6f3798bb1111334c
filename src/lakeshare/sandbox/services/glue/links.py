"""
Resource links: a name here for a database or a table that is elsewhere.

Following is one hop and no more (documented: resource-links-about.html): a link to a link reads as a link to a link.
"""

from __future__ import annotations

from typing import Any

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Database, Place, Table

RULE_NOT_REPOINTED = rule(
    "glue.link.not-repointed",
    "A link's target cannot be changed: UpdateTable and UpdateDatabase act on the target. It is deleted and made "
    "again.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-about.html; the message is ours",
)


def target_of_database(place: Place, link: Database) -> tuple[Place, str]:
    """Return where a database link leads: the catalog and the name of the database there."""
    assert link.target is not None
    return _place(place, link.target), link.target["DatabaseName"].lower()


def target_of_table(place: Place, link: Table) -> tuple[Place, str, str]:
    """Return where a table link leads: the catalog, the database and the name of the table there."""
    assert link.target is not None
    return _place(place, link.target), link.target["DatabaseName"].lower(), link.target["Name"].lower()


def not_repointed() -> ServiceError:
    """Return the refusal of another target."""
    message = "The target of a resource link cannot be updated; delete the link and create it again."
    return RULE_NOT_REPOINTED.refuse("InvalidInputException", message)


def _place(here: Place, target: dict[str, Any]) -> Place:
    # A target without CatalogId or Region points into the link's own (cdkd issue 1807 shipped that by mistake).
    return Place(target.get("CatalogId") or here.account, target.get("Region") or here.region)
