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
    spelled = exp.Literal.string(_MODE.sub("", path.name))
    return [
        exp.Anonymous(this=name, expressions=[document.copy(), spelled.copy()])
        for name in ("json_extract_string", "json_extract")
    ]


JSON_REWRITES: Final[Mapping[type[exp.Expr], Callable[..., exp.Expr]]] = {
    exp.JSONExtractScalar: _scalar,
    exp.JSONValue: _value,
}
"""What becomes of each node in the engine."""
