"""
Operands of unlike types: Trino compares no number with a text, and finds no common type for them, as DuckDB would.

The type of an operand is known where it is a literal, a cast, or a column straight from a table; any other gets the
benefit of the doubt. The wording is Trino's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.services.athena.failures import Position, QueryFailure, failure
from lakeshare.sandbox.services.athena.statements import Select

Types = Mapping[tuple[str, str], Mapping[str, str]]
"""The Glue types of the columns of each table, by database and table."""

_COMPARISONS: Final[Mapping[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_ARITHMETIC: Final[Mapping[type[exp.Expr], str]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}
_NUMBERS: Final = frozenset(["tinyint", "smallint", "integer", "bigint", "decimal", "real", "float", "double"])
_FAMILIES: Final = {"varchar": "text", "char": "text", "date": "moment", "timestamp": "moment", "boolean": "boolean"}
_CASTS: Final = {
    exp.DataType.Type.BIGINT: "bigint",
    exp.DataType.Type.BOOLEAN: "boolean",
    exp.DataType.Type.DATE: "date",
    exp.DataType.Type.DOUBLE: "double",
    exp.DataType.Type.INT: "integer",
    exp.DataType.Type.TIMESTAMP: "timestamp(3)",
    exp.DataType.Type.TIMESTAMPTZ: "timestamp(3) with time zone",
    exp.DataType.Type.VARCHAR: "varchar",
    exp.DataType.Type.TEXT: "varchar",
}
_INTEGER_BELOW: Final = 2**31
_ALIKE: Final[Mapping[type[exp.Expr], str]] = {
    exp.In: "IN value and list items",
    exp.Array: "All ARRAY elements",
    exp.Case: "All CASE results",
    exp.Coalesce: "All COALESCE operands",
}
"""What must have a common type, as Trino calls it."""
_CONCAT: Final = (
    "Expected: concat(char(x), char(y)), concat(array(E), E) E, concat(E, array(E)) E, concat(array(E)) E, "
    "concat(varchar), concat(varbinary)"
)


def check(select: Select, scope: Scope, types: Types) -> None:
    """Fail *select* where an operator in *scope* has operands of unlike types; raises QueryFailure."""
    for node in scope.find_all(
        *_COMPARISONS, *_ARITHMETIC, exp.Between, exp.Concat, exp.DPipe, exp.If, exp.Nullif, *_ALIKE
    ):
        operands = list(_operands(node))
        kinds = [type_of(each, scope, types) for each in operands]
        if (message := _refusal(node, kinds)) is not None:
            raise _mismatch(select, node, operands, message)


def type_of(node: exp.Expr, scope: Scope | None = None, types: Types | None = None) -> str | None:
    """Return the type of *node* as Trino calls it; None where it is not known, of NULL say."""
    node = node.unnest()
    if isinstance(node, exp.Neg):
        node = node.this
    match node:
        case exp.Literal():
            return _literal_type(node)
        case exp.Boolean():
            return "boolean"
        case exp.Cast():
            return _CASTS.get(node.to.this)
        case exp.Column() if scope is not None and types is not None:
            return _column_type(node, scope, types)
    return None


def _literal_type(literal: exp.Literal) -> str:
    if literal.is_string:
        return f"varchar({len(literal.name)})"
    if literal.name.isdigit():
        return "integer" if int(literal.name) < _INTEGER_BELOW else "bigint"
    return "double"


def are_unlike(left: str, right: str) -> bool:
    """Whether two types, as Trino calls them, have no common one."""
    return _family(left) != _family(right)


def _family(kind: str) -> str:
    word = re.split(r"[ (]", kind, maxsplit=1)[0]
    return "number" if word in _NUMBERS else _FAMILIES.get(word, word)


def _operands(node: exp.Expr) -> Iterator[exp.Expr]:
    match node:
        case exp.Between():
            yield from (node.this, node.args["low"], node.args["high"])
        case exp.In():
            yield from (node.this, *node.expressions)
        case exp.Coalesce():
            yield from (node.this, *node.expressions)
        case exp.Array() | exp.Concat():
            yield from node.expressions
        case exp.If() if isinstance(node.parent, exp.Case):
            return
        case exp.If():
            yield from (each for name in ("true", "false") if (each := node.args.get(name)) is not None)
        case exp.Case():
            yield from (each.args["true"] for each in node.args["ifs"])
            if node.args.get("default") is not None:
                yield node.args["default"]
        case _:
            yield from (node.this, node.expression)


def _refusal(node: exp.Expr, kinds: Sequence[str | None]) -> str | None:
    """Return what Trino says of operands of these types; None where it takes them, or where they are not known."""
    known = [kind for kind in kinds if kind is not None]
    if not any(are_unlike(known[0], other) for other in known[1:]):
        return None
    for kind, what in _ALIKE.items():
        if isinstance(node, kind):
            return _no_common(what, known)
    other = next((kind for kind in known if are_unlike(known[0], kind)), "")
    if isinstance(node, exp.If):
        return f"Result types for IF must be the same: {known[0]} and {other}"
    if isinstance(node, exp.Nullif):
        return f"Types are not comparable with NULLIF: {known[0]} and {other}"
    if isinstance(node, exp.Between):
        return f"Cannot check if {known[0]} is BETWEEN {' and '.join(known[1:])}" if len(known) == 3 else None
    return _operator_refusal(node, known)


def _operator_refusal(node: exp.Expr, kinds: Sequence[str]) -> str | None:
    """Of arithmetic only numbers with texts or moments are refused here: intervals are added to moments."""
    families = {_family(kind) for kind in kinds}
    if isinstance(node, (exp.DPipe, exp.Concat)):
        return _unexpected(kinds) if families == {"text", "number"} else None
    if type(node) in _ARITHMETIC and families not in ({"text", "number"}, {"moment", "number"}):
        return None
    sign = _COMPARISONS.get(type(node)) or _ARITHMETIC[type(node)]
    return f"Cannot apply operator: {f' {sign} '.join(kinds)}"


def _unexpected(kinds: Sequence[str]) -> str:
    return f"Unexpected parameters ({', '.join(kinds)}) for function concat. {_CONCAT}"


def _no_common(what: str, kinds: Sequence[str]) -> str:
    other = next(kind for kind in kinds if are_unlike(kinds[0], kind))
    return (
        f"{what} must be the same type or coercible to a common type. Cannot find common type between {kinds[0]} and "
        f"{other}, all types (without duplicates): [{', '.join(dict.fromkeys(kinds))}]"
    )


def _mismatch(select: Select, node: exp.Expr, operands: Sequence[exp.Expr], message: str) -> QueryFailure:
    """Say it where Trino's parser places the node: at an operator's sign, and anything else at its first operand."""
    column = next((each for each in operands if isinstance(each, exp.Column)), None)
    name = "FUNCTION_NOT_FOUND" if isinstance(node, (exp.DPipe, exp.Concat)) else "TYPE_MISMATCH"
    signs = _signs(node)
    if signs and (place := _sign_between(select, node.this, operands[1], signs)) is not None:
        return failure(name, message, place)
    if column is not None:
        return failure(name, message, select.place_of(column))
    written = next((each.name for each in operands if isinstance(each.unnest(), exp.Literal)), "")
    found = re.search(rf"'?{re.escape(written)}", select.text) if written else None
    return failure(name, message, Position.at(select.text, found.start() if found else 0))


def _signs(node: exp.Expr) -> Collection[str]:
    match node:
        case exp.NEQ():
            return ("<>", "!=")
        case exp.Between():
            return ("NOT", "BETWEEN")
        case exp.DPipe():
            return ("||",)
    sign = _COMPARISONS.get(type(node)) or _ARITHMETIC.get(type(node))
    return (sign,) if sign else ()


def _sign_between(select: Select, left: exp.Expr, right: exp.Expr, signs: Collection[str]) -> Position | None:
    """Return where the first of *signs* stands between two operands; None where their places are not known."""
    stored = next((each.meta["stored_in"] for each in left.walk() if "stored_in" in each.meta), None)
    text = stored.text if stored else select.text
    after = max((each.meta["end"] for each in left.walk() if "end" in each.meta), default=None)
    before = min((each.meta["start"] for each in right.walk() if "start" in each.meta), default=None)
    if after is None or before is None:
        return None
    tokens = (each for each in sqlglot.tokenize(text, read="athena") if after < each.start < before)
    found = next((each for each in tokens if each.text.upper() in signs), None)
    return None if found is None else Position.at(text, found.start)


def _column_type(column: exp.Column, scope: Scope, types: Types) -> str | None:
    """Return the type of a column whose source tells it; None where it does not, or where more than one has it."""
    sources = [scope.sources.get(column.table)] if column.table else list(scope.sources.values())
    found = {_type_in(source, column.name.lower(), types) for source in sources}
    return found.pop() if len(found) == 1 else None


def _type_in(source: exp.Expr | Scope | None, name: str, types: Types) -> str | None:
    """Return the type of what a table, a query or a list of rows calls *name*."""
    if isinstance(source, exp.Table):
        of = {column.lower(): of for column, of in types.get((source.db, source.name), {}).items()}.get(name)
        return None if of is None else glue_types.parse(of).trino()
    inner = source.expression if isinstance(source, Scope) else None
    if isinstance(source, Scope) and isinstance(inner, exp.Select):
        named = [each for each in inner.expressions if each.alias_or_name.lower() == name]
        return type_of(named[0].unalias(), source, types) if len(named) == 1 else None
    if isinstance(inner, exp.Values):
        names = [each.lower() for each in inner.alias_column_names]
        kinds = {type_of(_cell(row, names.index(name))) for row in inner.expressions} if name in names else {None}
        return kinds.pop() if len(kinds) == 1 else None
    return None


def _cell(row: exp.Expr, place: int) -> exp.Expr:
    cells = row.expressions if isinstance(row, exp.Tuple) else [row]
    return cells[place] if place < len(cells) else exp.Null()
