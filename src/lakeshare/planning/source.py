"""The producer's half of a share: which tables there are, who owns them, what makes them visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lakeshare import catalogue
from lakeshare.catalogue import SOURCE_DATABASE
from lakeshare.catalogue.nearest import nearest
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import GraphUnderWork
from lakeshare.planning.opening import close_open_tables
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.lake_grant.model import LakeGrant, Permission
from lakeshare.resources.ram_invitation.model import RamInvitation
from lakeshare.resources.values import Blocker, KnownAfter, Place
from lakeshare.spec import CatalogSource, ConnectSource, Share, TableSelection, select


@dataclass(frozen=True, slots=True)
class SourceTable:
    """
    One table to share. ``owner`` is the account that owns it; ``owner_label`` what addresses call a foreign one.

    ``columns`` are known for a producer's own tables and for those of our catalogue, None otherwise. ``visible_after``
    is the address of the acceptance after which the consumer can see it, ``granted_after`` are those of what granting a
    producer's own table waits for.
    """

    name: str
    database: str
    owner: str | KnownAfter
    owner_label: str
    columns: tuple[str, ...] | None
    visible_after: str
    category: str | None = None
    instance: str | None = None
    time_column: str | None = None
    granted_after: tuple[str, ...] = ()


def connect_tables(
    graph: GraphUnderWork, facts: Facts, share: Share, source: ConnectSource, producer: Place, consumer: Place
) -> list[SourceTable]:
    """Associate each selected data set with the consumer, and have the consumer accept the share it comes on."""
    known = catalogue.tables()
    live = facts.data_sets.get((source.account, source.instance)) or tuple(known)
    groups = {name: known[name].category for name in live if name in known}
    names = _selected(graph, share, source.tables, live, groups, producer, f"instance {source.instance}")
    _tell_difference(graph, live, known, source)
    found = []
    for name in names:
        association = ConnectAssociation(producer, source.instance, name, consumer.account_id)
        address = graph.add(association)
        invitation = RamInvitation(
            consumer,
            f"{producer.alias}.{source.instance}",
            f"{SOURCE_DATABASE}.{name}",
            share_arns=(KnownAfter(address, "share_arns", "association"),),
        )
        table = known.get(name)
        if name not in live:
            reason = f"share {share.name}: Connect does not offer instance {source.instance} the data set {name}"
            graph.block(Blocker(address, "connect_association", reason, "take it out of the spec"))
        found.append(
            SourceTable(
                name,
                SOURCE_DATABASE,
                KnownAfter(address, "lake_account", "association"),
                "connect",
                tuple(column.name for column in table.columns) if table else None,
                graph.add(invitation),
                category=table.category if table else None,
                instance=source.instance,
                time_column=(table.partition_key or table.age_column) if table else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Owner:
    """
    The account whose own tables are shared: *place*, what granting there waits for (*needs*), and the cross-account
    *version* that it has by then.
    """

    place: Place
    needs: tuple[str, ...]
    version: int


def own_tables(
    graph: GraphUnderWork, facts: Facts, share: Share, source: CatalogSource, owner: Owner, consumer: Place
) -> list[SourceTable]:
    """Grant each selected table to the consumer's account with the grant option; the spec keeps the two apart."""
    if (source.account, source.database) in facts.unlisted:
        graph.note(
            f"the tables of {source.database} are hidden until the operator is an administrator in {source.account}:"
            f" share {share.name} is planned in full after that"
        )
        graph.is_complete = False
        return []
    producer = owner.place
    there = facts.tables.get((source.account, source.database), {})
    names = _selected(graph, share, source.tables, tuple(there), {}, producer, f"database {source.database}")
    closed = close_open_tables(graph, facts, source, names, there, producer, owner.needs, owner.version)
    waits = {name: (*owner.needs, *closed.get(name, ())) for name in names}
    return [
        SourceTable(
            name,
            source.database,
            producer.account_id,
            producer.account_id,
            there[name],
            _accepted(graph, producer, consumer, source.database, name, waits[name]),
            granted_after=waits[name],
        )
        for name in names
    ]


def _accepted(
    graph: GraphUnderWork, producer: Place, consumer: Place, database: str, table: str, needs: tuple[str, ...]
) -> str:
    """
    Grant *table* to the account, and return the address of the acceptance of the shares that this makes.

    The database itself is not granted: reading through a link to a table asks for rights on the table alone.
    """
    grants = [
        graph.add(_to_account(producer, consumer.account_id, database, table, permission, needs))
        for permission in _PERMISSIONS
    ]
    invitation = RamInvitation(
        consumer,
        producer.alias,
        f"{database}.{table}",
        share_arns=tuple(KnownAfter(address, "share_arns", "grant") for address in grants),
    )
    return graph.add(invitation)


_PERMISSIONS: tuple[Permission, ...] = ("DESCRIBE", "SELECT")


def _to_account(
    producer: Place, account: str, database: str, table: str, permission: Permission, needs: tuple[str, ...]
) -> LakeGrant:
    return LakeGrant(
        producer,
        account,
        permission,
        producer.account_id,
        "",
        database,
        table,
        grantable=True,
        depends_on=needs,
    )


def grant_to_account(
    graph: GraphUnderWork, producer: Place, account: str, table: SourceTable, columns: tuple[str, ...] | None
) -> tuple[str, ...]:
    """
    Grant a producer's own table to another *account*, with the grant option, and return the grants' addresses.

    Who holds SELECT on some columns can hold nothing else on the table (documented), which needs no DESCRIBE then: any
    right implies it.
    """
    found = []
    for permission in _PERMISSIONS if columns is None else ("SELECT",):
        grant = _to_account(producer, account, table.database, table.name, permission, table.granted_after)
        if columns is not None:
            hidden = frozenset(table.columns or ()) - frozenset(columns)
            grant = replace(grant, columns=frozenset(columns), hidden=hidden)
        found.append(graph.add(grant))
    return tuple(found)


def _selected(
    graph: GraphUnderWork,
    share: Share,
    selection: TableSelection,
    names: Sequence[str],
    groups: Mapping[str, str],
    producer: Place,
    where: str,
) -> tuple[str, ...]:
    chosen = select(selection, names, groups)
    for pattern in chosen.unmatched:
        close = nearest(pattern, names)
        way_out = f'did you mean "{close}"?' if close else f"there are {len(names)} tables: see `lakeshare tables`"
        reason = f"share {share.name}: no table of {where} matches {pattern}"
        graph.block(Blocker(f"{producer}/table:{pattern}", "table", reason, way_out))
    return chosen.names


def _tell_difference(
    graph: GraphUnderWork, live: Sequence[str], known: Mapping[str, catalogue.Table], source: ConnectSource
) -> None:
    """Say where the live list and the catalogue differ, as far as the spec's selection goes."""
    fresh = sorted(set(live) - set(known))
    missing = [name for name in known if name not in set(live)]
    wanted = select(source.tables, missing, {name: known[name].category for name in missing}).names
    if fresh:
        graph.note(f"Connect offers data sets that our catalogue does not know: {', '.join(fresh)}")
    if wanted:
        names = ", ".join(sorted(set(wanted) & set(missing)))
        graph.note(f"Connect does not offer instance {source.instance} these tables of our catalogue: {names}")
