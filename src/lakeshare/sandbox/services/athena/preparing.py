"""
From a statement to work for the engine: every table found, permitted and fetched, as the caller.

Done at once when StartQueryExecution comes, on the sandbox's own thread: what a query may read is decided when it is
submitted, and the engine's threads get immutable sources.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.athena import functions, information_schema, strictness
from lakeshare.sandbox.services.athena.engine import Work
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.fetch import fetch
from lakeshare.sandbox.services.athena.rights import open_named, probe_default
from lakeshare.sandbox.services.athena.sources import RowSource, Source
from lakeshare.sandbox.services.athena.statements import Select, TableName
from lakeshare.sandbox.world import World

CATALOG = "awsdatacatalog"


def prepare(world: World, caller: Caller, region: str, select: Select, database: str) -> Work:
    """
    Return the work that *select* is, unqualified names meaning tables of *database*; raises QueryFailure.

    The tables in its tree are named as the engine will have them.
    """
    probe_default(world, caller, region)
    sources: dict[tuple[str, str], Source] = {}
    for node, named in select.tables:
        name = replace(named, database=(named.database or database).lower())
        if named.catalog not in (None, CATALOG):
            raise failure("CATALOG_NOT_FOUND", f"Catalog '{named.catalog}' not found", named.at)
        assert name.database is not None
        key = (name.database, name.table)
        if key not in sources:
            sources[key] = _source(world, caller, region, name)
        _rename(node, sources[key])
    functions.check(select)
    strictness.check(select, tuple(sources.values()))
    return Work(select, tuple(sources.values()), world.clock.now())


def _source(world: World, caller: Caller, region: str, name: TableName) -> Source:
    if name.database == information_schema.DATABASE:
        return information_schema.source(world, caller, region, name)
    return fetch(world, open_named(world, caller, region, name), name)


def _rename(node: exp.Table, source: Source) -> None:
    """Name a table in the query as the engine has it; the catalog is not part of it."""
    if isinstance(source, RowSource) and not node.alias:
        node.set("alias", exp.TableAlias(this=node.this.copy()))
    node.set("catalog", None)
    node.set("db", exp.to_identifier(source.database, quoted=True))
    node.set("this", exp.to_identifier(source.table, quoted=True))
