"""Athena workgroups."""

from lakeshare.resources.athena_workgroup.diff import diff
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.athena_workgroup.read import find_workgroup, read_workgroups
from lakeshare.resources.athena_workgroup.rights import rights_for
from lakeshare.resources.athena_workgroup.write import write_workgroups
from lakeshare.resources.kind import Kind
from lakeshare.resources.tags import with_tags_of_both

__all__ = ["KIND", "AthenaWorkgroup", "find_workgroup"]

KIND = Kind(
    name="athena_workgroup",
    label="workgroup",
    title="Athena workgroups",
    model=AthenaWorkgroup,
    read=read_workgroups,
    diff=diff,
    write=write_workgroups,
    rights=rights_for,
    unfinished=with_tags_of_both,
)
