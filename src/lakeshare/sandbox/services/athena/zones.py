"""
Moments in a zone of their own: the engine keeps moments in UTC alone, so a zone lives in the query, not in its values.

What ``AT TIME ZONE`` moves to another zone is in the engine the clock on the wall there, and the results show it with
the zone that the query names (documented: trino.io/docs/current/functions/datetime.html). The zone of a column is told
from the query; one that is not written out there, or that differs from row to row, is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlglot import exp

_ZONED_TEXT: Final = re.compile(
    r"\d{4}-\d\d?-\d\d?\s+\d\d?:\d\d(?::\d\d(?:\.\d+)?)?\s+(?P<zone>[A-Za-z_]+/[A-Za-z_/+-]+)"
)
_INSTANTS: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.DateDiff, exp.TimeToUnix)
"""What looks at the moment alone, whatever the zone that it is in."""
_CARRIERS: Final = (exp.DateTrunc, exp.TimestampTrunc, exp.Max, exp.Min, exp.AnyValue)
"""What answers a moment in the zone of the one that it is given."""


def normalise(tree: exp.Query) -> None:
    """Write everything in *tree* that puts a moment into a zone as AT TIME ZONE, once and where the zone matters."""
    for node in reversed(list(tree.find_all(exp.Anonymous, exp.UnixToTime, exp.Cast))):
        if (spelled := _at_zone(node)) is not None:
            node.replace(spelled)
    for node in list(tree.find_all(exp.AtTimeZone)):
        while isinstance(within := node.this.unnest(), exp.AtTimeZone):
            node.set("this", within.this.copy())
        if isinstance(node.parent, _INSTANTS):
            node.replace(exp.cast(node.this.copy(), "timestamptz"))


def _at_zone(node: exp.Expr) -> exp.AtTimeZone | None:
    if isinstance(node, exp.UnixToTime):
        zone = node.args.get("zone")
        return None if zone is None else exp.AtTimeZone(this=exp.UnixToTime(this=node.this.copy()), zone=zone.copy())
    if isinstance(node, exp.Cast):
        found = _ZONED_TEXT.fullmatch(node.this.name) if isinstance(node.this, exp.Literal) else None
        is_moment = node.to.this is exp.DataType.Type.TIMESTAMPTZ
        zone = exp.Literal.string(found["zone"]) if found and is_moment else None
        return None if zone is None else exp.AtTimeZone(this=node.copy(), zone=zone)
    name = node.name.lower()
    if name not in {"at_timezone", "with_timezone"} or len(node.expressions) != 2:
        return None
    moment, zone = (each.copy() for each in node.expressions)
    if name == "with_timezone":
        moment = exp.Anonymous(this="moment_in", expressions=[moment, zone.copy()])
    return exp.AtTimeZone(this=moment, zone=zone)


def zone_of(node: exp.Expr) -> str | None:
    """Return the zone that *node*, of a normalised tree, puts a moment into; None where none is written out."""
    node = node.unalias().unnest()
    while isinstance(node, _CARRIERS):
        node = node.this.unnest()
    zone = node.args["zone"] if isinstance(node, exp.AtTimeZone) else None
    return zone.name if isinstance(zone, exp.Literal) else None


def zones(tree: exp.Query) -> Mapping[str, str]:
    """Return the zones of the columns that *tree*, normalised, calls into being, by their names in lower case."""
    found: dict[str, set[str | None]] = {}
    for alias in tree.find_all(exp.Alias):
        is_carried = isinstance(alias.this, exp.Column) and alias.this.name.lower() == alias.alias.lower()
        if not is_carried:
            found.setdefault(alias.alias.lower(), set()).add(zone_of(alias))
    return {name: zone for name, (zone, *others) in found.items() if zone is not None and not others}
