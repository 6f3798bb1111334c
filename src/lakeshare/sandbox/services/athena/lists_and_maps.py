"""
Trino's arrays and maps as DuckDB has them: functions that take a lambda over keys and values, and whose result hangs on
whether they are given a list, a map or a text.

What a thing is can be told where it is written out, comes from a column, or from a function that makes one; of anything
else it is not known, and the engine's own function of that name is what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

_ENTRY = "lakeshare$entry"
_OTHER = "lakeshare$other"
_PLACE = "lakeshare$place"
_LISTS = (
    exp.Array,
    exp.ArrayAgg,
    exp.ArrayConcat,
    exp.ArrayDistinct,
    exp.ArrayFilter,
    exp.ArraySlice,
    exp.GenerateSeries,
    exp.Split,
    exp.Transform,
)
_MAPS = (exp.Map, exp.MapFromEntries, exp.StrToMap, exp.VarMap)
_MAP_FUNCTIONS = frozenset(
    [
        "histogram",
        "map",
        "map_agg",
        "map_concat",
        "map_filter",
        "map_from_entries",
        "map_union",
        "map_zip_with",
        "multimap_agg",
        "multimap_from_entries",
        "split_to_map",
        "split_to_multimap",
        "transform_keys",
        "transform_values",
    ]
)

Types = Mapping[str, str]
"""The Glue types of the columns in reach, by name."""


def is_list(node: exp.Expr, types: Types) -> bool:
    """Whether *node* is known to be an array."""
    if isinstance(node, exp.Column):
        return types.get(node.name.lower(), "").startswith("array")
    return isinstance(node, _LISTS)


def is_map(node: exp.Expr, types: Types) -> bool:
    """Whether *node* is known to be a map."""
    if isinstance(node, exp.Column):
        return types.get(node.name.lower(), "").startswith("map")
    if isinstance(node, exp.Cast):
        return node.to.this is exp.DataType.Type.MAP
    return isinstance(node, _MAPS) or (isinstance(node, exp.Anonymous) and node.name.lower() in _MAP_FUNCTIONS)


def sorted_by(node: exp.ArraySort) -> exp.Expr:
    """Sort by a lambda that compares: each element goes behind those that it says come before, which are counted."""
    compare = node.args.get("expression")
    if not isinstance(compare, exp.Lambda) or len(compare.expressions) != 2:
        return node
    this, other, place = (exp.to_identifier(name, quoted=True) for name in (_ENTRY, _OTHER, _PLACE))
    body = _filled(compare, [exp.column(other.copy()), exp.column(this.copy())])
    is_before = exp.Lambda(
        this=exp.LT(this=exp.paren(body), expression=exp.Literal.number(0)), expressions=[other.copy()]
    )
    before = _call("len", _call("list_filter", node.this.copy(), is_before))
    ranked = _call("row", before, exp.column(place.copy()), exp.column(this.copy()))
    ranks = _call("list_transform", node.this.copy(), exp.Lambda(this=ranked, expressions=[this.copy(), place.copy()]))
    last = _call("struct_extract", exp.column(this.copy()), exp.Literal.number(3))
    return _call("list_transform", _call("list_sort", ranks), exp.Lambda(this=last, expressions=[this.copy()]))


def with_lambda(node: exp.Anonymous) -> exp.Expr | None:
    """Return what *node* is in the engine, if it is a function that takes a lambda of several; None for any other."""
    made = _WITH_LAMBDA.get(node.name.lower())
    given = node.expressions
    wanted = 3 if node.name.lower() == "map_zip_with" else 2
    if made is None or not given or not isinstance(given[-1], exp.Lambda) or len(given[-1].expressions) != wanted:
        return None
    return made(*given)


def _map_filter(map_: exp.Expr, keep: exp.Lambda) -> exp.Expr:
    kept = _call("list_filter", _call("map_entries", map_.copy()), _over_entry(keep))
    return _call("map_from_entries", kept)


def _transform_values(map_: exp.Expr, change: exp.Lambda) -> exp.Expr:
    made = _call("list_transform", _call("map_entries", map_.copy()), _over_entry(change))
    return _call("map", _call("map_keys", map_.copy()), made)


def _transform_keys(map_: exp.Expr, change: exp.Lambda) -> exp.Expr:
    made = _call("list_transform", _call("map_entries", map_.copy()), _over_entry(change))
    return _call("map", made, _call("map_values", map_.copy()))


def _zip_with(left: exp.Expr, right: exp.Expr, joined: exp.Lambda) -> exp.Expr:
    """Walk the places of the longer list: what the shorter one lacks is null."""
    lengths = _call("greatest", _call("len", left.copy()), _call("len", right.copy()))
    places = _call("generate_series", exp.Literal.number(1), lengths)
    at = exp.to_identifier(_PLACE, quoted=True)
    values = [_call("list_extract", each.copy(), exp.column(at.copy())) for each in (left, right)]
    body = _filled(joined, values)
    return _call("list_transform", places, exp.Lambda(this=body, expressions=[at]))


def _map_zip_with(left: exp.Expr, right: exp.Expr, joined: exp.Lambda) -> exp.Expr:
    """Walk the keys of both maps: what one of them lacks is null."""
    keys = _call("list_distinct", _call("list_concat", *(_call("map_keys", each.copy()) for each in (left, right))))
    at = exp.to_identifier(_ENTRY, quoted=True)
    key = exp.column(at.copy())
    body = _filled(joined, [key, *(_call("map_value", each.copy(), key.copy()) for each in (left, right))])
    return _call("map", keys, _call("list_transform", keys.copy(), exp.Lambda(this=body, expressions=[at])))


def _reduce_agg(each: exp.Expr, initial: exp.Expr, merge: exp.Expr, _: exp.Expr) -> exp.Expr:
    return exp.Reduce(this=exp.ArrayAgg(this=each.copy()), initial=initial.copy(), merge=merge.copy())


def _over_entry(given: exp.Lambda) -> exp.Lambda:
    """Return a lambda of a map's entry that does what *given* does with its key and its value."""
    entry = exp.to_identifier(_ENTRY, quoted=True)
    parts: list[exp.Expr] = [exp.column(name, table=entry.copy()) for name in ("key", "value")]
    return exp.Lambda(this=_filled(given, parts), expressions=[entry])


def _filled(given: exp.Lambda, values: list[exp.Expr]) -> exp.Expr:
    """Return the body of a lambda with *values* in the place of its parameters."""
    by_name = {each.name: value for each, value in zip(given.expressions, values, strict=True)}

    def fill(node: exp.Expr) -> exp.Expr:
        is_parameter = isinstance(node, (exp.Column, exp.Identifier)) and node.name in by_name
        is_qualified = isinstance(node, exp.Column) and bool(node.table)
        return by_name[node.name].copy() if is_parameter and not is_qualified else node

    return given.this.copy().transform(fill)


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


_WITH_LAMBDA: Mapping[str, Callable[..., exp.Expr]] = {
    "map_filter": _map_filter,
    "map_zip_with": _map_zip_with,
    "reduce_agg": _reduce_agg,
    "transform_keys": _transform_keys,
    "transform_values": _transform_values,
    "zip_with": _zip_with,
}
