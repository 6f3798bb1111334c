"""
From what a user wrote to every resource behind it.

Pure: the same spec and facts give the same graph, whatever the order in which shares and readers are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import Asker, GraphUnderWork, Reading, ResourceGraph
from lakeshare.planning.lacking import lacking
from lakeshare.planning.opening import refuse_two_minds
from lakeshare.planning.reader_policy import QueryPlace, TablePair, reader_policy
from lakeshare.planning.source import Owner, SourceTable, connect_tables, own_tables
from lakeshare.resources.athena_workgroup.model import AthenaWorkgroup
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.default_permissions.model import DefaultPermissions
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.iam_role.model import IamRole, OperatorTrust
from lakeshare.resources.lake_grant.model import LakeGrant, Permission
from lakeshare.resources.lake_settings.model import LakeAdministrator, Level
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.results_bucket.model import ResultsBucket
from lakeshare.resources.values import Blocker, Place, unknowns
from lakeshare.spec import Account, CatalogSource, ColumnRule, Reader, Share, Spec, select

RESULTS_PREFIX = "results/"
BYTES_PER_MB = 1_000_000


def expand(spec: Spec, facts: Facts) -> ResourceGraph:
    """
    Return every resource that *spec* asks for.

    What the spec asks for and cannot have (a table that Connect does not offer, a role that does not exist) comes back
    as blockers, all of them.
    """
    graph = GraphUnderWork()
    policies = _ReaderPolicies(spec.name)
    for name in sorted(spec.shares):
        _ShareExpansion(spec, facts, graph, policies, spec.shares[name]).expand()
    policies.add_to(graph)
    refuse_two_minds(graph, spec)
    return graph.finished()


def place_of(spec: Spec, alias: str) -> Place:
    """Return the account called *alias* and its Region as a place."""
    account: Account = spec.accounts[alias]
    return Place(alias, account.id, account.region, account.partition)


class _ReaderPolicies:
    """One policy per role, however many shares it reads: IAM limits what all of a role's policies hold together."""

    def __init__(self, spec_name: str) -> None:
        self.name = f"lakeshare-{spec_name}"
        self.pairs: dict[tuple[Place, str], dict[TablePair, None]] = {}
        self.spots: dict[tuple[Place, str], dict[QueryPlace, None]] = {}
        self.roles: dict[tuple[Place, str], IamRole] = {}
        self.askers: dict[tuple[Place, str], dict[Asker, None]] = {}

    def allow(self, asker: Asker, role: IamRole, pairs: list[TablePair], spot: QueryPlace) -> None:
        key = role.place, role.name
        self.pairs.setdefault(key, {}).update(dict.fromkeys(pairs))
        self.spots.setdefault(key, {})[spot] = None
        self.roles[key] = role
        self.askers.setdefault(key, {})[asker] = None

    def add_to(self, graph: GraphUnderWork) -> None:
        for (place, role), pairs in self.pairs.items():
            spots, holder = self.spots[place, role], self.roles[place, role]
            graph.ask(*self.askers[place, role])
            graph.add(reader_policy(place, role, self.name, pairs, spots, needs=(holder.address,), path=holder.path))


@dataclass(frozen=True, slots=True)
class _LinkedTable:
    """
    A source table, the link to it, the address of that link, and what all its readers have in common.

    That is worked out once a table, for there may be thousands of readers: ``pair`` as IAM sees it, and what a reader's
    DESCRIBE on the link and SELECT on the target wait for beside the reader's role.
    """

    source: SourceTable
    link: str
    address: str
    pair: TablePair
    describe_needs: tuple[str, ...]
    select_needs: tuple[str, ...]


