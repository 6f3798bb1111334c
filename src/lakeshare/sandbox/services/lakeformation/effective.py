"""
What a caller holds at this moment: explicit grants that are alive, and the rights that nobody has to grant.

A grant that a consumer account passed on is alive while the owner's grant to that account, with the grant option, is,
and while the account has accepted the share that carries the thing; otherwise it is inert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Catalogs, Database, NestedCatalog, Place, Table
from lakeshare.sandbox.services.lakeformation import by_tags, matrix, sharing, tag_shares
from lakeshare.sandbox.services.lakeformation.cells import CellsFilter, CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Held, Holder, Right, contains
from lakeshare.sandbox.services.lakeformation.keys import (
    CatalogKey,
    DatabaseKey,
    ExpressionKey,
    FilterKey,
    Key,
    LocationKey,
    PolicyKey,
    TableKey,
    TagKey,
)
from lakeshare.sandbox.services.lakeformation.optins import OptIns
from lakeshare.sandbox.services.lakeformation.principals import IAM_ALLOWED_PRINCIPALS
from lakeshare.sandbox.services.lakeformation.registrations import Locations
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.lakeformation.tags import SavedExpression, Tag, Tags
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World

_OF_ADMINISTRATORS: Final[Mapping[matrix.Kind, frozenset[str]]] = {
    "catalog": frozenset({"CREATE_CATALOG", "CREATE_DATABASE", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION"}),
    "LF-tag": frozenset({"ALTER", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"}),
    "LF-tag expression": matrix.GRANTABLE["LF-tag expression"],
}
"""
What data lake administrators may do beside describing (documented: implicit-permissions.html,
lf-tag-considerations.html, TBAC-adding-tag-creator.html).
"""


def names_of(caller: Caller) -> tuple[str, ...]:
    """Return the principals that *caller* is: its own ARN, and the group of all IAM principals of its account."""
    return caller.principal_arn, f"{caller.account}:IAMPrincipals"


def kind_of(world: World, place: Place, key: Key) -> matrix.Kind | None:
    """Return what sort of thing *key* names, None when there is no such thing."""
    kind: matrix.Kind | None
    match key:
        case CatalogKey(name) if name:
            kind = "nested catalog" if world.store(Catalogs).nested(place, name) else None
        case CatalogKey():
            kind = "catalog"
        case LocationKey():
            kind = "location"
        case FilterKey():
            kind = "filter" if world.store(CellsFilters).named(place, key) else None
        case DatabaseKey(database):
            found = world.store(Catalogs).database(place, database)
            kind = None if found is None else "database link" if found.target is not None else "database"
        case TableKey():
            kind = _kind_of_table(world, place, key)
        case TagKey(tag):
            kind = "LF-tag" if tag in world.store(Tags).of(place) else None
        case ExpressionKey(name):
            kind = "LF-tag expression" if name in world.store(Tags).expressions(place) else None
        case PolicyKey():
            kind = by_tags.kind_of_policy(world, place, key)
    return kind


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
    """
    Whether the owner has granted *account*, or what it is in, what contains *right*, with the grant option.

    It may have granted it by name or by LF-tags.
    """
    if isinstance(key, PolicyKey):
        return by_tags.account_passes_on(world, place, key, account, right)
    if isinstance(key, FilterKey) and account_passes_on(world, place, key.of, account, Right("SELECT")):
        return True
    given = account_rights(world, place, key, account)
    return any(held.grantable and contains(held_right, right) for held_right, held in given)


def account_rights(world: World, place: Place, key: Key, account: str) -> Iterator[tuple[Right, Held]]:
    """Yield what the owner of a thing has granted on it to *account*, or to what that is in, by name or by LF-tags."""
    grants = world.store(Grants)
    for covering in covering_keys(key):
        for name in world.store(Shares).names_of(account):
            yield from grants.on(place, covering).get(Holder(name, place.account), {}).items()
    kind = kind_of(world, place, key) if by_tags.may_mean(world, place, key) else None
    if kind is not None:
        yield from by_tags.account_rights(world, place, key, kind, account)


def account_filters(world: World, place: Place, key: TableKey, account: str) -> tuple[CellsFilter, ...]:
    """Return the data filters on a table that its owner has granted *account*, or what that is in."""
    filters = () if key.is_wildcard else world.store(CellsFilters).on(place, key).values()
    return tuple(each for each in filters if any(account_rights(world, place, each.key, account)))


def has_arrived(world: World, caller: Caller, place: Place, key: Key) -> bool:
    """
    Whether what is in another account's catalog has come to the account of *caller*.

    A thing comes by a share that holds it, or by the tags that it carries; the tags themselves need no share (inferred:
    AWS names none for them).
    """
    if isinstance(key, TagKey | ExpressionKey):
        return True
    if isinstance(key, PolicyKey):
        return tag_shares.have_arrived(world, caller, place, key.kind)
    if sharing.has_arrived(world, place, key, caller.account):
        return True
    kind = kind_of(world, place, key) if by_tags.may_mean(world, place, key) else None
    return kind is not None and by_tags.is_shared_with(world, caller, place, key, kind)


def explicit_rights(world: World, caller: Caller, place: Place, key: Key) -> Iterator[tuple[Right, Held]]:
    """Yield the rights on *key* that were granted to *caller*, by name or by LF-tags, and are alive."""
    yield from _named_rights(world, caller, place, key)
    kind = kind_of(world, place, key) if by_tags.may_mean(world, place, key) else None
    if kind is not None:
        yield from by_tags.rights(world, caller, place, key, kind)


def _named_rights(world: World, caller: Caller, place: Place, key: Key) -> Iterator[tuple[Right, Held]]:
    if place.account != caller.account and not has_arrived(world, caller, place, key):
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
    if isinstance(key, PolicyKey):
        return grants_by_tags(world, caller, place, key)
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
        shared = is_viewer(world, caller, place.region) and _account_has_any(world, caller, place, key)
        return frozenset({"DESCRIBE"}) if shared else frozenset()
    held = set(creator_permissions(world, caller, place, key, kind))
    if is_viewer(world, caller, place.region):
        held.add("DESCRIBE")
    if world.store(Settings).is_admin(place, caller.principal_arn):
        held |= _OF_ADMINISTRATORS.get(kind, frozenset())
    if isinstance(key, DatabaseKey) and _holds_within(world, caller, place, key):
        held.add("DESCRIBE")
    return frozenset(held)


def creator_permissions(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> frozenset[str]:
    """Return the rights of whoever made a database (not on its tables), a table, an LF-tag or an expression (all)."""
    catalogs = world.store(Catalogs)
    made: Database | Table | NestedCatalog | Tag | SavedExpression | None
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
        case TagKey(tag):
            made = world.store(Tags).of(place).get(tag)
            rights = matrix.GRANTABLE[kind]
        case ExpressionKey(name):
            made = world.store(Tags).expressions(place).get(name)
            rights = matrix.GRANTABLE[kind]
        case _:
            return frozenset()
    return rights if made is not None and made.creator == caller.principal_arn else frozenset()


def value_permissions(world: World, caller: Caller, place: Place, tag: str, value: str) -> frozenset[str]:
    """
    Return every permission *caller* has on one value of an LF-tag, ANY_VALUE for all of them, and on its key.

    Whoever may do anything with a value sees it, and whoever may change or drop the tag sees them all (documented:
    TBAC-adding-tag-creator.html).
    """
    key = TagKey(tag)
    kind = kind_of(world, place, key)
    if kind is None:
        return frozenset()
    held = {right.permission for right, _ in explicit_rights(world, caller, place, key) if right.covers(value)}
    if place.account == caller.account:
        held |= implicit_permissions(world, caller, place, key, kind)
    elif is_viewer(world, caller, place.region):
        held |= {"DESCRIBE"} & _of_account(world, caller.account, place, key, value)
    return frozenset(held | {"DESCRIBE"}) if held else frozenset()


def grants_by_tags(world: World, caller: Caller, place: Place, key: PolicyKey) -> bool:
    """
    Whether *caller* may grant by the expression of a policy whatever it holds itself.

    That takes GRANT_WITH_LF_TAG_EXPRESSION on the saved expression, or on every tag and value that it names
    (documented: lf-tag-considerations.html).
    """
    needed = "GRANT_WITH_LF_TAG_EXPRESSION"
    if key.name:
        return needed in permissions(world, caller, place, ExpressionKey(key.name))
    return bool(key.expression) and all(
        needed in value_permissions(world, caller, place, tag, value)
        for tag, values in key.expression
        for value in values
    )


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


def _of_account(world: World, account: str, place: Place, key: TagKey, value: str) -> frozenset[str]:
    """Return what the owner of a tag let another account, or what that is in, do with one of its values."""
    grants, names = world.store(Grants), world.store(Shares).names_of(account)
    held = [right for name in names for right in grants.on(place, key).get(Holder(name, place.account), {})]
    covering = {right.permission for right in held if right.covers(value)}
    return frozenset(covering | {"DESCRIBE"}) if covering else frozenset()


def _account_has_any(world: World, caller: Caller, place: Place, key: Key) -> bool:
    account = caller.account
    if not has_arrived(world, caller, place, key):
        return False
    if any(account_rights(world, place, key, account)):
        return True
    return isinstance(key, TableKey) and bool(account_filters(world, place, key, account))
