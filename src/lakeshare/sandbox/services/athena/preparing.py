"""
From a statement to work for the engine: every table found, permitted and fetched, as the caller.

Done at once when StartQueryExecution comes, on the sandbox's own thread: what a query may read is decided when it is
submitted, and the engine's threads get immutable sources.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.athena import functions, information_schema, projection, strictness, views
from lakeshare.sandbox.services.athena.engine import Purpose, Work
from lakeshare.sandbox.services.athena.failures import QueryFailure, failure
from lakeshare.sandbox.services.athena.fetch import fetch
from lakeshare.sandbox.services.athena.rights import open_named, probe_default
from lakeshare.sandbox.services.athena.sources import RowSource, Source
from lakeshare.sandbox.services.athena.statements import Select, TableName
from lakeshare.sandbox.services.lakeformation.access import OpenTable
from lakeshare.sandbox.world import World

CATALOG = "awsdatacatalog"


def prepare(
    world: World, caller: Caller, region: str, select: Select, database: str, purpose: Purpose | None = None
) -> Work:
    """
    Return the work that *select* is, unqualified names meaning tables of *database*; raises QueryFailure.

    The tables in its tree are named as the engine will have them, and views have given way to what they say.
    """
    probe_default(world, caller, region)
    sources: dict[tuple[str, str], Source] = {}
    _resolve(_Resolving(world, caller, region, sources), select, database, ())
    functions.check(select)
    strictness.check(select, tuple(sources.values()))
    return Work(select, tuple(sources.values()), world.clock.now(), purpose)


@dataclass(frozen=True, slots=True)
class _Resolving:
    """Who asks, and the sources found so far by database and table."""

    world: World
    caller: Caller
    region: str
    sources: dict[tuple[str, str], Source]

    def source(self, name: TableName, table: OpenTable | None) -> Source:
        """Return what *name* reads: *table*, or where that is None one of information_schema's."""
        assert name.database is not None
        key = (name.database, name.table)
        if key not in self.sources:
            self.sources[key] = (
                information_schema.source(self.world, self.caller, self.region, name)
                if table is None
                else fetch(self.world, self.caller, table, name)
            )
        return self.sources[key]


def _resolve(resolving: _Resolving, select: Select, database: str, within: tuple[TableName, ...]) -> None:
    """Find everything that *select* reads, views through what they say; *within* are the views that it stands in."""
    opened: dict[tuple[str | None, str], OpenTable | None] = {}
    for node, named in select.tables:
        name = replace(named, database=(named.database or database).lower())
        if named.catalog not in (None, CATALOG):
            raise failure("CATALOG_NOT_FOUND", f"Catalog '{named.catalog}' not found", named.at)
        key = (name.database, name.table)
        if key not in opened:
            is_ours = name.database == information_schema.DATABASE
            opened[key] = None if is_ours else open_named(resolving.world, resolving.caller, resolving.region, name)
        table = opened[key]
        if table is None or table.view_text is None:
            if table is not None and projection.is_projected(table):
                projection.check_injected(table, select)
            _rename(node, resolving.source(name, table))
        else:
            _resolve_view(resolving, node, name, table, within)


def _resolve_view(
    resolving: _Resolving, node: exp.Table, name: TableName, view: OpenTable, within: tuple[TableName, ...]
) -> None:
    if any((name.database, name.table) == (each.database, each.table) for each in within):
        raise views.recursive(name)
    stored, database = views.stored_select(view, name)
    try:
        _resolve(resolving, stored, database, (*within, name))
    except QueryFailure as inner:
        raise views.unanalysed(name, inner) from inner
    views.expand(node, stored.tree)


def _rename(node: exp.Table, source: Source) -> None:
    """Name a table in the query as the engine has it; the catalog is not part of it."""
    if isinstance(source, RowSource) and not node.alias:
        node.set("alias", exp.TableAlias(this=node.this.copy()))
    node.set("catalog", None)
    node.set("db", exp.to_identifier(source.database, quoted=True))
    node.set("this", exp.to_identifier(source.table, quoted=True))
