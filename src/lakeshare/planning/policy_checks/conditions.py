"""Condition operators: how their names are put together, and what a condition really asks of a caller."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
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
_DEMANDING: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_FORBIDDING: Final = {base.replace("equals", "notequals").replace("like", "notlike"): base for base in _DEMANDING}
_PATTERNED: Final = frozenset({"stringlike", "arnequals", "arnlike"})
"""Operators for which ``*`` and ``?`` are more than letters (documented: condition operators)."""
_VARIABLE: Final = re.compile(r"\$\{([^},]*)[^}]*\}")
_GIVEN: Final = "~"
"""Stands for a text that is given, though it is not known here."""
_ASTERISK: Final = "\N{ASTERISK OPERATOR}"
"""Stands for an asterisk or question mark that is a letter like others."""
_HAVE_NO_WILDCARDS: Final = frozenset(
    {"sts:externalid", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"}
)
"""Keys whose values have neither: where a condition asks for one as a letter, nobody can show it."""
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


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What each caller must show: for ``key`` (in lower case) a value that fits one of ``patterns``.

    Without patterns nobody can show it. ``by_part``: the parts of an ARN are matched one by one, so that no wildcard
    goes beyond a colon.
    """

    key: str
    patterns: tuple[str, ...]
    by_part: bool = False


def asked_by(statement: Statement, own_account: str) -> Iterator[Asked]:
    """
    Yield what an Allow asks of each caller; *own_account* is that of the policy.

    ``...IfExists`` and ``ForAllValues:`` also hold for who shows nothing (documented), so they ask for nothing.
    """
    for line in statement.conditions():
        operator = parse_operator(line.operator)
        lets_absence_pass = operator.if_exists or operator.quantifier == "ForAllValues:"
        if operator.base in _DEMANDING and not lets_absence_pass:
            yield _asked(line, operator.base, own_account)


def asked_by_refusal(statement: Statement, own_account: str) -> Iterator[Asked]:
    """Yield what a Deny asks of each caller: it turns away whoever does not show it, and wants to know no more."""
    lines = statement.conditions()
    if statement.content.get("Effect") != "Deny" or len(lines) != 1:
        return
    operator = parse_operator(lines[0].operator)
    if operator.base in _FORBIDDING and operator.quantifier != "ForAnyValue:":
        yield _asked(lines[0], _FORBIDDING[operator.base], own_account)


def _asked(line: Condition, base: str, own_account: str) -> Asked:
    is_plain = base not in _PATTERNED
    patterns = tuple(_pattern(value, own_account, is_plain=is_plain) for value in line.values)
    if is_plain and line.key in _HAVE_NO_WILDCARDS:
        patterns = tuple(pattern for pattern in patterns if _ASTERISK not in pattern)
    return Asked(line.key, patterns, base.startswith("arn"))


def _pattern(value: str, own_account: str, *, is_plain: bool) -> str:
    """
    Return *value* with its variables as wildcards, since a caller fills them in; but for those about the role itself.

    *is_plain*: other wildcards are letters. The Version of 2008 has no variables. They are read as such all the same:
    the next editor may mend the Version.
    """
    pieces, end = [], 0
    for variable in _VARIABLE.finditer(value):
        pieces += [_literal(value[end : variable.start()], is_plain=is_plain), _filled(variable[1], own_account)]
        end = variable.end()
    return "".join((*pieces, _literal(value[end:], is_plain=is_plain)))


def _literal(text: str, *, is_plain: bool) -> str:
    return re.sub(r"[*?]", _ASTERISK, text) if is_plain else text


def _filled(variable: str, own_account: str) -> str:
    name = variable.strip().lower()
    if name in {"*", "?"}:
        return _ASTERISK
    if name == "aws:resourceaccount":
        return own_account
    return _GIVEN if name == "$" or name.startswith(("aws:resource", "iam:resourcetag/")) else "*"


def demands(asked: Iterable[Asked], keys: Collection[str]) -> bool:
    """Tell whether a caller must show a particular value of one of *keys*; ``*`` stands for any, so does ``o-*``."""
    return any(one.key in keys and all(map(_particular, one.patterns)) for one in asked)


def _particular(pattern: str) -> bool:
    return not set(pattern.removeprefix("o-").replace("/", "")) <= _WILD
