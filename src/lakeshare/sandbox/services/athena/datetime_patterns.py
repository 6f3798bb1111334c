"""Patterns of dates and times: Joda's, of format_datetime and parse_datetime, and MySQL's, as the engine has them."""

from __future__ import annotations

import re

from sqlglot import exp

from lakeshare.sandbox.services.athena.failures import failure

_JODA = {
    "yyyy": "%Y",
    "xxxx": "%G",
    "y": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "DDD": "%j",
    "D": "%-j",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "ww": "%V",
    "SSS": "%g",
    "EEEE": "%A",
    "EEE": "%a",
    "EE": "%a",
    "E": "%a",
    "e": "%u",
    "a": "%p",
}
_JODA_TOKEN = re.compile(r"'([^']*)'|([a-zA-Z])\2*|[^a-zA-Z']+")


def strftime(name: str, value: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    """Turn the pattern of format_datetime and parse_datetime, which is Joda's, into strftime's."""
    if not pattern.is_string:
        raise failure("NOT_SUPPORTED", f"{name} takes a literal pattern here")
    return exp.Anonymous(this=name, expressions=[value.copy(), exp.Literal.string(strftime_pattern(pattern.name))])


def strftime_pattern(joda: str) -> str:
    """Return the strftime pattern that means what the Joda pattern *joda* does."""
    spelled = []
    for token in _JODA_TOKEN.finditer(joda):
        if token.group(2) and token.group() not in _JODA:
            raise failure("INVALID_FUNCTION_ARGUMENT", f"Pattern {token.group()!r} is not supported")
        literal = token.group(1) if token.group(1) is not None else token.group()
        spelled.append(_JODA.get(token.group()) or literal.replace("%", "%%"))
    return "".join(spelled)


def week_of_year(node: exp.TimeToStr) -> exp.Expr:
    """Spell the week that goes with the year of weeks (%x) as the engine does."""
    pattern = node.args["format"]
    if isinstance(pattern, exp.Literal) and "%v" in pattern.name:
        pattern.replace(exp.Literal.string(re.sub(r"(?<!%)((?:%%)*)%v", r"\1%V", pattern.name)))
    return node
