"""The group for "IAM alone decides", taken off tables that are shared."""

from lakeshare.resources.iam_allowed_principals.diff import diff
from lakeshare.resources.iam_allowed_principals.model import ClosedTable
from lakeshare.resources.iam_allowed_principals.read import read_closed
from lakeshare.resources.iam_allowed_principals.rights import rights_for
from lakeshare.resources.iam_allowed_principals.write import lane, write_closed
from lakeshare.resources.kind import Kind

__all__ = ["KIND", "ClosedTable"]

KIND = Kind(
    name="iam_allowed_principals",
    label="iam-allowed-principals",
    title="IAM_ALLOWED_PRINCIPALS on tables",
    model=ClosedTable,
    read=read_closed,
    diff=diff,
    write=write_closed,
    rights=rights_for,
    lane=lane,
    is_hidden_without_admin=True,
    verbs=("give back", "revoke"),
    sight=lambda item: item.place,
)