class _ShareExpansion:
    """Expands one share. The order of its methods is the order in which a person would do the work."""

    def __init__(
        self, spec: Spec, facts: Facts, graph: GraphUnderWork, policies: _ReaderPolicies, share: Share
    ) -> None:
        self.spec, self.facts, self.graph, self.policies, self.share = spec, facts, graph, policies, share
        self.name = share.name
        self.producer = place_of(spec, share.source.account)
        self.consumer = place_of(spec, share.to.account)
        # IAM knows no Regions: an account that the spec names twice has its roles under one of the names.
        self.home = place_of(spec, _home(spec, facts, self.consumer.account_id))
        self.tags = tuple(
            sorted({**spec.accounts[share.to.account].tags, **share.tags, "lakeshare:spec": spec.name}.items())
        )

    def expand(self) -> None:
        self.graph.ask(Asker(self.share.name))
        settings = self._settings(self.consumer)
        source_tables = self._source(self._settings(self.producer))
        self.admin = self._administrator(self.consumer)
        self.database = self.graph.add(
            GlueDatabase(self.consumer, self.share.to.database, self.tags, depends_on=(self.admin, *settings))
        )
        self.may_link = self._may_link()
        linked = [self._link(table) for table in source_tables]
        self.spot, self.athena = self._query_place()
        for number, reader in enumerate(self.share.readers):
            self.graph.ask(Asker(self.share.name, number))
            self._reader(reader, linked)
        if self.share.prove_denial:
            self.graph.ask(Asker(self.share.name))
            self._denied(linked)

    def _settings(self, place: Place) -> tuple[str, ...]:
        """Ask for what the spec wants of an account's settings, and return the addresses."""
        wanted = self.spec.accounts[place.alias].lake_formation
        if wanted is None:
            return ()
        version = wanted.cross_account_version
        versions = () if version is None else (self.graph.add(CrossAccountVersion(place, version)),)
        defaults = () if wanted.default_permissions is None else (self.graph.add(DefaultPermissions(place)),)
        return (*versions, *defaults)

    def _source(self, settings: tuple[str, ...]) -> list[SourceTable]:
        if isinstance(self.share.source, CatalogSource):
            live = self.facts.cross_account_versions.get(self.producer.alias, 1)
            wanted = self.spec.accounts[self.producer.alias].lake_formation
            version = max(live, (wanted and wanted.cross_account_version) or live)
            owner = Owner(self.producer, (self._administrator(self.producer), *settings), version)
            return own_tables(self.graph, self.facts, self.share, self.share.source, owner, self.consumer)
        return connect_tables(self.graph, self.facts, self.share, self.share.source, self.producer, self.consumer)

    def _administrator(self, place: Place) -> str:
        """Ask for the operator's lasting right: all of it, or to see everything where the rest is borrowed."""
        level: Level = "read_only" if self.spec.accounts[place.alias].admin == "borrowed" else "full"
        return self.graph.add(LakeAdministrator(place, self.facts.operators[place.alias], level))

    def _may_link(self) -> str:
        """
        Grant the operator CREATE_TABLE on the database.

        Whoever makes a database may make tables in it, but an administrator may not do so in one that others made
        (documented), and links are made like tables.
        """
        operator = self.facts.operators[self.consumer.alias]
        return self._grant_database(operator, "", "CREATE_TABLE", self.share.to.database, (self.admin, self.database))

    def _link(self, table: SourceTable) -> _LinkedTable:
        name = self.share.to.links.format(table=table.name)
        address = self.graph.add(
            ResourceLink(
                self.consumer,
                self.share.to.database,
                name,
                table.owner,
                table.database,
                table.name,
                depends_on=(self.database, self.admin, self.may_link),
            )
        )
        owner = [unknown.address for unknown in unknowns(table.owner)]
        return _LinkedTable(
            table,
            name,
            address,
            TablePair(self.consumer.region, self.share.to.database, name, table.owner, table.database, table.name),
            describe_needs=(self.admin, address),
            select_needs=(self.admin, *filter(None, (table.visible_after,)), *owner),
        )

    def _query_place(self) -> tuple[QueryPlace, str]:
        settings = self.share.to.athena
        name = settings.workgroup or f"lakeshare-{self.spec.name}"
        there = self.facts.results_places.get((self.consumer.alias, name)) if settings.workgroup else None
        bucket = ResultsBucket(
            self.consumer,
            settings.results_bucket or _bucket_name(self.consumer, self.spec.name),
            RESULTS_PREFIX,
            settings.expire_results_days,
            self.tags,
            is_named_by_user=settings.results_bucket is not None,
        )
        cutoff = settings.bytes_scanned_cutoff_mb * BYTES_PER_MB
        if there is not None and there != bucket.location:
            return self._standing_workgroup(name, there, cutoff)
        workgroup = AthenaWorkgroup(
            self.consumer,
            name,
            bucket.location,
            cutoff,
            self.tags,
            depends_on=(self.graph.add(bucket),),
            is_named_by_user=settings.workgroup is not None,
        )
        return QueryPlace(self.consumer.region, name, bucket.name, bucket.prefix), self.graph.add(workgroup)

    def _standing_workgroup(self, name: str, location: str, cutoff: int) -> tuple[QueryPlace, str]:
        """Use a workgroup that somebody else made, results location and all: no bucket of ours would be used."""
        workgroup = AthenaWorkgroup(self.consumer, name, location, cutoff, is_named_by_user=True)
        address = self.graph.add(workgroup)
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        wanted = self.share.to.athena.results_bucket
        if not location:
            self.graph.block(
                Blocker(
                    address,
                    workgroup.kind,
                    f"the workgroup {name} exists and has no results location, so queries in it have nowhere to write",
                    "give it one, or name another workgroup in the spec (`to.athena.workgroup`)",
                )
            )
        elif wanted not in {None, bucket}:
            self.graph.block(
                Blocker(
                    address,
                    workgroup.kind,
                    f"the workgroup {name} exists and writes its results to {location}, not to the bucket {wanted}",
                    "leave `to.athena.results_bucket` out of the spec, or name another workgroup",
                )
            )
        return QueryPlace(self.consumer.region, name, bucket, prefix), address

    def _reader(self, reader: Reader, linked: list[_LinkedTable]) -> None:
        role, role_arn, digest = self._role(reader)
        if role_arn is None:
            return
        role_address = role.address if role else ""
        name, wanted = reader.role_name, self._wanted(reader, linked)
        pairs = [table.pair for table in linked if table.source.name in wanted]
        if role:
            self.policies.allow(self.graph.asker, role, pairs, self.spot)
        missing = () if reader.create else self._lacking(reader, pairs)
        shared = self._grant_databases(role_arn, role_address)
        for table in linked:
            if table.source.name not in wanted:
                self._read(table, name, role_arn, digest)
                continue
            columns = self._columns(table.source, reader.columns.get(table.source.name))
            granted = self._grant_table(table, role_arn, role_address, columns)
            self._read(
                table,
                name,
                role_arn,
                digest,
                is_allowed=True,
                columns=columns,
                hidden_columns=_hidden(table.source, columns),
                lacking=missing,
                addresses=(*shared, *granted, table.address),
            )

    def _wanted(self, reader: Reader, linked: list[_LinkedTable]) -> frozenset[str]:
        names = [table.source.name for table in linked]
        if reader.tables is None:
            return frozenset(names)
        groups = {table.source.name: table.source.category for table in linked if table.source.category}
        return frozenset(select(reader.tables, names, groups).names)

    def _role(self, reader: Reader) -> tuple[IamRole | None, str | None, str | None]:
        """Return the role to be made for the reader, the reader's ARN, and the digest that opens it to proofs."""
        alias = self.consumer.alias
        digest = self.facts.external_id_digests.get(alias) if reader.prove_by == "query" else None
        if reader.create is None:
            arn = self.facts.reader_roles.get((alias, reader.role_name))
            if arn is None:
                self.graph.block(_missing_role(self.consumer, reader))
            return None, arn, digest
        operator = OperatorTrust(self.facts.operators[alias], digest) if digest else None
        role = IamRole(
            self.home,
            reader.role_name,
            reader.create.path,
            reader.create.service,
            operator,
            reader.create.permissions_boundary,
            reader.create.max_session_seconds,
            self.tags,
        )
        self.graph.add(role)
        return role, role.arn, digest

    def _lacking(self, reader: Reader, pairs: list[TablePair]) -> tuple[str, ...]:
        """Return, and say, what an existing role's own policies lack; it is left alone but for its grants."""
        documents = self.facts.reader_policies.get((self.consumer.alias, reader.role_name))
        if documents is None:
            return ()
        needed = reader_policy(self.home, reader.role_name, "", pairs, [self.spot], needs=())
        missing = lacking(needed, documents)
        if missing:
            self.graph.note(
                f"role {reader.role_name} is left alone, but its policies do not allow all it needs:"
                f" {', '.join(missing)}"
            )
        return missing

    def _denied(self, linked: list[_LinkedTable]) -> None:
        """Add the role that is granted nothing: IAM lets it ask, so a refusal is Lake Formation's own."""
        alias = self.consumer.alias
        digest = self.facts.external_id_digests[alias]
        role = IamRole(
            self.home,
            denied_role_name(self.spec.name),
            operator=OperatorTrust(self.facts.operators[alias], digest),
            tags=self.tags,
        )
        self.graph.add(role)
        self.policies.allow(self.graph.asker, role, [table.pair for table in linked], self.spot)
        for table in linked:
            self._read(table, role.name, role.arn, digest)

    def _grant_databases(self, role_arn: str, role_address: str) -> tuple[str, ...]:
        """Athena looks at ``default`` before every query, so where Lake Formation rules it the reader needs it too."""
        names: dict[str, tuple[str, ...]] = {self.share.to.database: (self.admin, self.database)}
        if self.consumer.alias in self.facts.ruled_defaults:
            names.setdefault("default", (self.admin,))
        return tuple(
            self._grant_database(role_arn, role_address, "DESCRIBE", name, needs) for name, needs in names.items()
        )

    def _grant_database(
        self, principal: str, role_address: str, permission: Permission, database: str, needs: tuple[str, ...]
    ) -> str:
        depends_on = _with_role(role_address, needs)
        own = self.consumer.account_id
        return self.graph.add(LakeGrant(self.consumer, principal, permission, own, "", database, depends_on=depends_on))

    def _grant_table(
        self, table: _LinkedTable, role_arn: str, role_address: str, columns: tuple[str, ...] | None
    ) -> tuple[str, str]:
        """Grant the pair that reading through a link takes: DESCRIBE on the link, SELECT on the target."""
        source = table.source
        describe = LakeGrant(
            self.consumer,
            role_arn,
            "DESCRIBE",
            self.consumer.account_id,
            "",
            self.share.to.database,
            table.link,
            depends_on=_with_role(role_address, table.describe_needs),
        )
        select_ = LakeGrant(
            self.consumer,
            role_arn,
            "SELECT",
            source.owner,
            source.owner_label,
            source.database,
            source.name,
            columns=frozenset(columns) if columns is not None else None,
            hidden=frozenset(_hidden(source, columns)),
            depends_on=_with_role(role_address, table.select_needs),
        )
        return self.graph.add(describe), self.graph.add(select_)

    def _columns(self, table: SourceTable, rule: ColumnRule | None) -> tuple[str, ...] | None:
        if rule is None:
            return None
        named = rule.include if rule.include is not None else rule.exclude or ()
        unknown = [name for name in named if table.columns is not None and name not in table.columns]
        if unknown or (table.columns is None and rule.include is None):
            which = ", ".join(unknown) if unknown else "its columns are not known, so none can be left out of them"
            self.graph.block(
                Blocker(
                    f"{self.producer}/table:{table.database}.{table.name}",
                    "column_rule",
                    f"the reader's rule for {table.name} cannot be applied: {which}",
                    "name columns that the table has, or list those to read instead of those to leave out",
                )
            )
            return ()
        if rule.include is not None:
            return tuple(rule.include)
        assert table.columns is not None
        return tuple(column for column in table.columns if column not in set(named))

    def _read(
        self,
        table: _LinkedTable,
        role_name: str,
        role_arn: str,
        digest: str | None,
        *,
        is_allowed: bool = False,
        columns: tuple[str, ...] | None = None,
        hidden_columns: tuple[str, ...] = (),
        lacking: tuple[str, ...] = (),
        addresses: tuple[str, ...] = (),
    ) -> None:
        """Note what `verify` is to prove of one reader and one table."""
        self.graph.readings.append(
            Reading(
                share=self.name,
                account=self.consumer.alias,
                region=self.consumer.region,
                role_name=role_name,
                role_arn=role_arn,
                database=self.share.to.database,
                link=table.link,
                table=table.source.name,
                workgroup=self.spot.workgroup,
                instance=table.source.instance,
                time_column=table.source.time_column,
                is_allowed=is_allowed,
                columns=columns,
                hidden_columns=hidden_columns,
                external_id_digest=digest,
                lacking=lacking,
                addresses=addresses,
            )
        )


