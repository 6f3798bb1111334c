"""
What Trino refuses and DuckDB would let pass: names that only a select list knows, and comparisons of unlike types.

A query that uses an alias in WHERE or GROUP BY, or compares a timestamp with text, runs on DuckDB and fails on Athena;
so it fails here (documented: trino.io/docs/current/sql/select.html; the wording is Trino's own). Where the columns of a
source cannot be told, the query gets the benefit of the doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.sources import Source
from lakeshare.sandbox.services.athena.statements import Select
from lakeshare.sandbox.services.athena.translation import column_not_found

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_TEXT = {"string", "varchar", "char"}
_UNLIKE_NUMBERS = _TEXT | {"timestamp", "date", "boolean"}


def check(select: Select, sources: Sequence[Source]) -> None:
    """Fail *select*, whose tables are named as in *sources*, as Trino would; raises QueryFailure."""
    types = {(source.database, source.table): dict(source.columns) for source in sources}
    for scope in traverse_scope(select.tree):
        _check_names(select, scope, types)
        _check_comparisons(select, scope, types)


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


def _check_comparisons(select: Select, scope: Scope, types: _Types) -> None:
    """Refuse to compare a column with a literal of another sort."""
    for comparison in scope.find_all(*_COMPARISONS, exp.Between):
        for column, literals in _compared(comparison):
            glue_type = _type_of(column, scope, types)
            if glue_type is None or not any(_is_unlike(glue_type, literal) for literal in literals):
                continue
            own, others = glue_types.parse(glue_type).trino(), [_type_of_literal(each) for each in literals]
            if isinstance(comparison, exp.Between):
                message = f"Cannot check if {own} is BETWEEN {' and '.join(others)}"
            else:
                sides = [own, *others] if comparison.this is column else [*others, own]
                message = f"Cannot apply operator: {f' {_COMPARISONS[type(comparison)]} '.join(sides)}"
            raise failure("TYPE_MISMATCH", message, select.place_of(column))


def _compared(comparison: exp.Expr) -> Iterator[tuple[exp.Column, list[exp.Literal]]]:
    """Yield the column of a comparison with the literals that it is compared with, if that is what it is."""
    if isinstance(comparison, exp.Between):
        sides = [comparison.this, comparison.args["low"], comparison.args["high"]]
    else:
        sides = [comparison.this, comparison.expression]
    columns = [side for side in sides if isinstance(side, exp.Column)]
    literals = [side for side in sides if isinstance(side, exp.Literal)]
    if len(columns) == 1 and len(columns) + len(literals) == len(sides):
        yield columns[0], literals


def _type_of(column: exp.Column, scope: Scope, types: _Types) -> str | None:
    """Return the Glue type of a column that comes straight from a table; None for any other."""
    name = column.name.lower()
    sources = [scope.sources.get(column.table)] if column.table else list(scope.sources.values())
    if not all(isinstance(source, exp.Table) for source in sources):
        return None
    found = {
        of
        for source in sources
        if isinstance(source, exp.Table)
        for column_name, of in types.get((source.db, source.name), {}).items()
        if column_name.lower() == name
    }
    return found.pop() if len(found) == 1 else None


def _is_unlike(glue_type: str, literal: exp.Literal) -> bool:
    base = glue_types.parse(glue_type).base
    return base not in _TEXT if literal.is_string else base in _UNLIKE_NUMBERS


def _type_of_literal(literal: exp.Literal) -> str:
    if literal.is_string:
        return f"varchar({len(literal.name)})"
    return "integer" if literal.name.isdigit() else "double"
