"""
From a statement to work for the engine: every table found, permitted and fetched, as the caller.

Done at once when StartQueryExecution comes, on the sandbox's own thread: what a query may read is decided when it is
submitted, and the engine's threads get immutable sources.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlglot import exp

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.athena import (
    catalogs,
    functions,
    information_schema,
    projection,
    pruning,
    strictness,
    views,
)
from lakeshare.sandbox.services.athena.engine import Purpose, Work
from lakeshare.sandbox.services.athena.failures import QueryFailure, failure
from lakeshare.sandbox.services.athena.fetch import fetch
from lakeshare.sandbox.services.athena.pruning import Keeps
from lakeshare.sandbox.services.athena.rights import open_named, probe_default
from lakeshare.sandbox.services.athena.sources import RowSource, Source
from lakeshare.sandbox.services.athena.statements import Select, TableName
from lakeshare.sandbox.services.lakeformation.access import OpenTable
from lakeshare.sandbox.world import World


def prepare(
    world: World,
    caller: Caller,
    region: str,
    select: Select,
    database: str,
    purpose: Purpose | None = None,
    catalog: str | None = None,
) -> Work:
    """
    Return the work that *select* is, unqualified names meaning tables of *database* in *catalog*.

    The tables in its tree are named as the engine will have them, and views have given way to what they say. Raises
    QueryFailure.
    """
    probe_default(world, caller, region)
    sources: dict[_Named, Source] = {}
    _resolve(_Resolving(world, caller, region, sources, {}), select, (catalog, database), ())
    functions.check(select)
    strictness.check(select, tuple(sources.values()))
    return Work(select, tuple(sources.values()), world.clock.now(), purpose)


_Named: TypeAlias = tuple[str | None, str | None, str]
"""A table by catalog, where that is not the account's own, database and name."""


@dataclass(frozen=True, slots=True)
class _Resolving:
    """Who asks, the sources found so far by database and table, and which partitions each has."""

    world: World
    caller: Caller
    region: str
    sources: dict[_Named, Source]
    kept: dict[_Named, Keeps | None]

    def source(self, node: exp.Table, name: TableName, table: OpenTable | None) -> Source:
        """Return what *node*, called *name*, reads: *table*, or where that is None one of information_schema's."""
        assert name.database is not None
        key = (name.catalog, name.database, name.table)
        if table is None:
            if key not in self.sources:
                self.sources[key] = information_schema.source(self.world, self.caller, self.region, name)
            return self.sources[key]
        keeps = pruning.kept_by(node, table.partition_keys)
        if key not in self.sources or self.kept[key] is not None:
            # A table that stands in a query twice is read once, with what either of the two needs.
            self.kept[key] = pruning.any_of([keeps, self.kept[key]]) if key in self.sources else keeps
            self.sources[key] = fetch(self.world, self.caller, table, name, self.kept[key])
        return self.sources[key]


def _resolve(
    resolving: _Resolving, select: Select, home: tuple[str | None, str], within: tuple[TableName, ...]
) -> None:
    """
    Find everything that *select* reads, views through what they say; *within* are the views that it stands in.

    *home* are the catalog and the database of names that do not say theirs.
    """
    opened: dict[_Named, OpenTable | None] = {}
    catalog, database = home
    for node, named in select.tables:
        name, owner = _located(resolving, replace(named, database=(named.database or database).lower()), catalog)
        key = (name.catalog, name.database, name.table)
        if key not in opened:
            is_ours = name.database == information_schema.DATABASE
            asking = (resolving.world, resolving.caller, resolving.region)
            opened[key] = None if is_ours else open_named(*asking, name, owner)
        table = opened[key]
        if table is None or table.view_text is None:
            if table is not None and projection.is_projected(table):
                projection.check_injected(table, select)
            _rename(node, resolving.source(node, name, table))
        else:
            _resolve_view(resolving, node, name, table, within)


def _located(resolving: _Resolving, name: TableName, home: str | None) -> tuple[TableName, str]:
    """Return *name* with the catalog that it is in, None for the account's own, and the account whose that is."""
    catalog = (name.catalog or home or catalogs.OWN).lower()
    owner = catalogs.account_of_catalog(resolving.world, resolving.caller, resolving.region, catalog)
    if owner is None:
        raise failure("CATALOG_NOT_FOUND", f"Catalog '{catalog}' not found", name.at)
    return replace(name, catalog=None if catalog == catalogs.OWN else catalog), owner


def _resolve_view(
    resolving: _Resolving, node: exp.Table, name: TableName, view: OpenTable, within: tuple[TableName, ...]
) -> None:
    if any(replace(name, at=each.at) == each for each in within):
        raise views.recursive(name)
    stored, database = views.stored_select(view, name)
    try:
        _resolve(resolving, stored, (name.catalog, database), (*within, name))
    except QueryFailure as inner:
        raise views.unanalysed(name, inner) from inner
    views.expand(node, stored.tree)


def _rename(node: exp.Table, source: Source) -> None:
    """Name a table in the query as the engine has it; the catalog is not part of it."""
    is_elsewhere = "@" in source.database
    if (isinstance(source, RowSource) or is_elsewhere) and not node.alias:
        node.set("alias", exp.TableAlias(this=node.this.copy()))
    node.set("catalog", None)
    node.set("db", exp.to_identifier(source.database, quoted=True))
    node.set("this", exp.to_identifier(source.table, quoted=True))
