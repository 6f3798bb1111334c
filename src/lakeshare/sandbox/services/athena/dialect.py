"""
From Trino's SQL to DuckDB's, where sqlglot's own translation would change the meaning.

What differs in name alone is a macro (``macros.py``); here is what needs the tree. Trino's rules are documented at
trino.io/docs/current/functions; each transformation says which one it keeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlglot import exp
from sqlglot.errors import ErrorLevel, UnsupportedError

from lakeshare.sandbox.services.athena import zones
from lakeshare.sandbox.services.athena.datetime_patterns import strftime, week_of_year
from lakeshare.sandbox.services.athena.failures import failure
from lakeshare.sandbox.services.athena.json_values import JSON_REWRITES, without_mode
from lakeshare.sandbox.services.athena.lists_and_maps import is_list, is_map, sorted_by, with_lambda

UNNAMED = "lakeshare$unnamed"
"""What a column without a name is called until its place among the results gives it one: ``_col0``."""

_NAMED = (exp.Alias, exp.Aliases, exp.Column, exp.Dot, exp.Star)
"""Projections that have a name of their own; of a row's field it is the field's."""

_ONE = exp.Literal.number(1)
_DAYS_OR_LONGER = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}


def prepared(tree: exp.Query, hidden: Sequence[str] = ()) -> exp.Query:
    """
    Return a copy of *tree* in which every column has a name, and every moment in a zone says so in one way.

    *hidden* are the columns that the tables in it have but that no star stands for.
    """
    tree = tree.copy()
    for star in list(tree.find_all(exp.Star)) if hidden else ():
        select = star.find_ancestor(exp.Select)
        reads = [] if select is None else [each for each in select.find_all(exp.Table) if each.parent_select is select]
        if not isinstance(star.parent, exp.Count) and any(table.db for table in reads):
            star.set("except_", [exp.to_identifier(name, quoted=True) for name in hidden])
    zones.normalise(tree)
    _name_projections(tree)
    return tree


def to_engine(tree: exp.Query, now: float, catalog: str, types: Mapping[str, str]) -> str:
    """
    Return *tree*, which is ``prepared`` and whose tables are named as the engine has them, as DuckDB's SQL.

    *now* is what CURRENT_TIMESTAMP answers, in seconds since the epoch; *catalog* is where the tables are; *types* are
    the Glue types of the columns in reach by name, which say whether UNNEST of one makes one column or several.
    """
    tree = tree.copy()
    types = {**_kinds(tree, types), **types}
    for table in tree.find_all(exp.Table):
        if table.args.get("db") is not None:
            table.set("catalog", exp.to_identifier(catalog))
    for kind, rewrite in _rewrites(now, types).items():
        # Deepest first: what holds a rewritten node is rewritten with it.
        for node in reversed(list(tree.find_all(kind))):
            changed = rewrite(node)
            if changed is not node:
                node.replace(changed)
    try:
        return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        raise failure("NOT_SUPPORTED", f"The sandbox does not run this: {error}") from None


def _kinds(tree: exp.Query, types: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is known to be a list or a map of what the query itself gives a name."""
    named = {alias.alias.lower(): alias.this for alias in tree.find_all(exp.Alias)}
    lists = {name: "array" for name, value in named.items() if is_list(value, types)}
    return lists | {name: "map" for name, value in named.items() if is_map(value, types)}


