"""Condition operators: how their names are put together, and what a condition really asks of a caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from lakeshare.planning.policy_checks.documents import Condition, Statement

_ORDERED: Final = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
BASES: Final = frozenset(
    {
        *(f"String{end}" for end in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase")),
        *("StringLike", "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        *(f"{kind}{end}" for kind in ("Numeric", "Date") for end in _ORDERED),
        *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
    }
)
"""Every operator of IAM but Null, which alone takes no IfExists (documented: condition operators)."""
QUANTIFIERS: Final = ("ForAllValues:", "ForAnyValue:")
_DEMANDING: Final = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"},
)
_FORBIDDING: Final = frozenset(
    {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}
)
_WILD: Final = frozenset("*?")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator taken apart; ``base`` in lower case, since IAM does not mind."""

    quantifier: str
    base: str
    if_exists: bool


def parse_operator(name: str) -> Operator:
    """Take an operator's name apart, whether or not it exists."""
    rest = name.lower()
    quantifier = next((each for each in QUANTIFIERS if rest.startswith(each.lower())), "")
    rest = rest[len(quantifier) :]
    return Operator(quantifier, rest.removesuffix("ifexists"), rest.endswith("ifexists"))


def operator_exists(name: str) -> bool:
    """Tell whether IAM knows the operator *name*, in any case."""
    parsed = parse_operator(name)
    known = {base.lower() for base in BASES}
    return parsed.base in known or (parsed.base == "null" and not parsed.if_exists)


def all_operators() -> Iterable[str]:
    """List operators as they are written, for finding the nearest."""
    for base in sorted(BASES):
        yield from (base, f"{base}IfExists", *(f"{quantifier}{base}" for quantifier in QUANTIFIERS))
    yield "Null"


def demands(statement: Statement, keys: Collection[str]) -> bool:
    """
    Tell whether a caller must show a particular value of one of *keys* (in lower case).

    ``...IfExists`` and ``ForAllValues:`` also hold for who shows nothing (documented), ``*`` for who shows anything.
    """
    return any(_demands(line, keys) for line in statement.conditions())


def _demands(line: Condition, keys: Collection[str]) -> bool:
    operator = parse_operator(line.operator)
    lets_absence_pass = operator.if_exists or operator.quantifier == "ForAllValues:"
    return line.key in keys and operator.base in _DEMANDING and not lets_absence_pass and _particular(line)


def forbids_without(statement: Statement, keys: Collection[str]) -> bool:
    """Tell whether a Deny turns away whoever does not show a particular value of one of *keys*, and asks no more."""
    lines = statement.conditions()
    if statement.content.get("Effect") != "Deny" or len(lines) != 1:
        return False
    operator = parse_operator(lines[0].operator)
    return (
        lines[0].key in keys
        and operator.base in _FORBIDDING
        and operator.quantifier != "ForAnyValue:"
        and _particular(lines[0])
    )


def _particular(line: Condition) -> bool:
    """Tell whether no value stands for all: ``*``, and ``o-*`` for organisations, do."""
    bare = (value.removeprefix("o-").replace("/", "") for value in line.values)
    return bool(line.values) and not any(set(value) <= _WILD for value in bare)
