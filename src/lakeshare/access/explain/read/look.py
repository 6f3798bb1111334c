"""Everything that one question needs, looked at together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lakeshare.access.explain.observed import (
    Asker,
    Bucket,
    Encryption,
    Entry,
    EntrySeen,
    Key,
    Lake,
    OptIns,
    Question,
    Registration,
    Seen,
    Spot,
    Workgroup,
)
from lakeshare.access.explain.read.catalog import read_database, read_partitions, read_table
from lakeshare.access.explain.read.keys import read_encryption, read_key
from lakeshare.access.explain.read.lake import read_administration, read_lake, read_opt_ins
from lakeshare.access.explain.read.principal import parse_principal, read_principal, service_linked
from lakeshare.access.explain.read.shares import read_shares
from lakeshare.access.explain.read.storage import read_bucket, read_registration, read_workgroup
from lakeshare.access.explain.read.where import (
    Where,
    arn_of,
    hidden_by,
    home_of,
    in_spec,
    meant,
    source_database,
    wheres,
    workgroup_of,
)
from lakeshare.planning.expand import place_of
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place, Unreadable
from lakeshare.spec import ConnectSource, Spec

DEFAULT_DATABASE = "default"


@dataclass(frozen=True, slots=True)
class _Named:
    """What the query names: the database and the table or link in it, and where the spec has it."""

    where: Where
    database: EntrySeen
    entry: EntrySeen


def look(run: Run, spec: Spec, question: Question) -> Seen:
    """
    Return all that can be seen of *question*.

    Raises UsageError when the principal is nobody, or in an account that the spec does not lead into, and IdentityError
    when nobody can sign in to that account.
    """
    return _Look(run, spec, question).seen()


class _Look:
    """One look around, from the principal's account outwards."""

    def __init__(self, run: Run, spec: Spec, question: Question) -> None:
        self.run = run
        self.spec = spec
        self.question = replace(question, principal=arn_of(spec, question.principal))
        self.asker = parse_principal(self.question.principal)
        self.home = home_of(spec, self.asker.account_id, self.question.principal)
        self.places = self._places()
        run.aws.sign_in(self.home.alias)

    def _places(self) -> tuple[Place, ...]:
        """Return one place for each account of the spec, the principal's first."""
        places = [self.home, *(place_of(self.spec, alias) for alias in self.spec.accounts)]
        return tuple({place.account_id: place for place in reversed(places)}.values())[::-1]

    def seen(self) -> Seen:
        """Look at everything."""
        begun_asker = self.run.aws.begin(lambda: read_principal(self.run, self.home, self.asker, self.places))
        begun_named = self.run.aws.begin(self._named)
        asker, named = begun_asker.result(), begun_named.result()
        # The spec may have the account twice, in two Regions: catalogs, grants and administrators are of one.
        where, self.home = named.where, named.where.place
        seen = Seen(
            question=self.question,
            region=where.place.region,
            asker=asker,
            place=where.place.alias,
            workgroup=Absent(),
            results=Absent(),
            default=self._default(),
            database=named.database,
            entry=named.entry,
            home=self._home_lake(asker, where),
            in_spec=in_spec(where, asker),
            meant=meant(self.spec, self.home, self.question, asker, is_there=isinstance(named.entry, Entry)),
            hidden_by=hidden_by(where, asker, self.question.column),
            candidates=tuple(f"{each.database}.{each.table}" for each in wheres(self.spec, self.home, self.question)),
        )
        seen = self._with_catalog_key(self._with_queries(seen, where), seen.home, self.home, seen.region)
        return self._with_target(seen, where)

    def _named(self) -> _Named:
        found: _Named | None = None
        for where in wheres(self.spec, self.home, self.question):
            spot = self._spot(where)
            sees_all = read_administration(self.run, where.place).sees_all
            entry = read_table(self.run, where.place, spot, sees_all=sees_all)
            database = read_database(self.run, where.place, spot, sees_all=sees_all)
            named = _Named(where, database, entry)
            if isinstance(entry, Entry):
                return named
            found = found or named
        if found is None:
            where = Where(self.home, DEFAULT_DATABASE, self.question.table.lower())
            found = _Named(where, Absent(), Absent())
        return found

    @staticmethod
    def _spot(where: Where) -> Spot:
        place = where.place
        return Spot(place.account_id, place.region, where.database, where.table, place.partition)

    def _default(self) -> EntrySeen:
        spot = Spot(self.home.account_id, self.home.region, DEFAULT_DATABASE, None, self.home.partition)
        return read_database(self.run, self.home, spot, sees_all=read_administration(self.run, self.home).sees_all)

    def _home_lake(self, asker: Asker, where: Where) -> Lake:
        spot = self._spot(where)
        default = replace(spot, database=DEFAULT_DATABASE, table=None)
        return self._lake(where.place, spot.catalog, (spot, spot.database_spot, default), asker)

    def _lake(
        self,
        place: Place,
        catalog: str,
        spots: Sequence[Spot],
        asker: Asker,
        beside: Lake | None = None,
    ) -> Lake:
        """Return *catalog* as the operator of *place* sees it, in the Region of *spots*."""
        there = replace(place, region=spots[0].region)
        counted = {asker.arn, f"{asker.account_id}:IAMPrincipals", asker.account_id}
        return read_lake(
            self.run,
            there,
            catalog,
            spots,
            counts=lambda principal: principal in counted,
            beside=beside,
        )

    def _with_queries(self, seen: Seen, where: Where) -> Seen:
        workgroup = read_workgroup(self.run, where.place, workgroup_of(self.spec, where))
        if not isinstance(workgroup, Workgroup):
            return replace(seen, workgroup=workgroup)
        bucket = workgroup.output.removeprefix("s3://").partition("/")[0]
        results = read_bucket(self.run, bucket, self.places) if bucket else Absent()
        keys = self._keys([(where.place, workgroup.key)], where.place.region) if workgroup.key else {}
        return replace(seen, workgroup=workgroup, results=results, keys=keys)

    def _with_target(self, seen: Seen, where: Where) -> Seen:
        """Follow the one hop that a query follows, and look at where it leads from both sides."""
        target = self._target(seen, where)
        if target is None or target.table is None:
            return replace(seen, target=target)
        owners_place = next((place for place in self.places if place.account_id == target.catalog), None)
        shared, owners = self._lakes(seen, where, target, owners_place)
        from_home = self._from_home(target)
        mine, of_group = self._opt_ins(target.region, seen.asker)
        known = replace(
            seen,
            target=target,
            found=self._found(target, owners_place, from_home),
            from_home=from_home,
            target_database=self._target_database(target, owners_place),
            owners=owners,
            owners_place=owners_place.alias if owners_place else None,
            is_connects=self._is_connects(where, target, owners_place),
            shared=shared,
            opt_ins=mine,
            group_opt_ins=of_group,
        )
        if owners and owners_place:
            known = self._with_catalog_key(known, owners, owners_place, target.region)
        if known.is_abroad:
            shares = read_shares(self.run, self.home, target.region, target.catalog, owners_place)
            known = replace(known, shares=shares)
        return self._with_storage(known, owners_place, target.region)

    def _opt_ins(self, region: str, asker: Asker) -> tuple[OptIns | Unreadable, OptIns]:
        """Return what the principal is opted in to, and what the group is that all IAM principals are in."""
        group = f"{asker.account_id}:IAMPrincipals"
        found = read_opt_ins(self.run, self.home, region, (asker.arn, group))
        if isinstance(found, Unreadable):
            return found, frozenset()
        return found[asker.arn], found[group] if asker.is_of_iam else frozenset()

    def _lakes(self, seen: Seen, where: Where, target: Spot, owners_place: Place | None) -> tuple[Lake, Lake | None]:
        """Return the target's catalog as seen from the principal's account, and from its owner's, if another."""
        is_abroad = target.catalog != self.home.account_id
        if not is_abroad and (target.database, target.table) == (where.database, where.table):
            return seen.home, None
        shared = self._lake(self.home, target.catalog, (target,), seen.asker)
        if owners_place is None or not is_abroad:
            return shared, None
        # LF-tags that are not shared, and filters that are not shared any more, only their owner is shown.
        return shared, self._owners_lake(owners_place, target, seen.asker, shared)

    @staticmethod
    def _target(seen: Seen, where: Where) -> Spot | None:
        if isinstance(seen.database, Entry) and seen.database.target:
            link = seen.database.target
            return replace(link, table=where.table)
        if isinstance(seen.entry, Entry):
            return seen.entry.target or seen.entry.spot
        return None

    def _from_home(self, target: Spot) -> EntrySeen:
        is_own, there = target.catalog == self.home.account_id, replace(self.home, region=target.region)
        sees_all = read_administration(self.run, there).sees_all
        return read_table(self.run, there, target, sees_all=sees_all and is_own)

    def _found(self, target: Spot, owners_place: Place | None, from_home: EntrySeen) -> EntrySeen:
        """Return the target as the owner sees it, where we may ask there, else as it shows from here."""
        if owners_place is None or owners_place.account_id == self.home.account_id:
            return from_home
        there = replace(owners_place, region=target.region)
        at_home = read_table(self.run, there, target, sees_all=read_administration(self.run, there).sees_all)
        return from_home if isinstance(at_home, Unreadable) else at_home

    def _target_database(self, target: Spot, owners_place: Place | None) -> EntrySeen:
        if owners_place is None:
            return Unreadable(f"the databases of {target.catalog} are not to be seen")
        return read_database(self.run, owners_place, target, sees_all=False)

    def _owners_lake(self, place: Place, target: Spot, asker: Asker, shared: Lake) -> Lake:
        return self._lake(place, target.catalog, (target, target.database_spot), asker, shared)

    def _is_connects(self, where: Where, target: Spot, owners_place: Place | None) -> bool:
        share = where.share
        return (
            share is not None
            and isinstance(share.source, ConnectSource)
            and owners_place is None
            and target.database == source_database(share)
        )

    def _with_storage(self, seen: Seen, owners_place: Place | None, region: str) -> Seen:
        if not isinstance(seen.found, Entry):
            return seen
        location = seen.found.location
        bucket = location.partition("://")[2].partition("/")[0]
        registration: Registration | Absent | Unreadable = Unreadable("the owner's registrations are not to be seen")
        if owners_place:
            registration = read_registration(self.run, owners_place, region, location)
        if isinstance(registration, Registration):
            registration = self._with_role(registration)
        looked = read_bucket(self.run, bucket, [*([owners_place] if owners_place else []), *self.places])
        found = looked if isinstance(looked, Bucket | Unreadable) else Unreadable("it is not there")
        encryption = self._encryption(found, location)
        of_files = [*encryption.keys, *([encryption.default] if isinstance(encryption.default, str) else [])]
        wanted = [(self._owner_of(found), key) for key in of_files]
        return replace(
            seen,
            registration=registration,
            location=found,
            partitions=self._partitions(seen.found, owners_place),
            encryption=encryption,
            keys={**seen.keys, **self._keys(wanted, region)},
        )

    def _partitions(self, table: Entry, owners_place: Place | None) -> tuple[str, ...] | Unreadable:
        if not table.partition_keys:
            return ()
        if table.projected_to is not None:
            return (table.projected_to,)
        return read_partitions(self.run, owners_place or self.home, table.spot)

    def _encryption(self, bucket: Bucket | Unreadable, location: str) -> Encryption:
        if isinstance(bucket, Bucket) and bucket.owner:
            return read_encryption(self.run, self._owner_of(bucket), location)
        why = bucket.reason if isinstance(bucket, Unreadable) else "the bucket is another account's"
        return Encryption(unseen=f"the files at {location} cannot be looked at: {why}", default=Unreadable(why))

    def _owner_of(self, bucket: Bucket | Unreadable) -> Place:
        owner = bucket.owner if isinstance(bucket, Bucket) else None
        return next((place for place in self.places if place.account_id == owner), self.home)

    def _with_role(self, registration: Registration) -> Registration:
        """Return *registration* with what its role may do."""
        if not registration.role_arn:
            return registration
        role = parse_principal(registration.role_arn)
        if "/aws-service-role/" in registration.role_arn:
            return replace(registration, role=service_linked(role))
        place = next((place for place in self.places if place.account_id == role.account_id), None)
        if place is None:
            return registration
        return replace(registration, role=read_principal(self.run, place, role, self.places))

    def _keys(self, wanted: Iterable[tuple[Place, str]], region: str) -> dict[tuple[str, str], Key]:
        """Return keys by the account that names them, and the name."""
        return {
            (place.account_id, key): read_key(self.run, self.places, place, region, key)
            for place, key in dict.fromkeys(wanted)
        }

    def _with_catalog_key(self, seen: Seen, lake: Lake, place: Place, region: str) -> Seen:
        """Look at the key of the catalog of *place*, and at the role as which Glue uses it, where there is one."""
        if not isinstance(lake.key, str):
            return seen
        seen = replace(seen, keys={**seen.keys, **self._keys([(place, lake.key)], region)})
        if lake.key_role is None:
            return seen
        role = parse_principal(lake.key_role)
        its = next((each for each in self.places if each.account_id == role.account_id), None)
        if its is None:
            return seen
        known = read_principal(self.run, its, role, self.places)
        return replace(seen, key_roles={**seen.key_roles, lake.key_role: known})
