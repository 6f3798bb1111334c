"""
Row filter expressions: the part of PartiQL in which Lake Formation lets one say which rows.

Comparisons of a column with constants, joined by AND, OR and NOT; no functions, no columns against columns, no
subqueries; columns of certain types (documented: lake-formation/latest/dg/partiql-support.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule

LONGEST: Final = 2048

RULE_EXPRESSION = rule(
    "lakeformation.filter.row-expression",
    "A row filter compares columns of the table with constants: no functions, no other columns, under 2,048 "
    "characters, no IS NULL on partition keys, no arrays, maps or other types that it does not know.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/partiql-support.html; the messages are ours",
)
_TYPES: Final = frozenset(
    {"string", "char", "varchar", "tinyint", "smallint", "int", "integer", "bigint", "long", "float", "double"}
    | {"decimal", "boolean", "struct"}
)
_DATES: Final = frozenset({"date", "timestamp"})
"""Not in the documented list; AWS's own blog posts filter by dates all the same, so they pass (observed)."""


def check(expression: str, columns: Mapping[str, str], partition_keys: Mapping[str, str]) -> None:
    """
    Refuse an *expression* that is no row filter of a table with these columns and keys (name -> Glue type).

    Raises InvalidInputException, which says what is wrong with it.
    """
    import sqlglot
    from sqlglot import exp

    if not expression.strip() or len(expression) >= LONGEST:
        raise _refuse(f"it must have 1 to {LONGEST - 1} characters")
    try:
        tree = sqlglot.parse_one(f"SELECT 1 WHERE {expression}", read="athena")
    except sqlglot.errors.SqlglotError:
        raise _refuse("it cannot be parsed") from None
    where = tree.args.get("where")
    extras = [name for name, value in tree.args.items() if value and name not in {"expressions", "where", "kind"}]
    if not isinstance(tree, exp.Select) or where is None or extras:
        raise _refuse("it must be one condition")
    _check_condition(where.this, {**columns, **partition_keys}, partition_keys)


def _check_condition(node: object, columns: Mapping[str, str], keys: Mapping[str, str]) -> None:
    from sqlglot import exp

    match node:
        case exp.And() | exp.Or():
            _check_condition(node.left, columns, keys)
            _check_condition(node.right, columns, keys)
        case exp.Not() | exp.Paren():
            _check_condition(node.this, columns, keys)
        case exp.Boolean():
            return
        case exp.Is():
            if _column(node.this, columns) in keys:
                raise _refuse("IS NULL cannot be asked of a partition key")
        case exp.Column():
            if columns.get(_column(node, columns), "") != "boolean":
                raise _refuse("a column by itself is no condition")
        case _:
            _check_comparison(node, columns)


def _check_comparison(node: object, columns: Mapping[str, str]) -> None:
    from sqlglot import exp

    match node:
        case exp.Between():
            constants = [node.args["low"], node.args["high"]]
        case exp.In() if node.expressions and not node.args.get("query"):
            constants = node.expressions
        case exp.EQ() | exp.NEQ() | exp.GT() | exp.GTE() | exp.LT() | exp.LTE() | exp.Like():
            constants = [node.expression]
        case _:
            raise _refuse("only comparisons of columns with constants are supported")
    _column(node.this, columns)
    if not all(_is_constant(constant) for constant in constants):
        raise _refuse("a column is compared with constants only")


def _column(node: object, columns: Mapping[str, str]) -> str:
    """Return the name of the table's column that *node* is, of a nested one its outermost."""
    from sqlglot import exp

    parts = [part.name.lower() for part in node.parts] if isinstance(node, exp.Column | exp.Dot) else []
    if not parts:
        raise _refuse("only comparisons of columns with constants are supported")
    type_ = columns.get(parts[0])
    if type_ is None:
        raise _refuse(f"the table has no column {parts[0]}")
    plain = type_.lower().partition("(")[0].partition("<")[0]
    if plain not in _TYPES | _DATES:
        raise _refuse(f"columns of type {plain} are not supported")
    return str(parts[0])


def _is_constant(node: object) -> bool:
    from sqlglot import exp

    if isinstance(node, exp.Neg):
        return _is_constant(node.this)
    if isinstance(node, exp.Cast):
        return isinstance(node.this, exp.Literal)
    return isinstance(node, exp.Literal | exp.Boolean)


def _refuse(why: str) -> ServiceError:
    return RULE_EXPRESSION.refuse("InvalidInputException", f"Invalid row filter expression: {why}")
