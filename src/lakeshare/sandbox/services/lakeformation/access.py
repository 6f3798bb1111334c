"""
The one decision about reading: may this caller read this table, through whatever link, and which of its columns.

It is steps 3 to 8 of how Athena reads a shared table: see the local object; follow one hop; has the share arrived; does
Lake Formation rule the target; does the caller hold anything on it; may it read the records, and of which columns.
IAM's own say (step 2) is with the caller of this module, which gets the ARNs to ask about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue import links
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, Place, Table
from lakeshare.sandbox.services.lakeformation import effective, matrix, owners_policy
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, Key, LocationKey, TableKey, name_of
from lakeshare.sandbox.services.lakeformation.registrations import Locations
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.world import World

RULE_PERMITTED = rule(
    "lakeformation.access.permitted",
    "What Lake Formation rules takes a permission on it, granted or implicit; any permission lets one describe it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/granting-link-permissions.html",
)
RULE_SHARED = rule(
    "lakeformation.access.share-accepted",
    "A table of another account takes a RAM share that holds it, whose invitation is accepted and associations made.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html",
)
RULE_PRIVILEGE = rule(
    "lakeformation.access.privilege-on-target",
    "A link gives nothing on its target: the reader needs a grant there, which for another account's table lives only "
    "while the owner's grant to the reader's account, with the grant option, does.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/granting-link-permissions.html",
)
RULE_SELECT = rule(
    "lakeformation.access.select-on-target",
    "Reading records takes SELECT on the target; DESCRIBE shows the table and no more.",
    tag="documented",
    source="https://docs.aws.amazon.com/connect/latest/adminguide/manage-access-to-resource-link-tables.html; "
    "the wording is inferred",
)
RULE_ONE_HOP = rule(
    "lakeformation.access.one-hop",
    "A link is followed once; a link to a link has no columns to read.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/resource-links-about.html; the wording is observed",
)
RULE_EXISTS = rule(
    "lakeformation.access.exists",
    "What is not in the catalog cannot be read.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html",
)


@dataclass(frozen=True, slots=True)
class Cells:
    """
    Some columns (in lower case) of some rows; ``predicate`` says which rows, None for all.

    Where a table comes as several of these the caller sees the cells of all of them together.
    """

    columns: frozenset[str]
    predicate: str | None


@dataclass(frozen=True, slots=True)
class OpenTable:
    """
    A table that the caller may read: the real one, after one hop.

    ``columns`` are (name, Glue type) of those that the caller may read, in table order; partition keys stand apart and
    can always be read. ``glue_arns`` are the ARNs, of link and target, on which IAM must allow glue:GetTable as well.
    ``cells`` are what of those columns can be read in which rows; with none of them, everything in every row.
    ``is_governed`` says that Lake Formation vends the credentials; otherwise the caller's own S3 rights decide.
    ``view_text`` is what a view says, None of a table.
    """

    owner: str
    region: str
    database: str
    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    all_columns: tuple[tuple[str, str], ...]
    parameters: Mapping[str, str]
    partition_keys: tuple[tuple[str, str], ...]
    storage: Mapping[str, Any]
    glue_arns: tuple[str, ...]
    cells: tuple[Cells, ...] = ()
    is_governed: bool = True
    view_text: str | None = None


def may(world: World, caller: Caller, place: Place, key: Key, permission: str) -> bool:
    """
    Whether *caller* has *permission* on a thing, by IAM alone where Lake Formation leaves it to IAM.

    What another account leaves to IAM can be read by a share that has arrived, and not be changed: the policy that RAM
    writes for the share allows the reading operations only (documented: optimize-ram.html). The policy that the owner
    puts on its catalog can allow what it likes there, and what it denies Lake Formation does not give.
    """
    is_foreign = place.account != caller.account
    if is_foreign and owners_policy.denies(world, caller, place, key, permission):
        return False
    if permission in effective.permissions(world, caller, place, key):
        return True
    if is_foreign and not _is_let_in(world, caller, place, key, permission):
        return False
    return effective.is_iams_for(world, caller, place, key)


def may_point_to(world: World, caller: Caller, place: Place, location: str) -> bool:
    """
    Whether *caller* may make a table of *place* at an ``s3://`` location.

    A right on a place holds below it; administrators have it everywhere, and where nothing is registered nobody needs
    it (documented: access-control-underlying-data.html). Hybrid access changes nothing about that, whoever has opted in
    (documented: hybrid-access-mode.html).
    """
    registered = world.store(Locations).governing(place, location)
    if registered is None or world.store(Settings).is_admin(place, caller.principal_arn):
        return True
    there = LocationKey(s3_arn(location.removeprefix("s3://"), place.region))
    return "DATA_LOCATION_ACCESS" in effective.permissions(world, caller, place, there)


def check(world: World, caller: Caller, place: Place, key: Key, permission: str) -> None:
    """Refuse a caller that lacks *permission* on a thing: "Insufficient Lake Formation permission(s)"."""
    if not may(world, caller, place, key, permission):
        raise insufficient(key, permission)


def insufficient(key: Key, permission: str) -> ServiceError:
    """Return Lake Formation's refusal as Glue words it."""
    required = permission.replace("_", " ").title()
    message = f"Insufficient Lake Formation permission(s): Required {required} on {name_of(key)}"
    return RULE_PERMITTED.refuse("AccessDeniedException", message)


