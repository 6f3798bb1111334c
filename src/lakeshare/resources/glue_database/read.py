"""Reads databases; a handful per account, so one call each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.errors import CallError
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.kind import Run
from lakeshare.resources.tags import read_tags
from lakeshare.resources.values import Absent, Unreadable


def read_databases(run: Run, wanted: Sequence[GlueDatabase]) -> Mapping[str, GlueDatabase | Absent | Unreadable]:
    """Return what stands at the address of each *wanted* database."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def _read(run: Run, item: GlueDatabase) -> GlueDatabase | Absent | Unreadable:
    try:
        row = run.aws.call(item.place.alias, item.place.region, "glue", "get_database", Name=item.name)["Database"]
    except CallError as error:
        if error.aws_code == "EntityNotFoundException":
            return Absent()
        if error.aws_code == "AccessDeniedException":
            return Unreadable("Lake Formation hides the database from the operator")
        raise
    return replace(
        item,
        is_open_to_iam=bool(row.get("CreateTableDefaultPermissions")),
        is_link="TargetDatabase" in row,
        tags=read_tags(item.tags, lambda: _tags(run, item)),
        kept=why_kept(run, item) if item.kept else None,
    )


def why_kept(run: Run, item: GlueDatabase) -> str | None:
    """Say what stands in a database that is to go, now that ours is out of it; None when it is empty."""
    tables = run.aws.pages(
        item.place.alias,
        item.place.region,
        "glue",
        "get_tables",
        "TableList",
        CatalogId=item.place.account_id,
        DatabaseName=item.name,
    )
    first = next(iter(tables), None)
    return f"kept: it holds tables that are not ours, {first['Name']} among them" if first else None


def _tags(run: Run, item: GlueDatabase) -> list[tuple[str, str]]:
    answer = run.aws.call(item.place.alias, item.place.region, "glue", "get_tags", ResourceArn=item.arn)
    return list(answer.get("Tags", {}).items())
