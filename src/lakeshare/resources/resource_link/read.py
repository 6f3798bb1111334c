"""Reads all tables of a database a page at a time; one GetTables page shows a hundred links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Absent, Place, Unreadable


def read_links(run: Run, wanted: Sequence[ResourceLink]) -> Mapping[str, ResourceLink | Absent | Unreadable]:
    """Return what stands at the address of each *wanted* link."""
    spots = list(dict.fromkeys((item.place, item.database) for item in wanted))
    tables = dict(zip(spots, run.aws.in_parallel(lambda spot: _tables_once(run, *spot), spots), strict=True))
    return {item.address: _observed(item, tables[item.place, item.database]) for item in wanted}


def _tables_once(run: Run, place: Place, database: str) -> dict[str, dict[str, Any]] | Unreadable:
    return run.once(("tables", place, database), lambda: _tables(run, place, database))


def _tables(run: Run, place: Place, database: str) -> dict[str, dict[str, Any]] | Unreadable:
    try:
        rows = run.aws.pages(
            place.alias,
            place.region,
            "glue",
            "get_tables",
            "TableList",
            CatalogId=place.account_id,
            DatabaseName=database,
        )
        return {row["Name"]: row for row in rows}
    except CallError as error:
        if error.aws_code == "EntityNotFoundException":
            return {}
        if error.aws_code == "AccessDeniedException":
            return Unreadable("Lake Formation hides the database from the operator")
        raise


def _observed(item: ResourceLink, tables: dict[str, dict[str, Any]] | Unreadable) -> ResourceLink | Absent | Unreadable:
    if isinstance(tables, Unreadable):
        return tables
    row = tables.get(item.name)
    return observed_link(item, row) if row else Absent()


def observed_link(item: ResourceLink, row: Mapping[str, Any]) -> ResourceLink:
    """Return *item* as Glue's *row* shows it."""
    target = row.get("TargetTable")
    if target is None:
        return replace(item, is_link=False)
    return replace(
        item,
        # Glue fills an omitted catalog with the link's own, which is a shape that others' tools have left behind.
        target_catalog=target.get("CatalogId") or item.place.account_id,
        target_database=target.get("DatabaseName", ""),
        target_table=target.get("Name", ""),
    )