def _rewrites(now: float, types: Mapping[str, str]) -> dict[type[exp.Expr], Callable[..., exp.Expr]]:
    at = datetime.fromtimestamp(now, UTC)
    stamp = exp.cast(exp.Literal.string(at.isoformat(" ", "milliseconds")), "timestamptz")
    wall = exp.cast(exp.Literal.string(at.replace(tzinfo=None).isoformat(" ", "milliseconds")), "timestamp")
    today = exp.cast(exp.Literal.string(at.date().isoformat()), "date")
    return {
        exp.CurrentTimestamp: lambda _: stamp.copy(),
        exp.Localtimestamp: lambda _: wall.copy(),
        exp.CurrentDate: lambda _: today.copy(),
        exp.DateDiff: _elapsed,
        exp.DateAdd: _date_plus,
        exp.Add: _date_plus,
        exp.Sub: _date_plus,
        exp.AtTimeZone: _wall_clock,
        exp.Unnest: lambda node: _expanded(node, types),
        exp.Cast: _as_text,
        exp.DataType: _milliseconds,
        exp.DateTrunc: _date_truncated,
        exp.ArraySlice: _sliced,
        exp.ArraySort: sorted_by,
        exp.Reduce: _reduced,
        exp.Format: lambda node: exp.Anonymous(this="printf", expressions=[node.this.copy(), *_copies(node)]),
        exp.ParseDatetime: lambda node: strftime("strptime", node.this, node.args["format"]),
        exp.ArrayDistinct: lambda node: exp.Anonymous(this="array_distinct", expressions=[node.this.copy()]),
        exp.ArraySize: lambda node: _cardinality(node, types),
        exp.ApproxDistinct: _counted,
        exp.StrPosition: _nth_position,
        exp.Bracket: lambda node: _subscript(node, types),
        exp.Extract: _extracted,
        exp.GenerateSeries: _dates,
        exp.Rand: _random,
        exp.RegexpExtract: _matched,
        exp.RegexpReplace: _replaced,
        exp.Repeat: lambda node: exp.Anonymous(this="repeated", expressions=[node.this.copy(), node.args["times"]]),
        exp.Reverse: lambda node: _reversed(node, types),
        exp.SHA: lambda node: exp.Unhex(this=_same("sha1", node, "this")),
        exp.Soundex: lambda node: _same("sounding", node, "this"),
        exp.Split: _split,
        exp.SplitPart: _nth_part,
        exp.StrToMap: lambda node: _same("split_to_map", node, "this", "pair_delim", "key_value_delim"),
        exp.TimeToStr: week_of_year,
        exp.Typeof: _type_name,
        **JSON_REWRITES,
        exp.Literal: _double,
        exp.Anonymous: _renamed,
    }


def _name_projections(tree: exp.Query) -> None:
    """Give the outermost columns without a name a mark; a set operation takes its names from the first query."""
    query: exp.Expr = tree
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    if isinstance(query, exp.Select):
        for number, column in enumerate(query.expressions):
            if not isinstance(column, _NAMED):
                query.expressions[number].replace(exp.alias_(column.copy(), f"{UNNAMED}{number}", quoted=True))


def _elapsed(node: exp.DateDiff) -> exp.Expr:
    """Count whole units that have passed, as Trino's date_diff does; DuckDB's counts boundaries crossed."""
    unit = exp.Literal.string(node.text("unit").lower() or "day")
    return exp.Anonymous(this="date_sub", expressions=[unit, node.expression.copy(), node.this.copy()])


def _date_plus(node: exp.Expr) -> exp.Expr:
    """Keep a date a date when days or longer are added to it; DuckDB makes a timestamp of it."""
    if isinstance(node, exp.DateAdd):
        is_long = node.text("unit").upper() in _DAYS_OR_LONGER
    else:
        is_long = isinstance(node.expression, exp.Interval) and node.expression.text("unit").upper() in _DAYS_OR_LONGER
    if is_long and _is_date(node.this) and not isinstance(node.parent, exp.Cast):
        return exp.cast(node.copy(), "date")
    return node


def _is_date(node: exp.Expr) -> bool:
    is_cast = isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DATE
    return is_cast or isinstance(node, (exp.CurrentDate, exp.Date, exp.TsOrDsToDate))


def _wall_clock(node: exp.AtTimeZone) -> exp.Expr:
    """Move to another zone: Trino takes a timestamp without a zone as UTC, DuckDB as local to the zone asked for."""
    moved = exp.Anonymous(this="wall_clock", expressions=[node.this.copy(), node.args["zone"].copy()])
    moved.meta["zone"] = zones.zone_of(node)
    return moved


def _expanded(node: exp.Unnest, types: Mapping[str, str]) -> exp.Expr:
    """Spread rows and map entries over several columns, as Trino's UNNEST does and DuckDB's does not."""
    alias = node.args.get("alias")
    if alias is None or len(alias.columns) < 2 or node.args.get("offset"):
        return node
    if len(node.expressions) == len(alias.columns) and not any(is_map(each, types) for each in node.expressions):
        # Lists side by side: the shorter ones go on with nulls, in Trino as in the engine.
        beside = [exp.Anonymous(this="unnest", expressions=[each.copy()]) for each in node.expressions]
        return exp.Lateral(this=exp.Subquery(this=exp.select(*beside)), alias=alias.copy())
    if len(node.expressions) != 1:
        return node
    array = node.expressions[0]
    glue_type = types.get(array.name.lower(), "") if isinstance(array, exp.Column) else ""
    if is_map(array, types):
        array = exp.Anonymous(this="map_entries", expressions=[array.copy()])
    elif not glue_type.startswith("array<struct"):
        raise failure(
            "NOT_SUPPORTED", f"UNNEST into several columns of {array.sql('trino')}, whose type is not known here"
        )
    depth = exp.PropertyEQ(this=exp.to_identifier("max_depth"), expression=exp.Literal.number(2))
    rows = exp.select(exp.Anonymous(this="unnest", expressions=[array.copy(), depth]))
    return exp.Lateral(this=exp.Subquery(this=rows), alias=alias.copy())


