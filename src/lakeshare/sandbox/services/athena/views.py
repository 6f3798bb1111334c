"""
Views: how Athena keeps them in the catalog, and what a query of one reads.

A view is a Glue table of type VIRTUAL_VIEW whose text is base64 JSON in a comment (observed: what Athena stores, and
what public tools store for it to read). It is a name for a query and no more: who queries it needs the rights on what
it reads (documented: athena/latest/ug/lf-athena-limitations.html), and the names in it are looked up in the catalog of
the account that asks (documented: athena/latest/ug/lf-athena-limitations-cross-account.html).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.failures import MalformedQueryError, QueryFailure, failure
from lakeshare.sandbox.services.athena.sources import Columns
from lakeshare.sandbox.services.athena.statements import Select, StoredIn, TableName, read_select
from lakeshare.sandbox.services.lakeformation.access import OpenTable

RULE_STORED = rule(
    "athena.view.names-resolve-here",
    "The names in a stored view are looked up in the catalog of whoever queries it; where they are not found, the view "
    "cannot be analysed.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations-cross-account.html",
)
RULE_RIGHTS = rule(
    "athena.view.rights-on-what-it-reads",
    "A right on a view gives none on the tables that it reads: whoever queries it needs those as well.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html",
)
_BEGIN, _END = "/* Presto View: ", " */"
EXPANDED = "/* Presto View */"


@dataclass(frozen=True, slots=True)
class StoredView:
    """What a view's text says: its query, and the database that names without one mean."""

    sql: str
    database: str | None


def view_input(name: str, database: str, sql: str, columns: Columns) -> dict[str, Any]:
    """Return the TableInput of a view."""
    stored = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": column, "type": glue_types.trino_name(of)} for column, of in columns],
    }
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": f"{_BEGIN}{base64.b64encode(json.dumps(stored).encode()).decode()}{_END}",
        "ViewExpandedText": EXPANDED,
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": _glue_type(of)} for column, of in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "PartitionKeys": [],
    }


def decode(text: str) -> StoredView | None:
    """Return what a ViewOriginalText says, None when it is of no form that Athena reads."""
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        return None
    try:
        stored = json.loads(base64.b64decode(text[len(_BEGIN) : -len(_END)]))
        return StoredView(stored["originalSql"], stored.get("schema"))
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def is_view(table: Mapping[str, Any]) -> bool:
    """Whether a table of a GetTable answer is a view."""
    return table.get("TableType") == "VIRTUAL_VIEW"


def stored_select(table: OpenTable, name: TableName) -> tuple[Select, str]:
    """Return the query of the view *table*, and the database that its names are in; raises QueryFailure."""
    stored = decode(table.view_text or "")
    if stored is None:
        raise failure("NOT_SUPPORTED", "Hive views are not supported", name.at)
    try:
        select = read_select(stored.sql)
    except MalformedQueryError as error:
        message = f"Invalid view JSON: {_full_name(name)}: {error}"
        raise failure("INVALID_VIEW", message, name.at) from None
    for column in select.tree.find_all(exp.Column):
        column.meta["stored_in"] = StoredIn(_full_name(name), name.at, stored.sql)
    return select, stored.database or table.database


def unanalysed(name: TableName, inner: QueryFailure) -> QueryFailure:
    """Return how a query of a view fails that itself fails with *inner*."""
    (RULE_STORED if "does not exist" in inner.reason else RULE_RIGHTS).show()
    return StoredIn(_full_name(name), name.at, "").failed(inner)


def recursive(name: TableName) -> QueryFailure:
    """Return the failure of a view that reads itself."""
    return failure("VIEW_IS_RECURSIVE", "View is recursive", name.at)


def expand(node: exp.Table, body: exp.Query) -> None:
    """Put the query of a view in the place of its name."""
    alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
    subquery = exp.Subquery(this=body, alias=alias.copy())
    for argument in ("joins", "laterals", "sample", "pivots"):
        if node.args.get(argument):
            subquery.set(argument, node.args[argument])
    node.replace(subquery)


def _glue_type(of: str) -> str:
    """Return the catalog's type for a column of a view, whose own text has the engine's."""
    if glue_types.is_known(of):
        return of
    return "timestamp" if of.startswith("timestamp") else "string"


def _full_name(name: TableName) -> str:
    return f"awsdatacatalog.{name.database}.{name.table}"