def _with_role(role_address: str, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Put the role in front of what else a grant waits for; a role that exists is nothing to wait for."""
    return (role_address, *needs) if role_address else needs


def _home(spec: Spec, facts: Facts, account_id: str) -> str:
    """Return the name under which an account has its roles: the one they have, else one that no order decides."""
    used = {alias for share in spec.shares.values() for alias in (share.source.account, share.to.account)}
    names = sorted(alias for alias in used if spec.accounts[alias].id == account_id)
    home = facts.homes.get(account_id)
    return home if home in names else names[0]


def denied_role_name(spec_name: str) -> str:
    """Return the name of the role that is granted nothing."""
    return f"lakeshare-{spec_name}-denied"


def _hidden(table: SourceTable, columns: tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is None or table.columns is None:
        return ()
    return tuple(column for column in table.columns if column not in set(columns))


def _missing_role(place: Place, reader: Reader) -> Blocker:
    return Blocker(
        f"{place.alias}/global/role:{reader.role_name}",
        "iam_role",
        f"the reader {reader.role_name} does not exist in account {place.account_id}",
        "make the role first, or add `create: {service: lambda.amazonaws.com}` to have it made",
    )


def _bucket_name(place: Place, spec_name: str) -> str:
    """Return a bucket name that is free everywhere (the account is in it) and no longer than S3's 63 characters."""
    return f"lakeshare-{place.account_id}-{place.region}-{spec_name}"[:63].rstrip("-.").replace("_", "-")