def _as_text(node: exp.Cast) -> exp.Expr:
    """Spell timestamps with milliseconds, and the zone that they are in, when they become text."""
    is_text = node.to.this in (exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT) and not node.to.expressions
    if is_text and not isinstance(node.this, exp.Literal):
        text: exp.Expr = exp.Anonymous(this="as_text", expressions=[node.this.copy()])
        zone = node.this.meta.get("zone")
        return text if zone is None else exp.DPipe(this=text, expression=exp.Literal.string(f" {zone}"))
    if node.to.this is exp.DataType.Type.JSON:
        return exp.Anonymous(this="to_json", expressions=[node.this.copy()])
    return node


def _double(node: exp.Literal) -> exp.Expr:
    """Take 1.5 for a double, as Athena does (observed) though Trino makes a decimal of it."""
    is_double = not node.is_string and "." in node.this and "e" not in node.this.lower()
    if is_double and node.find_ancestor(exp.ApproxQuantile):
        return node
    return exp.Literal.number(f"{node.this}e0") if is_double else node


def _milliseconds(node: exp.DataType) -> exp.Expr:
    """Forget a timestamp's precision: the engine keeps microseconds, and results show three digits."""
    if node.this in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPNTZ):
        node.set("expressions", [])
    return node


def _cardinality(node: exp.ArraySize, types: Mapping[str, str]) -> exp.Expr:
    """Count a map's entries: the engine has one function for lists and another for maps."""
    counted = node.this
    if is_map(counted, types):
        return exp.Anonymous(this="cardinality", expressions=[counted.copy()])
    return node


def _renamed(node: exp.Anonymous) -> exp.Expr:
    """Rewrite the functions whose arguments differ as well as their names."""
    name = node.name.lower()
    if name in _MATCHES and len(node.expressions) == 2:
        array, predicate = node.expressions
        met = exp.ArrayFilter(this=array.copy(), expression=predicate.copy())
        return _MATCHES[name](exp.ArraySize(this=met), exp.ArraySize(this=array.copy()))
    if (rewritten := with_lambda(node)) is not None:
        return rewritten
    if name in _OVERLOADED and len(node.expressions) == _OVERLOADED[name][0]:
        return exp.Anonymous(this=_OVERLOADED[name][1], expressions=_copies(node))
    if name == "json_exists" and len(node.expressions) == 2 and isinstance(node.expressions[1], exp.Literal):
        return without_mode(node)
    if name == "format_datetime" and len(node.expressions) == 2:
        return strftime("strftime", *node.expressions)
    return node


_OVERLOADED: Mapping[str, tuple[int, str]] = {
    "bit_count": (2, "bits_set"),
    "url_decode": (1, "form_decoded"),
    "url_encode": (1, "form_encoded"),
}
"""By name: how many arguments Trino's function has, and the macro that stands for it where the engine's is another."""

_MATCHES: Mapping[str, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    "any_match": lambda met, _: exp.GT(this=met, expression=exp.Literal.number(0)),
    "all_match": lambda met, all_: exp.EQ(this=met, expression=all_),
    "none_match": lambda met, _: exp.EQ(this=met, expression=exp.Literal.number(0)),
}


def _copies(node: exp.Expr) -> list[exp.Expr]:
    return [each.copy() for each in node.expressions]


def _counted(node: exp.ApproxDistinct) -> exp.Expr:
    """Count what is distinct exactly: so few rows as there are here Athena tells exactly as well."""
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def _subscript(node: exp.Bracket, types: Mapping[str, str]) -> exp.Expr:
    """Fail beyond the end of a list or at a missing key, where the engine, and Trino's element_at, answer null."""
    # The engine lets TRY hold nothing that may fail of itself, and its own subscripts answer null.
    is_safe = bool(node.args.get("safe")) or node.find_ancestor(exp.Try) is not None
    if not is_safe and len(node.expressions) == 1 and is_map(node.this, types):
        return exp.Anonymous(this="map_subscript", expressions=[node.this.copy(), node.expressions[0].copy()])
    if is_safe or len(node.expressions) != 1 or not is_list(node.this, types):
        return node
    # The parser counts from 0, Trino and the engine from 1.
    place = exp.Add(this=exp.paren(node.expressions[0].copy()), expression=_ONE.copy())
    return exp.Anonymous(this="array_subscript", expressions=[node.this.copy(), place])


