"""What IAM must allow the operator for a workgroup."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.rights import Right, rights


def rights_for(item: AthenaWorkgroup) -> Iterator[Right]:
    """Yield the rights; one that the spec names and others may have made is only looked at."""
    yield from rights("look", "athena", "GetWorkGroup ListTagsForResource", item.arn)
    yield from rights("make", "athena", "CreateWorkGroup TagResource", item.arn)
    yield from rights("mend", "athena", "UpdateWorkGroup TagResource", item.arn)
    yield from rights("change", "athena", "UntagResource", item.arn)
    yield from rights("take away", "athena", "DeleteWorkGroup", item.arn)
