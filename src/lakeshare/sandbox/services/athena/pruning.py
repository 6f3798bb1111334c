"""
Partitions that a query need not read, told from its WHERE clause alone.

Athena leaves out every partition whose values the clause rules out (documented:
athena/latest/ug/ctas-partitioning-considerations.html): it is not listed, not scanned and not paid for. A condition
that cannot be judged here rules out nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, TypeAlias

from sqlglot import exp

from lakeshare.sandbox import glue_types
from lakeshare.sandbox.services.athena.sources import Columns

Values: TypeAlias = tuple[str | None, ...]
Keeps: TypeAlias = Callable[[Values], bool]
"""Whether a query may need the partition of these values."""

_COMPARISONS: Final[Mapping[type[exp.Expr], Callable[[Any, Any], bool]]] = {
    exp.EQ: eq,
    exp.NEQ: ne,
    exp.GT: gt,
    exp.GTE: ge,
    exp.LT: lt,
    exp.LTE: le,
}
_MIRRORED: Final = {gt: lt, ge: le, lt: gt, le: ge}
_WHOLE: Final = frozenset(["tinyint", "smallint", "int", "integer", "bigint"])
_TEXT: Final = frozenset(["string", "varchar", "char", "date"])
"""Types whose values compare as their texts do; dates are written with the year first."""


def kept_by(table: exp.Table, keys: Columns) -> Keeps | None:
    """Return which partitions the query needs where *table* stands in it; None for all of them."""
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where") if select is not None else None
    if where is None or not keys:
        return None
    name = table.alias_or_name.lower()
    types = {key.lower(): glue_types.parse(of).base for key, of in keys}

    def keeps(values: Values) -> bool:
        known = dict(zip(types, values, strict=False))
        return _judge(where.this, _Partition(name, types, known)) is not False

    return keeps


def any_of(these: Iterable[Keeps | None]) -> Keeps | None:
    """Return what keeps the partitions that any of *these* keeps."""
    all_ = list(these)
    if None in all_:
        return None
    return lambda values: any(each is not None and each(values) for each in all_)


class _Partition:
    """One partition: what its keys are worth in comparisons."""

    def __init__(self, table: str, types: Mapping[str, str], values: Mapping[str, str | None]) -> None:
        self._table = table
        self._types = types
        self._values = values

    def pair(self, column: exp.Expr, constant: exp.Expr) -> tuple[Any, Any] | None:
        """Return the values of a key and of a constant, ready to be compared; None where that cannot be told."""
        if not isinstance(column, exp.Column) or column.table.lower() not in {"", self._table}:
            return None
        key = column.name.lower()
        kind, own = self._types.get(key), self._values.get(key)
        written = _written(constant)
        if kind is None or written is None:
            return None
        if kind in _WHOLE:
            return _whole(own), _whole(written)
        return (own, written) if kind in _TEXT else None


def _judge(node: exp.Expr, partition: _Partition) -> bool | None:
    """Return what *node* comes to in a partition; None where it depends on the rows."""
    match node:
        case exp.Paren():
            return _judge(node.this, partition)
        case exp.And():
            sides = [_judge(side, partition) for side in (node.left, node.right)]
            return False if False in sides else None if None in sides else True
        case exp.Or():
            sides = [_judge(side, partition) for side in (node.left, node.right)]
            return True if True in sides else None if None in sides else False
        case exp.In() if node.expressions and node.args.get("query") is None:
            return _any([_compare(eq, node.this, each, partition) for each in node.expressions])
        case exp.Between():
            low = _compare(ge, node.this, node.args["low"], partition)
            high = _compare(le, node.this, node.args["high"], partition)
            return False if False in (low, high) else None if None in (low, high) else True
    compare = _COMPARISONS.get(type(node))
    return None if compare is None else _compare(compare, node.this, node.expression, partition)


def _any(found: Sequence[bool | None]) -> bool | None:
    return True if True in found else None if None in found else False


def _compare(
    compare: Callable[[Any, Any], bool], left: exp.Expr, right: exp.Expr, partition: _Partition
) -> bool | None:
    pair = partition.pair(left, right)
    if pair is None:
        pair, compare = partition.pair(right, left), _MIRRORED.get(compare, compare)
    if pair is None:
        return None
    own, written = pair
    # What is compared with null is not true.
    return False if own is None else None if written is None else compare(own, written)


def _written(constant: exp.Expr) -> str | None:
    """Return the text of a literal, of a date or a negative number too."""
    if isinstance(constant, exp.Cast) and constant.to.this is exp.DataType.Type.DATE:
        constant = constant.this
    if isinstance(constant, exp.Neg) and isinstance(constant.this, exp.Literal):
        return f"-{constant.this.name}"
    return constant.name if isinstance(constant, exp.Literal) else None


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None