def _extracted(node: exp.Extract) -> exp.Expr:
    """Count the days of a week from Monday, 1, to Sunday, 7."""
    if node.name.upper() in {"DOW", "DAYOFWEEK", "DAY_OF_WEEK"}:
        return exp.Extract(this=exp.var("ISODOW"), expression=node.expression.copy())
    return node


def _dates(node: exp.GenerateSeries) -> exp.Expr:
    """Keep dates dates: the engine makes a series of timestamps."""
    if not _is_date(node.args["start"]) or isinstance(node.parent, exp.Cast):
        return node
    return exp.cast(node.copy(), "date[]", dialect="duckdb")


def _random(node: exp.Rand) -> exp.Expr:
    """Draw a whole number below the one that is given."""
    if node.this is None:
        return node
    drawn = exp.Mul(this=exp.Rand(), expression=exp.paren(node.this.copy()))
    return exp.cast(exp.Floor(this=drawn), "bigint")


def _matched(node: exp.RegexpExtract) -> exp.Expr:
    """Answer null where nothing matches; the engine answers an empty text."""
    if isinstance(node.parent, exp.If):
        return node
    matches = exp.Anonymous(this="regexp_matches", expressions=[node.this.copy(), node.expression.copy()])
    return exp.Case().when(matches, node.copy())


def _replaced(node: exp.RegexpReplace) -> exp.Expr:
    r"""Spell the groups in a replacement as the engine does: Trino's $1 is its \1."""
    replacement = node.args.get("replacement")
    if isinstance(replacement, exp.Literal) and "$" in replacement.name:
        spelled = re.sub(r"(?<!\\)\$(\d)", r"\\\1", replacement.name).replace("\\$", "$")
        replacement.replace(exp.Literal.string(spelled))
    return node


def _reversed(node: exp.Reverse, types: Mapping[str, str]) -> exp.Expr:
    return _same("list_reverse", node, "this") if is_list(node.this, types) else node


def _nth_part(node: exp.SplitPart) -> exp.Expr:
    """Answer null for a part that is not there; the engine answers an empty text."""
    return _same("split_nth", node, "this", "delimiter", "part_index")


def _nth_position(node: exp.StrPosition) -> exp.Expr:
    """Find the so-maniest occurrence, which the engine's function does not."""
    if node.args.get("occurrence") is None:
        return node
    return _same("place_of", node, "this", "substr", "occurrence")


def _split(node: exp.Split) -> exp.Expr:
    """Leave the last of so many parts whole."""
    if node.args.get("limit") is None:
        return node
    return _same("split_at_most", node, "this", "expression", "limit")


def _type_name(node: exp.Typeof) -> exp.Expr:
    """Name a type as Trino does."""
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        return exp.Literal.string(f"varchar({len(node.this.name)})")
    return exp.Anonymous(this="trino_type", expressions=[node.copy()])


def _same(name: str, node: exp.Expr, *arguments: str) -> exp.Expr:
    """Call *name* with those arguments of *node* that are called so."""
    return exp.Anonymous(this=name, expressions=[node.args[each].copy() for each in arguments if node.args.get(each)])


def _date_truncated(node: exp.DateTrunc) -> exp.Expr:
    """Keep a date a date when it is truncated."""
    return exp.cast(node.copy(), "date") if _is_date(node.this) else node


def _sliced(node: exp.ArraySlice) -> exp.Expr:
    """Take so many elements from a place on: the engine wants the places of first and last."""
    start, length = node.args["start"], node.args["end"]
    last = exp.Sub(
        this=exp.Add(this=exp.paren(start.copy()), expression=exp.paren(length.copy())), expression=_ONE.copy()
    )
    return exp.Anonymous(this="list_slice", expressions=[node.this.copy(), start.copy(), last])


def _reduced(node: exp.Reduce) -> exp.Expr:
    """Apply the last function of reduce, which the engine's does not have, to a list of the one result."""
    finish = node.args.get("finish")
    if finish is None:
        return node
    reduced = exp.Reduce(this=node.this.copy(), initial=node.args["initial"].copy(), merge=node.args["merge"].copy())
    finished = exp.Transform(this=exp.array(reduced), expression=finish.copy())
    return exp.Anonymous(this="list_extract", expressions=[finished, _ONE.copy()])
