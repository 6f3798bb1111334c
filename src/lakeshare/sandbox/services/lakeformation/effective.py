"""
What a caller holds at this moment: explicit grants that are alive, and the rights that nobody has to grant.

A grant that a consumer account passed on is alive while the owner's grant to that account, with the grant option, is,
and while the account has accepted the share that carries the thing; otherwise it is inert.
"""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, NestedCatalog, Place, Table
from lakeshare.sandbox.services.lakeformation import matrix, sharing
from lakeshare.sandbox.services.lakeformation.cells import CellsFilter, CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Held, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import (
    CatalogKey,
    DatabaseKey,
    FilterKey,
    Key,
    LocationKey,
    TableKey,
)
from lakeshare.sandbox.services.lakeformation.optins import OptIns
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS
from lakeshare.sandbox.services.lakeformation.registrations import Locations
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World


def names_of(caller: Caller) -> tuple[str, ...]:
    """Return the principals that *caller* is: its own ARN, and the group of all IAM principals of its account."""
    return caller.principal_arn, f"{caller.account}:IAMPrincipals"


def kind_of(world: World, place: Place, key: Key) -> matrix.Kind | None:
    """Return what sort of thing *key* names, None when there is no such thing."""
    match key:
        case CatalogKey(name):
            if not name:
                return "catalog"
            return "nested catalog" if world.store(Catalogs).nested(place, name) else None
        case LocationKey():
            return "location"
        case FilterKey():
            return "filter" if world.store(CellsFilters).named(place, key) else None
        case DatabaseKey(database):
            found = world.store(Catalogs).database(place, database)
            return None if found is None else "database link" if found.target is not None else "database"
        case TableKey():
            return _kind_of_table(world, place, key)


def _kind_of_table(world: World, place: Place, key: TableKey) -> matrix.Kind | None:
    if key.is_wildcard:
        return "table" if world.store(Catalogs).database(place, key.database) else None
    held = world.store(Catalogs).table(place, key.database, key.table)
    if held is None:
        return None
    return "table link" if held.target is not None else "view" if held.is_view else "table"


def table_at(world: World, place: Place, key: Key) -> Table | None:
    """Return the table that *key* names; None for a wildcard, for what is no table, and for what is not there."""
    return world.store(Catalogs).table(place, key.database, key.table) if isinstance(key, TableKey) else None


def is_left_to_iam(world: World, place: Place, key: Key) -> bool:
    """Whether IAM alone rules the thing: IAM_ALLOWED_PRINCIPALS holds Super on it (on a catalog: CREATE_DATABASE)."""
    right = Right("CREATE_DATABASE" if key == CatalogKey() else "ALL")
    group = Holder(IAM_ALLOWED_PRINCIPALS, place.account)
    grants = world.store(Grants)
    return any(right in grants.on(place, covering).get(group, {}) for covering in covering_keys(key))


def is_iams_for(world: World, caller: Caller, place: Place, key: Key) -> bool:
    """
    Whether IAM alone rules the thing for *caller*.

    In a location that is registered for hybrid access Lake Formation rules those who were opted in, and IAM everybody
    else (documented: hybrid-access-mode.html); elsewhere the thing's own grants decide, for all alike.
    """
    if is_hybrid(world, place, key):
        return not world.store(OptIns).hold(caller, place, covering_keys(key))
    return is_left_to_iam(world, place, key)


def is_hybrid(world: World, place: Place, key: Key) -> bool:
    """Whether the data of a table, or of a filter's table, lie in a location registered for hybrid access."""
    table = table_at(world, place, key.of if isinstance(key, FilterKey) else key)
    if table is None:
        return False
    location = str(table.definition.get("StorageDescriptor", {}).get("Location", ""))
    governing = world.store(Locations).governing(place, location) if location else None
    return governing is not None and governing.is_hybrid


def covering_keys(key: Key) -> tuple[Key, ...]:
    """
    Return the keys whose grants cover *key*: its own, of a table that of all tables in its database, of a place in S3
    those of the places above it.
    """
    if isinstance(key, LocationKey):
        return key.above
    if isinstance(key, TableKey) and not key.is_wildcard:
        return key, key.wildcard
    return (key,)


def account_passes_on(world: World, place: Place, key: Key, account: str, right: Right) -> bool:
    """Whether the owner has granted *account*, or what it is in, what contains *right*, with the grant option."""
    grants = world.store(Grants)
    if isinstance(key, FilterKey) and account_passes_on(world, place, key.of, account, Right("SELECT")):
        return True
    given = (
        (held_right, held)
        for covering in covering_keys(key)
        for name in world.store(Shares).names_of(account)
        for held_right, held in grants.on(place, covering).get(Holder(name, place.account), {}).items()
    )
    return any(held.grantable and contains(held_right, right) for held_right, held in given)


def contains(wide: Right, narrow: Right) -> bool:
    """Whether whoever holds *wide* holds *narrow*; Super contains every permission."""
    if wide.permission not in {narrow.permission, "ALL"}:
        return False
    if narrow.column is not None:
        return wide.covers(narrow.column)
    return wide.column is None and wide.excluded <= narrow.excluded


def explicit_rights(world: World, caller: Caller, place: Place, key: Key) -> Iterator[tuple[Right, Held]]:
    """Yield the rights on *key* that were granted to *caller* and are alive, and how they are held."""
    if place.account != caller.account and not sharing.has_arrived(world, place, key, caller.account):
        return
    grants = world.store(Grants)
    for covering in covering_keys(key):
        for name in names_of(caller):
            for via in {place.account, caller.account}:
                for right, held in grants.on(place, covering).get(Holder(name, via), {}).items():
                    if via == place.account or account_passes_on(world, place, covering, via, right):
                        yield right, held


