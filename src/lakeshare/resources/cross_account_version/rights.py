"""What IAM must allow the operator for the cross-account version."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.rights import Right, rights


def rights_for(_item: CrossAccountVersion) -> Iterator[Right]:
    """Yield the rights; nothing is ever taken away."""
    yield from rights("look", "lakeformation", "GetDataLakeSettings")
    yield from rights(("make", "mend"), "lakeformation", "PutDataLakeSettings")
