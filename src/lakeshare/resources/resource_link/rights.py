"""What IAM must allow the operator for a link."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.rights import Right, glue_arns, rights


def rights_for(item: ResourceLink) -> Iterator[Right]:
    """
    Yield the rights.

    Glue follows a link that it shows, and asks about the target too (documented). A link that somebody else made is
    dropped only by who holds DROP on it, which the operator then grants itself (documented).
    """
    link = glue_arns(item.place, item.database, item.name)
    all_links = glue_arns(item.place, item.database, "*")
    target = glue_arns(item.place, item.target_database, item.target_table, owner=item.target_catalog)
    yield from rights("look", "glue", "GetTables", *all_links)
    yield from rights("look", "glue", "GetTable", *link, *target)
    yield from rights("make", "glue", "CreateTable", *link)
    yield from rights(("mend", "take away"), "glue", "DeleteTable", *link)
    yield from rights(("mend", "take away"), "lakeformation", "GrantPermissions")