def filters_held(world: World, caller: Caller, place: Place, key: TableKey) -> tuple[CellsFilter, ...]:
    """Return the data filters on a table through which *caller* may read it."""
    if key.is_wildcard:
        return ()
    filters = world.store(CellsFilters).on(place, key).values()
    return tuple(
        each
        for each in filters
        if any(right.permission == "SELECT" for right, _ in explicit_rights(world, caller, place, each.key))
    )


def may_pass_on(world: World, caller: Caller, place: Place, key: Key, right: Right) -> bool:
    """Whether *caller* itself, administrator or not, holds what contains *right* with the grant option, or made it."""
    if any(held.grantable and contains(wide, right) for wide, held in explicit_rights(world, caller, place, key)):
        return True
    if isinstance(key, FilterKey):
        return may_pass_on(world, caller, place, key.of, Right("SELECT"))
    kind = kind_of(world, place, key)
    if kind is None or place.account != caller.account:
        return False
    return right.permission in creator_permissions(world, caller, place, key, kind)


def permissions(world: World, caller: Caller, place: Place, key: Key) -> frozenset[str]:
    """
    Return every permission *caller* has on *key*, granted or implicit, on all its columns or on some.

    Having any permission on a thing lets one describe it (documented: implicit-permissions.html).
    """
    kind = kind_of(world, place, key)
    if kind is None:
        return frozenset()
    granted = _granted(world, caller, place, key, kind)
    if isinstance(key, TableKey) and "SELECT" not in granted and filters_held(world, caller, place, key):
        granted.add("SELECT")
    held = granted | implicit_permissions(world, caller, place, key, kind)
    return frozenset(held | {"DESCRIBE"}) if held else frozenset()


def own_permissions(world: World, caller: Caller, place: Place, key: Key) -> frozenset[str]:
    """Return what *caller* was granted on *key*, or has as its maker; not what follows from either."""
    kind = kind_of(world, place, key)
    if kind is None:
        return frozenset()
    return frozenset(_granted(world, caller, place, key, kind)) | creator_permissions(world, caller, place, key, kind)


def _granted(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> set[str]:
    rights = explicit_rights(world, caller, place, key)
    return {each for right, _ in rights for each in matrix.expand(right.permission, kind)}


def implicit_permissions(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> frozenset[str]:
    """
    Return what *caller* may do without a grant: as administrator, or as the one who made the thing.

    Administrators describe everything in their catalog and what is shared with their account, and create databases;
    they neither read, alter nor drop what others made (documented: implicit-permissions.html).
    """
    if place.account != caller.account:
        shared = is_viewer(world, caller, place.region) and _account_has_any(world, caller.account, place, key)
        return frozenset({"DESCRIBE"}) if shared else frozenset()
    held = set(creator_permissions(world, caller, place, key, kind))
    if is_viewer(world, caller, place.region):
        held.add("DESCRIBE")
    if kind == "catalog" and world.store(Settings).is_admin(place, caller.principal_arn):
        held |= {"CREATE_DATABASE", "CREATE_CATALOG"}
    if isinstance(key, DatabaseKey) and _holds_within(world, caller, place, key):
        held.add("DESCRIBE")
    return frozenset(held)


def creator_permissions(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> frozenset[str]:
    """Return the rights of whoever made a database (not on its tables) or a table (all of them)."""
    catalogs = world.store(Catalogs)
    made: Database | Table | NestedCatalog | None
    match key:
        case CatalogKey(name) if name:
            made, rights = catalogs.nested(place, name), matrix.expand("ALL", kind)
        case DatabaseKey(database):
            made = catalogs.database(place, database)
            rights = {"database": frozenset({"ALTER", "CREATE_TABLE", "DROP"})}.get(kind, matrix.GRANTABLE[kind])
        case TableKey(database, table):
            made = catalogs.table(place, database, table)
            # Who made a view may replace it, which is altering it, though ALTER cannot be granted on one (inferred).
            rights = matrix.GRANTABLE["table" if kind == "view" else kind]
        case _:
            return frozenset()
    return rights if made is not None and made.creator == caller.principal_arn else frozenset()


def is_viewer(world: World, caller: Caller, region: str) -> bool:
    """Whether *caller* is an administrator of its own account's lake, read-only or not."""
    settings, home = world.store(Settings), Place(caller.account, region)
    return settings.is_admin(home, caller.principal_arn) or settings.is_read_only_admin(home, caller.principal_arn)


def _holds_within(world: World, caller: Caller, place: Place, key: DatabaseKey) -> bool:
    """Whether a grant on all its tables, or having made one of them, lets *caller* see a database of its account."""
    if any(explicit_rights(world, caller, place, TableKey(key.database, "*"))):
        return True
    database = world.store(Catalogs).database(place, key.database)
    return database is not None and database.makers[caller.principal_arn] > 0


def _account_has_any(world: World, account: str, place: Place, key: Key) -> bool:
    if not sharing.has_arrived(world, place, key, account):
        return False
    grants = world.store(Grants)
    return any(
        grants.on(place, covering).get(Holder(name, place.account))
        for covering in covering_keys(key)
        for name in world.store(Shares).names_of(account)
    )
