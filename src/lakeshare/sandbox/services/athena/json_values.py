"""JSON as Trino's functions take it apart: null where a scalar is asked for and is none, and paths that have modes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp

_MODE: Final = re.compile(r"^\s*(?:lax|strict)\s+")


def _scalar(node: exp.JSONExtractScalar) -> exp.Expr:
    """Answer null for an array or an object; the engine answers its text."""
    if isinstance(node.parent, exp.Anonymous) and node.parent.name == "json_scalar":
        return node
    value = exp.JSONExtract(this=node.this.copy(), expression=node.expression.copy())
    return exp.Anonymous(this="json_scalar", expressions=[node.copy(), value])


def _value(node: exp.JSONValue) -> exp.Expr:
    return exp.Anonymous(this="json_scalar", expressions=_both(node.this, node.args["path"]))


def _both(document: exp.Expr, path: exp.Expr) -> list[exp.Expr]:
    spelled = _without_mode(path)
    return [
        exp.Anonymous(this=name, expressions=[document.copy(), spelled.copy()])
        for name in ("json_extract_string", "json_extract")
    ]


def _queried(node: exp.JSONExtract) -> exp.Expr:
    """Read a path of SQL/JSON, whose mode the engine does not know."""
    path = node.expression
    if not isinstance(path, exp.Literal) or not _MODE.match(path.name):
        return node
    return exp.Anonymous(this="json_extract", expressions=[node.this.copy(), _without_mode(path)])


def without_mode(node: exp.Anonymous) -> exp.Expr:
    """Return json_exists with a path that the engine reads."""
    document, path = node.expressions[:2]
    return exp.Anonymous(this="json_exists", expressions=[document.copy(), _without_mode(path)])


def _without_mode(path: exp.Expr) -> exp.Expr:
    return exp.Literal.string(_MODE.sub("", path.name))


JSON_REWRITES: Final[Mapping[type[exp.Expr], Callable[..., exp.Expr]]] = {
    exp.JSONExtract: _queried,
    exp.JSONExtractScalar: _scalar,
    exp.JSONValue: _value,
}
"""What becomes of each node in the engine."""
