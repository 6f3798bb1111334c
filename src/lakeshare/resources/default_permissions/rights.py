"""What IAM must allow the operator for the default permissions."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.default_permissions.model import DefaultPermissions
from lakeshare.resources.rights import Right, rights


def rights_for(_item: DefaultPermissions) -> Iterator[Right]:
    """Yield the rights; what was taken is put back by the same call."""
    yield from rights("look", "lakeformation", "GetDataLakeSettings")
    yield from rights(("make", "mend", "take away"), "lakeformation", "PutDataLakeSettings")
