"""
The RAM shares behind grants to other accounts: which share carries a thing, and whether it has arrived.

Documented in "Updating cross-account data sharing version settings" (lake-formation/latest/dg/optimize-ram.html):
version 1 makes a share for each grant; from version 2 on shares are reused per recipient; from version 3 on the first
share to an account comes as two, one for databases and one for tables; from version 5 on a share has patterns in the
place of single things. A pattern opens nothing by itself: what is carried under it is noted thing by thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, DatabaseKey, FilterKey, Key, LocationKey, TableKey
from lakeshare.sandbox.services.lakeformation.principals import is_iam, receiver_of
from lakeshare.sandbox.services.ram.associations import Share, folder_of
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World

DATABASES: Final = "databases"
TABLES: Final = "tables"
ALL_TABLES: Final = "all-tables"
TWO_SHARES_VERSION: Final = 3
PATTERNS_VERSION: Final = 5
_REUSED: Final = (TABLES, ALL_TABLES)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    A thing that is to go into a share for a principal, under ``entity``: its own ARN, or a pattern.

    ``share`` is the one that is kept for it, None where it is to be made.
    """

    purpose: str
    arn: str
    entity: str
    principal: str
    share: Share | None

    @property
    def changes(self) -> bool:
        """Whether a share that is there takes a further resource or principal with it."""
        return self.share is not None and not (
            self.entity in self.share.resources and self.principal in self.share.principals
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """
    A thing that *principal* is granted nothing on any more, in one of the shares that carry it.

    ``leaves_share`` says that nobody of its account is, so the thing is shared no longer.
    """

    share: Share
    arn: str
    principal: str
    leaves_share: bool

    @property
    def deletes(self) -> bool:
        """Whether nothing is left in the share, which then goes."""
        return self.leaves_share and len(self.share.carried) == 1

    @property
    def ends_principal(self) -> bool:
        """Whether nothing else in the share is granted to the principal, which is then disassociated."""
        known = self.share.principals.get(self.principal)
        return known is not None and known.carries <= {self.arn}

    @property
    def changes(self) -> bool:
        """Whether a resource or a principal is disassociated: not for one thing of many under a pattern."""
        under = self.share.resources[self.share.carried[self.arn]]
        return self.ends_principal or (self.leaves_share and len(under.carries) == 1)


def leaves(caller: Caller, place: Place, principal: str) -> bool:
    """Whether it is the owner who grants, to somebody of another account."""
    return caller.account == place.account and receiver_of(principal) not in {"", place.account}


def resource_arn(place: Place, key: Key) -> str | None:
    """
    Return the ARN under which a thing is shared; None for what RAM does not share (locations, LF-tags).

    Every table of a database goes as ``table/DATABASE/*``. AWS shares the database there under a managed permission of
    its own, which comes to the same and is not modelled (inferred).
    """
    match key:
        case CatalogKey(name):
            return f"{place.catalog_arn}/{name}" if name else place.catalog_arn
        case DatabaseKey(database):
            return place.database_arn(database)
        case TableKey(database, table):
            return place.table_arn(database, table)
        case FilterKey(database, table, _):
            # RAM knows no filters: the table is shared, and what is granted on it is the filter (inferred).
            return place.table_arn(database, table)
        case _:
            return None


def arrivals(world: World, place: Place, key: Key, principal: str, version: int) -> list[Arrival]:
    """
    Return what sharing a thing with *principal* puts where, as *version* has it.

    *principal* may be an account, a role or user of one, an organisation or a unit of one.
    """
    found = []
    if isinstance(key, TableKey | FilterKey) and version >= TWO_SHARES_VERSION:
        # The table's database goes along, in a share of its own: a first grant comes as two invitations.
        found.append(arrival(world, place, DatabaseKey(key.database), principal, DATABASES, version))
    purpose = f"{key}" if version == 1 else _purpose(key, version)
    found.append(arrival(world, place, key, principal, purpose, version))
    return found


def share(world: World, place: Place, arriving: Arrival, *, grantor: Caller | None) -> Share:
    """
    Put a thing where it is to go, invite whom that is new to, and return the share.

    *grantor* is whose rights an association takes when it completes; None for AWS's own.
    """
    shares = world.store(Shares)
    found = arriving.share or shares.create(place.account, place.region, purpose=arriving.purpose)
    shares.add_resource(found, arriving.arn, under=arriving.entity)
    # A share whose invitation has expired keeps it: what joins the share later stays invisible (inferred from the
    # recovery that cdk-construct-connect-datalake documents: empty the share, then associate again).
    shares.add_principal(found, arriving.principal, grantor=grantor, carrying=arriving.arn)
    return found


def share_under(world: World, place: Place, key: Key, account: str, *, purpose: str) -> Share:
    """Put a thing of AWS's own into the one share for *account* that *purpose* names, and return that share."""
    return share(world, place, arrival(world, place, key, account, purpose, version=1), grantor=None)


def departures(world: World, place: Place, key: Key, principal: str, *, is_last: bool) -> list[Departure]:
    """
    Return what leaves which share when *principal* is granted nothing on a thing any more.

    *is_last* says that nobody of its account is. A database that only came along with its tables leaves with them.
    """
    found = list(_departures(world, place, key, principal, is_last=is_last))
    if isinstance(key, TableKey | FilterKey):
        database, arn = DatabaseKey(key.database), resource_arn(place, key)
        if is_last and not _needs_database(world, place, database, receiver_of(principal), without=arn):
            found += _departures(world, place, database, principal, is_last=True)
        elif not _has_more(world, place, database, principal, without=arn):
            found += _departures(world, place, database, principal, is_last=False)
    return found


def unshare(world: World, leaving: Departure) -> None:
    """Take a thing out of a share, or only the principal that it is not granted to any more; an empty share goes."""
    shares = world.store(Shares)
    if leaving.deletes:
        shares.delete(leaving.share)
        return
    if leaving.ends_principal:
        shares.remove_principal(leaving.share, leaving.principal)
    elif known := leaving.share.principals.get(leaving.principal):
        known.carries.discard(leaving.arn)
    if leaving.leaves_share:
        shares.remove_resource(leaving.share, leaving.arn)


def shares_of(world: World, place: Place, key: Key, account: str) -> Iterator[Share]:
    """Yield the shares that carry a thing to *account*, or to its roles and users, accepted or not."""
    arn = resource_arn(place, key)
    if arn is not None:
        yield from (share for share in world.store(Shares).holding(arn) if share.received_as(account))


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


def arrival(world: World, place: Place, key: Key, principal: str, purpose: str, version: int) -> Arrival:
    """Return what sharing a thing with *principal* puts into the share that *purpose* names."""
    arn = resource_arn(place, key)
    assert arn is not None, "locations are not shared"
    found = world.store(Shares).kept_for(place.account, place.region, purpose, receiver_of(principal))
    entity = pattern(place, key) if version >= PATTERNS_VERSION else arn
    if found is not None:
        entity = found.carried.get(arn, entity)
    return Arrival(purpose, arn, entity, known_as(principal), found)


def pattern(place: Place, key: Key) -> str:
    """Return what stands for a thing in a share of version 5 (the form of the patterns is inferred)."""
    match key:
        case DatabaseKey():
            return place.database_arn("*")
        case TableKey() | FilterKey():
            return place.table_arn("*", "*")
        case _:
            return place.catalog_arn


def _departures(world: World, place: Place, key: Key, principal: str, *, is_last: bool) -> Iterator[Departure]:
    """Yield what leaves the shares that Lake Formation keeps; those made with RAM itself stay as they are."""
    arn, known = resource_arn(place, key), known_as(principal)
    for found in shares_of(world, place, key, receiver_of(principal)):
        if found.purpose and (is_last or known in found.principals):
            assert arn is not None
            yield Departure(found, arn, known, is_last)


def known_as(principal: str) -> str:
    """Return how a share has *principal*: who is neither role nor user (a QuickSight group) is its account there."""
    return principal if is_iam(principal) else receiver_of(principal)


def _needs_database(world: World, place: Place, database: DatabaseKey, account: str, *, without: str | None) -> bool:
    """Whether *account* still has a grant on the database, or a table of it *without* one in one of its shares."""
    if any(receiver_of(holder.principal) == account for holder in world.store(Grants).on(place, database)):
        return True
    tables = folder_of(place.table_arn(database.database, ""))
    kept = _kept_for_tables(world, place, account)
    return any(share.folders[tables] > (without in share.carried) for share in kept)


def _has_more(world: World, place: Place, database: DatabaseKey, principal: str, *, without: str | None) -> bool:
    """Whether a principal of an account that has more still has a grant on the database, or a table *without* one."""
    known = known_as(principal)
    if any(known_as(holder.principal) == known for holder in world.store(Grants).on(place, database)):
        return True
    tables = folder_of(place.table_arn(database.database, ""))
    kept = _kept_for_tables(world, place, receiver_of(principal))
    return any(_carries_more(share, known, tables, without) for share in kept if known in share.principals)


def _carries_more(share: Share, principal: str, folder: str, without: str | None) -> bool:
    """Whether a share carries anything in *folder* to one of its principals but one thing."""
    if len(share.principals) == 1:  # what it carries it carries to that one, and it is counted
        return share.folders[folder] > (without in share.carried)
    return any(arn != without and folder_of(arn) == folder for arn in share.principals[principal].carries)


def _kept_for_tables(world: World, place: Place, account: str) -> list[Share]:
    shares = world.store(Shares)
    kept = (shares.kept_for(place.account, place.region, purpose, account) for purpose in _REUSED)
    return [share for share in kept if share]


def _purpose(key: Key, version: int) -> str:
    if isinstance(key, TableKey) and key.is_wildcard and version < PATTERNS_VERSION:
        return ALL_TABLES
    return TABLES if isinstance(key, TableKey | FilterKey) else DATABASES
