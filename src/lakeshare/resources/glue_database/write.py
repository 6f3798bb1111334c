"""Makes and drops databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError, LakeshareError, after_acting
from lakeshare.resources.administrators import operator_sees_all
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.glue_database.read import why_kept
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Kept, Step


def write_databases(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> GlueDatabase | Kept | None:
    item: GlueDatabase = step.resource
    match step.action:
        case "create":
            # An omitted member would leave new tables to IAM alone; an empty list is the only way to say "nobody".
            document = {
                "Name": item.name,
                "Description": "Links to shared tables, made by lakeshare",
                "CreateTableDefaultPermissions": [],
            }
            _glue(
                run,
                item,
                "create_database",
                CatalogId=item.place.account_id,
                DatabaseInput=document,
                Tags=dict(item.tags),
            )
            return item
        case "update":
            return _mend(run, item, step.observed)
        case "delete":
            return _drop(run, item)
        case other:
            raise AssertionError(f"a database is never changed by {other}")


def _mend(run: Run, item: GlueDatabase, observed: GlueDatabase) -> GlueDatabase:
    """Change what differs in a database of ours."""
    if observed.is_link:
        raise LakeshareError(
            f"the database {item.name} has been replaced by a link to another account's database",
            hint="UpdateDatabase on a link would reach the other account's database; drop the link by hand first",
            account=item.place.account_id,
            region=item.place.region,
        )
    with after_acting():
        if observed.is_open_to_iam:
            _close(run, item)
        put, drop = tag_changes(item, observed)
        if put:
            _glue(run, item, "tag_resource", ResourceArn=item.arn, TagsToAdd=put)
        if drop:
            _glue(run, item, "untag_resource", ResourceArn=item.arn, TagsToRemove=drop)
    return item


def _close(run: Run, item: GlueDatabase) -> None:
    """Set the table defaults of a database back to nobody; the rest of it goes back as it was read."""
    there = _glue(run, item, "get_database", Name=item.name)["Database"]
    kept = {key: there[key] for key in ("Name", "Description", "LocationUri", "Parameters") if key in there}
    document = {**kept, "CreateTableDefaultPermissions": []}
    _glue(run, item, "update_database", CatalogId=item.place.account_id, Name=item.name, DatabaseInput=document)


def _drop(run: Run, item: GlueDatabase) -> Kept | None:
    """
    Drop a database that holds nothing any more: DeleteDatabase would take what others put there with it.

    Only an administrator sees all there is, so nobody else's empty list is believed.
    """
    if not operator_sees_all(run, item.place):
        return Kept(item, "kept: only a Lake Formation administrator can see whether it is empty")
    try:
        why = why_kept(run, item)
        if why:
            return Kept(replace(item, kept=why), why)
        _glue(run, item, "delete_database", CatalogId=item.place.account_id, Name=item.name)
    except CallError as error:
        if error.aws_code != "EntityNotFoundException":
            raise
    return None


def _glue(run: Run, item: GlueDatabase, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(item.place.alias, item.place.region, "glue", operation, **params)
