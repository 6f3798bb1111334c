"""
What Trino refuses and DuckDB would let pass: names that only a select list knows, and queries joined by UNION that are
of different shapes; ``likeness`` adds operands of unlike types.

A query that uses an alias in WHERE or GROUP BY, or compares a timestamp with text, runs on DuckDB and fails on Athena;
so it fails here (documented: trino.io/docs/current/sql/select.html; the wording is Trino's own). Where the columns of a
source cannot be told, the query gets the benefit of the doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.services.athena import likeness
from lakeshare.sandbox.services.athena.failures import Position, failure
from lakeshare.sandbox.services.athena.sources import Source
from lakeshare.sandbox.services.athena.statements import Select
from lakeshare.sandbox.services.athena.translation import column_not_found

_TEXT = {"string", "varchar", "char"}


def check(select: Select, sources: Sequence[Source]) -> None:
    """Fail *select*, whose tables are named as in *sources*, as Trino would; raises QueryFailure."""
    types = {(source.database, source.table): dict(source.columns) for source in sources}
    for scope in traverse_scope(select.tree):
        _check_names(select, scope, types)
        likeness.check(select, scope, types)
        if isinstance(scope.expression, exp.SetOperation):
            _check_widths(select, scope.expression)


def check_named(columns: Sequence[str]) -> None:
    """Refuse a view or table with a column that has no name, or one that another has."""
    for place, column in enumerate(columns, 1):
        if not column:
            raise failure("MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {place}")
        if column.lower() in {each.lower() for each in columns[: place - 1]}:
            raise failure("DUPLICATE_COLUMN_NAME", f"line 1:1: Column name '{column}' specified more than once")


def check_types(found: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse to write what cannot be stored, or into a table whose columns are others."""
    for of in wanted:
        if not glue_types.is_known(of):
            raise failure("NOT_SUPPORTED", f"Unsupported Hive type: {glue_types.trino_name(of)}")
    if len(found) != len(wanted) or any(map(_is_other, found, wanted)):
        table, query = (", ".join(map(glue_types.trino_name, types)) for types in (wanted, found))
        message = f"Insert query has mismatched column types: Table: [{table}], Query: [{query}]"
        raise failure("TYPE_MISMATCH", message)


def _is_other(found: str, wanted: str) -> bool:
    """Whether a value of one Glue type cannot be written as another: Trino widens numbers, and no more."""
    if found == "null":
        return False
    if not glue_types.is_known(found):
        return True
    given, taken = glue_types.parse(found).base, glue_types.parse(wanted).base
    if given in _TEXT and taken in _TEXT:
        return False
    if given in _WIDTHS and taken in _WIDTHS:
        return _WIDTHS[given] > _WIDTHS[taken]
    return given != taken


_WIDTHS = {"tinyint": 0, "smallint": 1, "int": 2, "integer": 2, "bigint": 3, "decimal": 4, "float": 5, "double": 6}


_Types = Mapping[tuple[str, str], Mapping[str, str]]


def _check_names(select: Select, scope: Scope, types: _Types) -> None:
    """Refuse an alias of the select list anywhere but in ORDER BY."""
    if not isinstance(scope.expression, exp.Select):
        return
    aliases = {each.alias.lower() for each in scope.expression.expressions if isinstance(each, exp.Alias)}
    known = _known_names(scope, types)
    if known is None:
        return
    for column in scope.columns:
        name = column.name.lower()
        is_ordering = column.find_ancestor(exp.Order, exp.Select).__class__ is exp.Order
        if name in aliases and not column.table and name not in known and not is_ordering:
            raise column_not_found(select, column)


def _known_names(scope: Scope | None, types: _Types) -> set[str] | None:
    """Return the names that the sources of *scope*, and of those around it, have; None when they cannot be told."""
    known: set[str] = set()
    while scope is not None:
        for source in scope.sources.values():
            names = _names_of(source, types)
            if names is None:
                return None
            known |= names
        scope = scope.parent
    return known


def _names_of(source: exp.Expr | Scope, types: _Types) -> set[str] | None:
    if isinstance(source, exp.Table):
        return {name.lower() for name in types.get((source.db, source.name), {})}
    expression = source.expression if isinstance(source, Scope) else source
    if isinstance(expression, exp.Query):
        names = {name.lower() for name in expression.named_selects}
        return None if not names or "*" in names else names
    alias = expression.args.get("alias")
    columns = {column.name.lower() for column in alias.columns} if alias is not None else set()
    return columns or None


def _check_widths(select: Select, joined: exp.SetOperation) -> None:
    """Refuse to join queries that have not as many columns, or whose columns are of unlike types."""
    word = joined.key.upper()
    sides = [side.unnest() for side in (joined.this, joined.expression)]
    if not all(isinstance(side, exp.Query) for side in sides) or any(side.is_star for side in sides):
        return
    left, right = (side.selects for side in sides)
    found = re.search(rf"\b{word}\b", select.text, re.IGNORECASE)
    at = Position.at(select.text, found.start() if found else 0)
    if len(left) != len(right):
        message = f"{word} query has different number of fields: {len(left)}, {len(right)}"
        raise failure("TYPE_MISMATCH", message, at)
    for place, pair in enumerate(zip(left, right, strict=True), 1):
        kinds = [likeness.type_of(each.unalias()) for each in pair]
        if None not in kinds and likeness.are_unlike(*map(str, kinds)):
            message = f"column {place} in {word} query has incompatible types: {', '.join(map(str, kinds))}"
            raise failure("TYPE_MISMATCH", message, at)
