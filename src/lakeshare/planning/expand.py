"""
From what a user wrote to every resource behind it.

Pure: the same spec and facts give the same graph, whatever the order in which shares and readers are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import Asker, GraphUnderWork, Reading, ResourceGraph
from lakeshare.planning.lacking import lacking
from lakeshare.planning.location_role import add_location_role
from lakeshare.planning.opening import refuse_two_minds
from lakeshare.planning.principals import Principal, Principals
from lakeshare.planning.query_place import add_query_place
from lakeshare.planning.reader_policies import ReaderPolicies
from lakeshare.planning.reader_policy import QueryPlace, TablePair, reader_policy
from lakeshare.planning.source import Owner, SourceTable, connect_tables, grant_to_account, own_tables
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.default_permissions.model import DefaultPermissions
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.iam_role.model import IamRole, OperatorTrust
from lakeshare.resources.lake_grant.model import LakeGrant, Permission
from lakeshare.resources.lake_settings.model import LakeAdministrator, Level
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.tags import as_tags
from lakeshare.resources.values import Blocker, Place, unknowns
from lakeshare.spec import Account, CatalogSource, ColumnRule, Reader, Share, Spec, select

IDENTITY_CENTER_NOTE = (
    "AWS's page on granting to users and groups of IAM Identity Center can be read in two ways where a table is another"
    " account's: if Lake Formation refuses such a grant, name the reader by `sso:` (a role) instead"
)


def expand(spec: Spec, facts: Facts) -> ResourceGraph:
    """
    Return every resource that *spec* asks for.

    What the spec asks for and cannot have (a table that Connect does not offer, a role that does not exist) comes back
    as blockers, all of them.
    """
    graph = GraphUnderWork()
    policies, homes = ReaderPolicies(spec.name), _homes(spec, facts)
    for name in sorted(spec.shares):
        _ShareExpansion(spec, facts, graph, policies, homes, spec.shares[name]).expand()
    policies.add_to(graph)
    refuse_two_minds(graph, spec)
    return graph.finished()


def place_of(spec: Spec, alias: str) -> Place:
    """Return the account called *alias* and its Region as a place."""
    account: Account = spec.accounts[alias]
    return Place(alias, account.id, account.region, account.partition)


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
        self,
        spec: Spec,
        facts: Facts,
        graph: GraphUnderWork,
        policies: ReaderPolicies,
        homes: Mapping[str, str],
        share: Share,
    ) -> None:
        self.spec, self.facts, self.graph, self.policies, self.share = spec, facts, graph, policies, share
        self.name = share.name
        self.producer = place_of(spec, share.source.account)
        self.consumer = place_of(spec, share.to.account)
        # IAM knows no Regions: an account that the spec names twice has its roles under one of the names.
        self.home = place_of(spec, homes[self.consumer.account_id])
        self.tags = tuple(
            sorted({**spec.accounts[share.to.account].tags, **share.tags, "lakeshare:spec": spec.name}.items())
        )
        self.principals = Principals(spec, facts, graph, self.consumer, self.home, self.tags)

    def expand(self) -> None:
        self.graph.ask(Asker(self.share.name))
        self._location_roles()
        settings = self._settings(self.consumer)
        source_tables = self._source(self._settings(self.producer))
        self.admin = self._administrator(self.consumer)
        self.database = self.graph.add(
            GlueDatabase(self.consumer, self.share.to.database, self.tags, depends_on=(self.admin, *settings))
        )
        self.may_link = self._may_link()
        linked = [self._link(table) for table in source_tables]
        self.spot = self._query_place()
        for number, reader in enumerate(self.share.readers):
            self.graph.ask(Asker(self.share.name, number))
            self._reader(reader, linked)
        if self.share.prove_denial:
            self.graph.ask(Asker(self.share.name))
            self._denied(linked)

    def _location_roles(self) -> None:
        """Add the roles that Lake Formation needs for places of the share's two accounts, where the spec asks."""
        for alias in dict.fromkeys((self.share.source.account, self.share.to.account)):
            account = self.spec.accounts[alias]
            if account.location_role:
                tags = as_tags({**account.tags, "lakeshare:spec": self.spec.name})
                add_location_role(self.graph, place_of(self.spec, alias), account.location_role, self.spec.name, tags)

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

    def _query_place(self) -> QueryPlace:
        name = self.share.to.athena.workgroup
        there = self.facts.results_places.get((self.consumer.alias, name)) if name else None
        spot, _address = add_query_place(self.graph, self.consumer, self.share.to, self.spec.name, there, self.tags)
        return spot

    def _reader(self, reader: Reader, linked: list[_LinkedTable]) -> None:
        if reader.account is not None:
            self._account(reader, reader.account, linked)
            return
        who = self.principals.of(reader)
        if who is None:
            return
        wanted = self._wanted(reader, linked)
        pairs = [table.pair for table in linked if table.source.name in wanted]
        if who.is_given_policy:
            self.policies.allow(self.graph.asker, self.home, who, pairs, self.spot)
        if who.sort == "identity_center":
            self.graph.note(IDENTITY_CENTER_NOTE)
        missing = () if who.is_given_policy or not who.role else self._lacking(who, pairs)
        shared = self._grant_databases(who.arn, who.address)
        for table in linked:
            if table.source.name not in wanted:
                self._read(table, who)
                continue
            columns = self._columns(table.source, reader.columns.get(table.source.name))
            granted = self._grant_table(table, who.arn, who.address, columns)
            self._read(
                table,
                who,
                is_allowed=True,
                columns=columns,
                hidden_columns=_hidden(table.source, columns),
                lacking=missing,
                addresses=(*shared, *granted, table.address),
            )

    def _account(self, reader: Reader, account: str, linked: list[_LinkedTable]) -> None:
        """
        Let a whole account have the tables, to pass on as it likes.

        The consumer's own has them as soon as they are shared with it. To another only the owner can grant them: what
        a consumer was given it passes on within its own account alone (documented).
        """
        wanted = self._wanted(reader, linked)
        who = Principal(reader.name, "account", account)
        for table in linked:
            if table.source.name not in wanted:
                continue
            if account == self.consumer.account_id:
                self._read(table, who, is_allowed=True, addresses=(table.source.visible_after, table.address))
                continue
            columns = self._columns(table.source, reader.columns.get(table.source.name))
            granted = grant_to_account(self.graph, self.producer, account, table.source, columns)
            self._read(table, who, is_allowed=True, columns=columns, addresses=granted)
        if account != self.consumer.account_id:
            self.graph.note(
                f"account {account} accepts what share {self.name} gives it itself, within twelve hours of the first"
                " grant; as a consumer of a share of its own lakeshare would do that too"
            )

    def _wanted(self, reader: Reader, linked: list[_LinkedTable]) -> frozenset[str]:
        names = [table.source.name for table in linked]
        if reader.tables is None:
            return frozenset(names)
        groups = {table.source.name: table.source.category for table in linked if table.source.category}
        return frozenset(select(reader.tables, names, groups).names)

    def _lacking(self, who: Principal, pairs: list[TablePair]) -> tuple[str, ...]:
        """Return, and say, what an existing role's own policies lack; it is left alone but for its grants."""
        documents = self.facts.reader_policies.get((self.consumer.alias, who.role))
        if documents is None:
            return ()
        needed = reader_policy(self.home, who.role, "", pairs, [self.spot], needs=())
        missing = lacking(needed, documents)
        if missing:
            way_out = "its permission set can have them" if who.sort == "sso" else "`complete: true` adds them"
            self.graph.note(
                f"role {who.role} is left alone, but its policies do not allow all it needs ({way_out}):"
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
        address = self.graph.add(role)
        who = Principal(role.name, "role", role.arn, address, digest, role.name)
        pairs = [table.pair for table in linked]
        self.policies.allow(self.graph.asker, self.home, who, pairs, self.spot)
        for table in linked:
            self._read(table, who)

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
        who: Principal,
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
                reader=who.name,
                principal=who.arn,
                sort=who.sort,
                database=self.share.to.database,
                link=table.link,
                table=table.source.name,
                workgroup=self.spot.workgroup,
                instance=table.source.instance,
                time_column=table.source.time_column,
                is_allowed=is_allowed,
                columns=columns,
                hidden_columns=hidden_columns,
                external_id_digest=who.digest,
                lacking=lacking,
                addresses=addresses,
            )
        )


def _with_role(role_address: str, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Put the role in front of what else a grant waits for; a role that exists is nothing to wait for."""
    return (role_address, *needs) if role_address else needs


def _homes(spec: Spec, facts: Facts) -> dict[str, str]:
    """Return for each account id the name under which it has its roles: that of before, else one no order decides."""
    used: dict[str, set[str]] = defaultdict(set)
    for share in spec.shares.values():
        for alias in (share.source.account, share.to.account):
            used[spec.accounts[alias].id].add(alias)
    return {
        account_id: home if (home := facts.homes.get(account_id)) in names else min(names)
        for account_id, names in used.items()
    }


def denied_role_name(spec_name: str) -> str:
    """Return the name of the role that is granted nothing."""
    return f"lakeshare-{spec_name}-denied"


def _hidden(table: SourceTable, columns: tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is None or table.columns is None:
        return ()
    return tuple(column for column in table.columns if column not in set(columns))
