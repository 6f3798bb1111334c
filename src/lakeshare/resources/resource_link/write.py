"""Makes and drops links. Every write looks first whether a link is what it is about to drop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.errors import CallError, LakeshareError, after_acting
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Step


def write_links(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one: Glue has no batch for making links."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> ResourceLink | None:
    item: ResourceLink = step.resource
    if step.action == "create":
        return _make(run, item)
    _drop(run, item)
    if step.action == "delete":
        return None
    with after_acting():
        return _make(run, item)


def _make(run: Run, item: ResourceLink) -> ResourceLink:
    # Only a name and a target with its catalog spelt out: without CatalogId Glue would point at the caller's own.
    target = {"CatalogId": item.target_catalog, "DatabaseName": item.target_database, "Name": item.target_table}
    _glue(run, item, "create_table", TableInput={"Name": item.name, "TargetTable": target})
    return item


def _drop(run: Run, item: ResourceLink) -> None:
    row = _look(run, item)
    if row is None:
        return
    if "TargetTable" not in row or row.get("DatabaseName") != item.database:
        raise LakeshareError(
            f"{item.database}.{item.name} is no link any more; nothing was dropped",
            hint="somebody put a table or a database link in its place; look at it before going on",
            account=item.place.account_id,
            region=item.place.region,
        )
    try:
        _glue(run, item, "delete_table", Name=item.name)
    except CallError as error:
        if error.aws_code == "AccessDeniedException":
            # Even an administrator must hold DROP on a link that another principal made (documented).
            _grant_drop(run, item)
            _glue(run, item, "delete_table", Name=item.name)
        elif error.aws_code != "EntityNotFoundException":
            raise


def _look(run: Run, item: ResourceLink) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = _glue(run, item, "get_table", Name=item.name)["Table"]
    except CallError as error:
        if error.aws_code == "EntityNotFoundException":
            return None
        raise
    return row


def _grant_drop(run: Run, item: ResourceLink) -> None:
    table = {"CatalogId": item.place.account_id, "DatabaseName": item.database, "Name": item.name}
    run.aws.call(
        item.place.alias,
        item.place.region,
        "lakeformation",
        "grant_permissions",
        Principal={"DataLakePrincipalIdentifier": run.aws.identity(item.place.alias).principal_arn},
        Resource={"Table": table},
        Permissions=["DROP"],
    )


def _glue(run: Run, item: ResourceLink, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(
        item.place.alias,
        item.place.region,
        "glue",
        operation,
        CatalogId=item.place.account_id,
        DatabaseName=item.database,
        **params,
    )
