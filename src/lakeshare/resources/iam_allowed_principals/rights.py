"""What IAM must allow the operator for closing a table to IAM alone."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.resources.iam_allowed_principals.model import ClosedTable
from lakeshare.resources.rights import Right, glue_arns, rights


def rights_for(item: ClosedTable) -> Iterator[Right]:
    """Yield the rights: closing revokes, and ending that grants, for which Lake Formation asks whether we see it."""
    yield from rights("look", "lakeformation", "ListPermissions")
    yield from rights(("make", "mend"), "lakeformation", "BatchRevokePermissions RevokePermissions")
    yield from rights("take away", "lakeformation", "BatchGrantPermissions GrantPermissions")
    yield from rights("take away", "glue", "GetTable", *glue_arns(item.place, item.database, item.table))
