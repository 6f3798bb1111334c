"""
What engines outside AWS may have of a table: by the settings of its owner, and by what its caller may read.

Lake Formation trusts an engine to leave out what its caller may not see only where the owner says so and the session
proves it; any other gets what its caller may read in whole, if that is let (documented: using-cred-vending.html).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place, Table
from lakeshare.sandbox.services.lakeformation import access, effective
from lakeshare.sandbox.services.lakeformation.access import Cells
from lakeshare.sandbox.services.lakeformation.keys import TableKey
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.world import World

RULE_LET = rule(
    "lakeformation.engine.let",
    "An engine gets credentials and unfiltered metadata where the owner's settings let engines filter, list the "
    "caller's account and know the value of the session's LakeFormationAuthorizedCaller tag; or where they let engines "
    "read whole tables, and the caller may.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/using-cred-vending.html; the wording is observed: "
    "apache/iceberg issue 11126",
)
RULE_FILTERS = rule(
    "lakeformation.engine.filters",
    "An engine says that it filters columns or cells where the caller's permissions ask for that.",
    tag="documented",
    source="botocore service model, lakeformation PermissionTypeMismatchException",
)


@dataclass(frozen=True, slots=True)
class Sight:
    """
    What a caller may read of a table.

    ``columns`` are names in table order, partition keys not among them; ``cells`` are those of several filters, none
    where all rows can be read; ``is_whole`` says that nothing is kept from the caller.
    """

    columns: tuple[str, ...]
    cells: tuple[Cells, ...]
    is_governed: bool
    is_whole: bool


def sight(world: World, caller: Caller, place: Place, table: Table) -> Sight:
    """Return what *caller* may read of a table that is no link."""
    if effective.is_iams_for(world, caller, place, TableKey(table.database, table.name)):
        return Sight(tuple(name for name, _ in table.columns), (), is_governed=False, is_whole=True)
    columns = access.readable_columns(world, caller, place, table)
    cells = access.readable_cells(world, caller, place, table)
    is_whole = columns == table.columns and not cells
    return Sight(tuple(name for name, _ in columns), cells, is_governed=True, is_whole=is_whole)


def check_engine(world: World, caller: Caller, place: Place, seen: Sight, supported: Collection[str]) -> None:
    """
    Refuse an engine that is not let, or that does not filter what has to be filtered.

    Raises AccessDeniedException and PermissionTypeMismatchException.
    """
    settings = world.store(Settings)
    is_trusted = settings.lets_filter(place, caller.account, dict(caller.session_tags))
    if not is_trusted and not (seen.is_whole and settings.lets_read_whole_tables(place)):
        raise RULE_LET.refuse("AccessDeniedException", "Access is not allowed.")
    needed = "CELL_FILTER_PERMISSION" if seen.cells else "COLUMN_PERMISSION"
    if not seen.is_whole and needed not in supported:
        message = (
            "There is a mismatch between the SupportedPermissionType used in the query request and the permissions "
            "defined on the target table."
        )
        raise RULE_FILTERS.refuse("PermissionTypeMismatchException", message)
