"""
Tables of a producer's own that are open to whomever IAM lets read them. Pure.

While IAM_ALLOWED_PRINCIPALS hold ALL on a table no grant restricts anybody (documented), and below cross-account
version 4 it cannot be shared at all. Taking that away takes the table from people of the producer's, so the plan shows
it as a step of its own, and the spec can have it left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import GraphUnderWork
from lakeshare.resources.iam_allowed_principals.model import EVERY_TABLE, ClosedTable
from lakeshare.resources.values import Blocker, Place
from lakeshare.spec import CatalogSource, Spec

HYBRID_VERSION = 4
"""From this cross-account version on, a table may be shared while IAMAllowedPrincipals holds it (documented)."""

MOST_NAMED = 5


def close_open_tables(
    graph: GraphUnderWork,
    facts: Facts,
    source: CatalogSource,
    names: Sequence[str],
    there: Collection[str],
    producer: Place,
    needs: tuple[str, ...],
    version: int,
) -> Mapping[str, tuple[str, ...]]:
    """
    Take ALL from IAM_ALLOWED_PRINCIPALS on the selected tables; return, by table, what granting it waits for then.

    *there* are all tables of the database, *version* is the producer's cross-account version once *needs* are done.
    What we have closed stays closed, though nobody would find it open any more.
    """
    spot = source.account, source.database
    opened = facts.open_tables.get(spot, frozenset())
    if source.keeps_iam_allowed_principals:
        _tell(graph, opened, source, names, producer, version)
        return {}
    closing = opened | facts.closed_tables.get(spot, frozenset())
    everything = _close_wildcard(graph, opened, closing, source, names, there, producer, needs)
    closed = dict.fromkeys(names, everything) if everything else {}
    for name in names:
        if name.lower() in closing:
            address = graph.add(ClosedTable(producer, source.database, name, depends_on=needs))
            closed[name] = (*closed.get(name, ()), address)
    return closed


def _close_wildcard(
    graph: GraphUnderWork,
    opened: Collection[str],
    closing: Collection[str],
    source: CatalogSource,
    names: Sequence[str],
    there: Collection[str],
    producer: Place,
    needs: tuple[str, ...],
) -> tuple[str, ...]:
    """Close all tables at once where they are open by one wildcard, unless that would close some that stay at home."""
    if EVERY_TABLE not in closing or not names:
        return ()
    closed = ClosedTable(producer, source.database, EVERY_TABLE, depends_on=needs)
    others = sorted(set(there) - set(names))
    if EVERY_TABLE in opened and others:
        graph.block(
            Blocker(
                closed.address,
                closed.kind,
                f"IAM_ALLOWED_PRINCIPALS hold ALL on every table of {source.database} by one grant, and revoking that"
                f" would close tables, too, that are not shared: {_named(others)}",
                "share these as well; or grant ALL to IAM_ALLOWED_PRINCIPALS on each of them and revoke the one on all"
                " tables by hand; or leave it, with `iam_allowed_principals: keep` in the share's `from.catalog`",
            )
        )
        return ()
    return (graph.add(closed),)


def _named(tables: Sequence[str]) -> str:
    more = f" and {len(tables) - MOST_NAMED} more" if len(tables) > MOST_NAMED else ""
    return ", ".join(tables[:MOST_NAMED]) + more


def _tell(
    graph: GraphUnderWork,
    opened: Collection[str],
    source: CatalogSource,
    names: Sequence[str],
    producer: Place,
    version: int,
) -> None:
    """Say on which tables IAMAllowedPrincipals keep the decision with IAM; below version 4 they cannot be shared."""
    for name in names:
        if name.lower() not in opened and EVERY_TABLE not in opened:
            continue
        address = f"{producer}/table:{source.database}.{name}"
        reason = f"IAMAllowedPrincipals hold ALL on {source.database}.{name}, so IAM alone decides who reads it"
        if version < HYBRID_VERSION:
            way_out = (
                "take `iam_allowed_principals: keep` out of the spec, so that ALL is revoked from them; or raise"
                f" `lake_formation: {{cross_account_version: {HYBRID_VERSION}}}` in accounts.{source.account}"
            )
            graph.block(Blocker(address, "lake_grant", f"{reason}, and a share of it would be refused", way_out))
        else:
            graph.note(f"{reason}: column rules and refusals do not bind anybody in account {producer.account_id}")


def refuse_two_minds(graph: GraphUnderWork, spec: Spec) -> None:
    """Block a spec whose shares of one database want its tables closed and left open at once."""
    minds: dict[tuple[str, str], dict[bool, str]] = defaultdict(dict)
    for share in spec.shares.values():
        if isinstance(share.source, CatalogSource):
            spot = share.source.account, share.source.database
            minds[spot].setdefault(share.source.keeps_iam_allowed_principals, share.name)
    for (account, database), by_mind in minds.items():
        if len(by_mind) > 1:
            graph.block(
                Blocker(
                    f"{account}/{spec.accounts[account].region}/database:{database}",
                    "iam_allowed_principals",
                    f"share {by_mind[True]} keeps what IAM_ALLOWED_PRINCIPALS hold in {database}, and share"
                    f" {by_mind[False]} takes it away",
                    "say the same `iam_allowed_principals` in both",
                )
            )