def check_arrived(world: World, caller: Caller, place: Place, key: TableKey, permission: str = "DESCRIBE") -> None:
    """Refuse a table of another account that neither a share nor the policy of the owner's catalog brings."""
    if place.account == caller.account or effective.has_arrived(world, caller, place, key):
        return
    if owners_policy.allows(world, caller, place, key, permission):
        return
    raise RULE_SHARED.refuse(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: glue:GetTable on resource: "
        f"{place.table_arn(key.database, key.table)} because no resource-based policy allows the glue:GetTable action",
    )


def open_table(world: World, caller: Caller, region: str, catalog: str, database: str, name: str) -> OpenTable:
    """
    Return the table that *database*.*name* leads to, with what *caller* may read of it.

    Raises EntityNotFoundException when there is no such thing here, AccessDeniedException when the link, the share or
    the grants are missing. It takes DESCRIBE on the database here as well (inferred: a grant on one table is documented
    to show the database to the table's maker only).
    """
    here = Place(catalog or caller.account, region)
    arns = _arns(here, database.lower(), name.lower())
    if here.account != caller.account:
        check_arrived(world, caller, here, TableKey(database.lower(), name.lower()))
        return _readable(world, caller, here, find_table(world, here, database, name), arns)

    home = find_database(world, here, database)
    check(world, caller, here, DatabaseKey(home.name), "DESCRIBE")
    if home.target is not None:
        there, database_name = links.target_of_database(here, home)
        table_name = name.lower()
    else:
        link = find_table(world, here, home.name, name)
        check(world, caller, here, TableKey(home.name, link.name), "DESCRIBE")
        if link.target is None:
            return _readable(world, caller, here, link, arns)
        there, database_name, table_name = links.target_of_table(here, link)

    check_arrived(world, caller, there, TableKey(database_name, table_name))
    target = find_table(world, there, database_name, table_name)
    return _readable(world, caller, there, target, arns + _arns(there, target.database, target.name))


def visible_databases(world: World, caller: Caller, region: str, catalog: str) -> list[str]:
    """Return the names of the databases and database links that *caller* can see, sorted."""
    here = Place(catalog or caller.account, region)
    found = world.store(Catalogs).databases(here)
    return [each.name for each in found if may(world, caller, here, DatabaseKey(each.name), "DESCRIBE")]


def visible_tables(world: World, caller: Caller, region: str, catalog: str, database: str) -> list[str]:
    """Return the names of the tables and links in *database*, or in what it links to, that *caller* can see, sorted."""
    here = Place(catalog or caller.account, region)
    home = world.store(Catalogs).database(here, database)
    if home is None or not may(world, caller, here, DatabaseKey(home.name), "DESCRIBE"):
        return []
    if home.target is not None:
        here, name = links.target_of_database(here, home)
        home = world.store(Catalogs).database(here, name)
    names = sorted(home.tables) if home else []
    return [name for name in names if home and may(world, caller, here, TableKey(home.name, name), "DESCRIBE")]


def default_database_refusal(world: World, caller: Caller, region: str, catalog: str) -> ServiceError | None:
    """
    Return the refusal that Athena runs into when it looks at the database ``default``, or None.

    There is none where ``default`` does not exist, or Lake Formation leaves it to IAM (documented:
    athena/latest/ug/lf-athena-limitations.html).
    """
    here, key = Place(catalog or caller.account, region), DatabaseKey("default")
    if world.store(Catalogs).database(here, "default") is None or may(world, caller, here, key, "DESCRIBE"):
        return None
    return insufficient(key, "DESCRIBE")


