"""
The RAM shares behind grants to other accounts: which share carries a thing, and whether it has arrived.

Documented in "Sharing ... using AWS RAM: optimising" (lake-formation/latest/dg/optimize-ram.html): version 1 makes a
share for each grant; from version 2 on shares are reused per recipient; from version 3 on the first share to an account
comes as two, one for databases and one for tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, FilterKey, Key, LocationKey, TableKey
from lakeshare.sandbox.services.lakeformation.principals import receiver_of
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World

DATABASES: Final = "databases"
TABLES: Final = "tables"
ALL_TABLES: Final = "all-tables"
_REUSED: Final = (TABLES, ALL_TABLES)


def resource_arn(place: Place, key: Key) -> str | None:
    """
    Return the ARN under which a thing is shared; None for what RAM does not share (locations).

    Every table of a database goes as ``table/DATABASE/*``. AWS shares the database there under a managed permission of
    its own, which comes to the same and is not modelled (inferred).
    """
    match key:
        case CatalogKey():
            return place.catalog_arn
        case DatabaseKey(database):
            return place.database_arn(database)
        case TableKey(database, table):
            return place.table_arn(database, table)
        case FilterKey(database, table, _):
            # RAM knows no filters: the table is shared, and what is granted on it is the filter (inferred).
            return place.table_arn(database, table)
        case LocationKey():
            return None


def share(world: World, place: Place, key: Key, account: str, *, version: int, grantor: Caller) -> None:
    """
    Put a thing into the share or shares for *account* that *version* calls for, and invite it where that is new.

    *account* may also be an organisation or a unit of one, as everywhere here.
    """
    if isinstance(key, TableKey | FilterKey) and version >= 3:
        # The table's database goes along, in a share of its own: a first grant comes as two invitations.
        share_under(world, place, DatabaseKey(key.database), account, purpose=DATABASES, grantor=grantor)
    purpose = f"{key}" if version == 1 else _purpose(key)
    share_under(world, place, key, account, purpose=purpose, grantor=grantor)


def share_under(
    world: World, place: Place, key: Key, account: str, *, purpose: str, grantor: Caller | None = None
) -> Share:
    """
    Put a thing into the one share for *account* that *purpose* names, and return that share.

    *grantor* is whose rights an association takes when it completes; None for AWS's own.
    """
    shares = world.store(Shares)
    arn = resource_arn(place, key)
    assert arn is not None
    found = shares.kept_for(place.account, place.region, purpose, account)
    if found is None:
        found = shares.create(place.account, place.region, purpose=purpose)
    shares.add_resource(found, arn)
    # A share whose invitation has expired keeps it: what joins the share later stays invisible (inferred from the
    # recovery that cdk-construct-connect-datalake documents: empty the share, then associate again).
    shares.add_principal(found, account, grantor=grantor)
    return found


def unshare(world: World, place: Place, key: Key, account: str) -> None:
    """Take a thing out of the shares for *account*; a share that is left empty goes, and a database that came along."""
    arn = resource_arn(place, key)
    for found in list(shares_of(world, place, key, account)):
        assert arn is not None
        world.store(Shares).remove_resource(found, arn)
        if not found.resources:
            world.store(Shares).delete(found)
    if isinstance(key, TableKey | FilterKey) and not _needs_database(world, place, key.database, account):
        unshare(world, place, DatabaseKey(key.database), account)


def shares_of(world: World, place: Place, key: Key, account: str) -> Iterator[Share]:
    """Yield the shares that carry a thing to *account*, accepted or not."""
    arn = resource_arn(place, key)
    if arn is not None:
        yield from (share for share in world.store(Shares).holding(arn) if account in share.principals)


def has_arrived(world: World, place: Place, key: Key, account: str) -> bool:
    """
    Whether *account* has the thing through an accepted share, a table also through one of all tables.

    Places in S3 are not among what RAM shares: a grant on one arrives by itself.
    """
    if isinstance(key, LocationKey):
        return True
    table = key.of if isinstance(key, FilterKey) else key
    keys = [table, table.wildcard] if isinstance(table, TableKey) else [table]
    arns = [arn for key in keys if (arn := resource_arn(place, key))]
    return any(world.store(Shares).reaches(account, arn) for arn in arns)


def _needs_database(world: World, place: Place, database: str, account: str) -> bool:
    """Whether *account* still has a grant on the database, or a table of it in one of its shares."""
    if any(receiver_of(holder.principal) == account for holder in world.store(Grants).on(place, DatabaseKey(database))):
        return True
    tables = place.table_arn(database, "")
    kept = (world.store(Shares).kept_for(place.account, place.region, purpose, account) for purpose in _REUSED)
    return any(arn.startswith(tables) for share in kept if share for arn in share.resources)


def _purpose(key: Key) -> str:
    if isinstance(key, TableKey) and key.is_wildcard:
        return ALL_TABLES
    return TABLES if isinstance(key, TableKey | FilterKey) else DATABASES
