"""Makes, changes and deletes workgroups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.errors import CallError, after_acting
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.tags import tag_changes
from lakeshare.resources.values import Step


def write_workgroups(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps one by one."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> AthenaWorkgroup | None:
    item: AthenaWorkgroup = step.resource
    results = {"OutputLocation": item.output_location, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    match step.action:
        case "create":
            _athena(
                run,
                item,
                "create_work_group",
                Name=item.name,
                Description="Queries on shared tables; made by lakeshare",
                Configuration={
                    "ResultConfiguration": results,
                    "EnforceWorkGroupConfiguration": True,
                    "PublishCloudWatchMetricsEnabled": True,
                    "BytesScannedCutoffPerQuery": item.bytes_scanned_cutoff,
                    "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
                },
                Tags=[{"Key": key, "Value": value} for key, value in item.tags],
            )
        case "update":
            _athena(
                run,
                item,
                "update_work_group",
                WorkGroup=item.name,
                State="ENABLED",
                ConfigurationUpdates={
                    "ResultConfigurationUpdates": results,
                    "EnforceWorkGroupConfiguration": True,
                    "BytesScannedCutoffPerQuery": item.bytes_scanned_cutoff,
                },
            )
            with after_acting():
                _tag(run, item, step.observed)
        case "delete":
            _delete(run, item)
            return None
        case other:
            raise AssertionError(f"a workgroup is never changed by {other}")
    return item


def _tag(run: Run, item: AthenaWorkgroup, observed: AthenaWorkgroup) -> None:
    put, drop = tag_changes(item, observed)
    if put:
        tags = [{"Key": key, "Value": value} for key, value in put.items()]
        _athena(run, item, "tag_resource", ResourceARN=item.arn, Tags=tags)
    if drop:
        _athena(run, item, "untag_resource", ResourceARN=item.arn, TagKeys=drop)


def _delete(run: Run, item: AthenaWorkgroup) -> None:
    try:
        # A workgroup that ran queries can only be deleted together with their history.
        _athena(run, item, "delete_work_group", WorkGroup=item.name, RecursiveDeleteOption=True)
    except CallError as error:
        if not (error.aws_code == "InvalidRequestException" and "not found" in error.message):
            raise


def _athena(run: Run, item: AthenaWorkgroup, operation: str, **params: Any) -> dict[str, Any]:
    return run.aws.call(item.place.alias, item.place.region, "athena", operation, **params)
