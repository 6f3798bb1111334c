"""
Reads which tables are open to IAM_ALLOWED_PRINCIPALS, by one unfiltered list an account.

A filter would change what the list means (observed: terraform-provider-aws 44574).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakeshare.errors import CallError
from lakeshare.resources.iam_allowed_principals.model import EVERY_TABLE, ClosedTable
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place, Unreadable

_GROUP = frozenset({"iamallowedprincipals", "everyone"})
"""It goes by several names; see ``lake_grant.held.canonical``."""


def read_closed(run: Run, wanted: Sequence[ClosedTable]) -> Mapping[str, ClosedTable | Absent | Unreadable]:
    """Return whether each of *wanted* is closed."""
    places = list(dict.fromkeys(item.place for item in wanted))
    found = dict(zip(places, run.aws.in_parallel(lambda place: _open_once(run, place), places), strict=True))
    return {item.address: _seen(item, found[item.place]) for item in wanted}


def _seen(item: ClosedTable, opened: frozenset[tuple[str, str]] | Unreadable) -> ClosedTable | Absent | Unreadable:
    if isinstance(opened, Unreadable):
        return opened
    return Absent() if (item.database.lower(), item.table.lower()) in opened else item


def _open_once(run: Run, place: Place) -> frozenset[tuple[str, str]] | Unreadable:
    return run.once(("open to IAM", place), lambda: _open(run, place))


def _open(run: Run, place: Place) -> frozenset[tuple[str, str]] | Unreadable:
    """Return (database, table) of all that the group holds ALL on."""
    where = place.alias, place.region, "lakeformation", "list_permissions", "PrincipalResourcePermissions"
    found = set()
    try:
        for row in run.aws.pages(*where, CatalogId=place.account_id, MaxResults=1000):
            who = row["Principal"]["DataLakePrincipalIdentifier"]
            table = row["Resource"].get("Table")
            if table and "ALL" in row["Permissions"] and who.replace("_", "").lower() in _GROUP:
                is_wildcard = "TableWildcard" in table or table.get("Name") == "ALL_TABLES"
                found.add((table["DatabaseName"].lower(), EVERY_TABLE if is_wildcard else table["Name"].lower()))
    except CallError as error:
        if error.aws_code == "AccessDeniedException":
            return Unreadable("ListPermissions is refused")
        raise
    return frozenset(found)
