"""Reads workgroups, one call each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.errors import CallError
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.kind import Run
from lakeshare.resources.tags import read_tags
from lakeshare.resources.values import Absent, Place


def read_workgroups(run: Run, wanted: Sequence[AthenaWorkgroup]) -> Mapping[str, AthenaWorkgroup | Absent]:
    """Return what stands under the name of each *wanted* workgroup."""
    observed = run.aws.in_parallel(lambda item: _read(run, item), wanted)
    return {item.address: there for item, there in zip(wanted, observed, strict=True)}


def find_workgroup(run: Run, place: Place, name: str) -> AthenaWorkgroup | None:
    """Return the workgroup called *name* as it is, or None when there is none."""
    there = _read(run, AthenaWorkgroup(place, name, "", 0))
    return None if isinstance(there, Absent) else there


def _read(run: Run, item: AthenaWorkgroup) -> AthenaWorkgroup | Absent:
    row = run.once(("workgroup", item.place, item.name), lambda: _row(run, item))
    if row is None:
        return Absent()
    settings = row.get("Configuration", {})
    return replace(
        item,
        output_location=settings.get("ResultConfiguration", {}).get("OutputLocation", ""),
        bytes_scanned_cutoff=settings.get("BytesScannedCutoffPerQuery", 0),
        is_encrypted=bool(settings.get("ResultConfiguration", {}).get("EncryptionConfiguration")),
        is_enabled=row.get("State", "ENABLED") == "ENABLED",
        is_enforced=settings.get("EnforceWorkGroupConfiguration", False),
        tags=read_tags(item.tags, lambda: run.once(("workgroup tags", item.arn), lambda: _tags(run, item))),
    )


def _row(run: Run, item: AthenaWorkgroup) -> dict[str, Any] | None:
    try:
        answer = run.aws.call(item.place.alias, item.place.region, "athena", "get_work_group", WorkGroup=item.name)
    except CallError as error:
        # Athena has no code of its own for a workgroup that is not there (observed: "WorkGroup NAME is not found.").
        if error.aws_code == "InvalidRequestException" and "not found" in error.message:
            return None
        raise
    row: dict[str, Any] = answer["WorkGroup"]
    return row


def _tags(run: Run, item: AthenaWorkgroup) -> list[tuple[str, str]]:
    place = item.place
    rows = run.aws.pages(place.alias, place.region, "athena", "list_tags_for_resource", "Tags", ResourceARN=item.arn)
    return [(row["Key"], row["Value"]) for row in rows]