def find_database(world: World, place: Place, name: str) -> Database:
    """Return a database or database link, or refuse with EntityNotFoundException."""
    found = world.store(Catalogs).database(place, name)
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", f"Database {name.lower()} not found.")
    return found


def find_table(world: World, place: Place, database: str, name: str) -> Table:
    """Return a table or table link of a database that is no link, or refuse with EntityNotFoundException."""
    found = world.store(Catalogs).table(place, database, name)
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", f"Table {name.lower()} not found.")
    return found


def readable_columns(world: World, caller: Caller, place: Place, table: Table) -> tuple[tuple[str, str], ...]:
    """Return the columns whose values *caller* may read by its grants, in some rows at least."""
    whole = _columns_in_all_rows(world, caller, place, table)
    filters = effective.filters_held(world, caller, place, TableKey(table.database, table.name))
    return tuple(
        column for column in table.columns if column in whole or any(each.covers(column[0].lower()) for each in filters)
    )


def readable_cells(world: World, caller: Caller, place: Place, table: Table) -> tuple[Cells, ...]:
    """Return which cells *caller* may read through data filters; none where no filter keeps any from it."""
    filters = effective.filters_held(world, caller, place, TableKey(table.database, table.name))
    whole = frozenset(name.lower() for name, _ in _columns_in_all_rows(world, caller, place, table))
    names = frozenset(name.lower() for name, _ in table.columns)
    if whole == names or not any(each.expression for each in filters):
        return ()
    shown = [Cells(frozenset(filter(each.covers, names)), each.expression) for each in filters]
    return (*shown, Cells(whole, None)) if whole else tuple(shown)


def _columns_in_all_rows(world: World, caller: Caller, place: Place, table: Table) -> tuple[tuple[str, str], ...]:
    """Return the columns that *caller* may read whatever the row: all of them for the table's maker."""
    key = TableKey(table.database, table.name)
    kind = effective.kind_of(world, place, key)
    assert kind is not None
    if matrix.READS & effective.implicit_permissions(world, caller, place, key, kind):
        return table.columns
    held = effective.explicit_rights(world, caller, place, key)
    rights = [right for right, _ in held if right.permission in matrix.READS]
    return tuple(column for column in table.columns if any(right.covers(column[0].lower()) for right in rights))


def _readable(world: World, caller: Caller, place: Place, table: Table, arns: tuple[str, ...]) -> OpenTable:
    """Return *table* as far as *caller* may read it; refuse when it may read nothing."""
    key = TableKey(table.database, table.name)
    if table.target is not None:
        raise RULE_ONE_HOP.refuse("InvalidInputException", f"Table {table.name}: StorageDescriptor is null")
    if is_governed := not effective.is_iams_for(world, caller, place, key):
        _check_reads(key, effective.permissions(world, caller, place, key))
    storage = table.definition.get("StorageDescriptor", {})
    return OpenTable(
        owner=place.account,
        region=place.region,
        database=table.database,
        name=table.name,
        location=storage.get("Location", ""),
        columns=readable_columns(world, caller, place, table) if is_governed else table.columns,
        all_columns=table.columns,
        parameters=table.definition.get("Parameters", {}),
        partition_keys=table.partition_keys,
        storage=storage,
        glue_arns=arns,
        cells=readable_cells(world, caller, place, table) if is_governed else (),
        is_governed=is_governed,
        view_text=table.definition.get("ViewOriginalText", "") if table.is_view else None,
    )


def _is_let_in(world: World, caller: Caller, place: Place, key: Key, permission: str) -> bool:
    """Whether a share opens what another account leaves to IAM, for reading, or the policy of its catalog does."""
    if permission in {"DESCRIBE", "SELECT"} and effective.has_arrived(world, caller, place, key):
        return True
    return owners_policy.allows(world, caller, place, key, permission)


def _check_reads(key: TableKey, held: frozenset[str]) -> None:
    """Refuse who holds nothing on a table, or nothing that lets it read the records."""
    if not held:
        raise RULE_PRIVILEGE.refuse(
            "AccessDeniedException",
            "Insufficient permissions to execute the query. "
            "Principal does not have any privilege on specified resource",
        )
    if not held & matrix.READS:
        message = f"Insufficient Lake Formation permission(s): Required Select on {key.table}"
        raise RULE_SELECT.refuse("AccessDeniedException", message)


def _arns(place: Place, database: str, table: str) -> tuple[str, ...]:
    return place.catalog_arn, place.database_arn(database), place.table_arn(database, table)
