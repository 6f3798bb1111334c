"""
Resource links: a name here for a database or a table that is elsewhere.

Following is one hop and no more (documented: resource-links-about.html): a link to a link reads as a link to a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Database, Place, Table
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

RULE_NOT_REPOINTED = rule(
    "glue.link.not-repointed",
    "A link's target cannot be changed: UpdateTable and UpdateDatabase act on the target. It is deleted and made "
    "again.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-about.html; the message is ours",
)
RULE_NO_STORAGE = rule(
    "glue.link.no-storage",
    "A resource link carries a name and a target, and no schema, storage or location of its own.",
    tag="inferred",
    source="every example of AWS; whether the service refuses more is not established",
)
STORAGE = switch(
    "glue.link-storage",
    "What becomes of a schema, storage or location that a new link is given beside its target.",
    positions={"refuse": "the call is refused", "mask": "it is taken, and never shown: a link shows its target's"},
    source="botocore service model, glue TableInput and DatabaseInput; what the service does is not established",
    concerns=RULE_NO_STORAGE,
)
NOT_ON_TABLE_LINKS: Final = ("StorageDescriptor", "PartitionKeys", "TableType", "Parameters", "ViewOriginalText")
NOT_ON_DATABASE_LINKS: Final = ("LocationUri", "Parameters")


def bare(world: World, given: dict[str, Any], not_on_links: Sequence[str]) -> dict[str, Any]:
    """Return what is stored of a new link: its name and target; refuse what it is given of its target's sort."""
    own = [member for member in not_on_links if given.get(member)]
    if own and STORAGE.stands_at(world) == "refuse":
        message = f"A resource link cannot have {', '.join(own)} beside its target."
        raise RULE_NO_STORAGE.refuse("InvalidInputException", message)
    return {member: value for member, value in given.items() if member not in own}


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
