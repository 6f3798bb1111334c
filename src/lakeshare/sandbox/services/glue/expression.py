"""
The Expression of GetPartitions: a condition on the partition keys, in SQL.

    condition   term (OR term)*
    term        factor (AND factor)*
    factor      ( condition ) | key comparison

Parentheses around a lone word or value mean nothing, not even around AND and OR (observed: what moto's tests of the
grammar expect, which were made against AWS).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.key_types import UnfitError, comparable, kind_of

RULE_VALID = rule(
    "glue.partition.expression",
    "The Expression of GetPartitions is a condition on the partition keys, with values of their types.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html; the messages are those that moto "
    "expects (observed)",
)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<word>[\w.]+)|\"(?P<quoted>[^\"]+)\"|`(?P<ticked>[^`]+)`|(?P<mark><=|>=|<>|!=|[()=<>,]))"
)
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

Test: TypeAlias = Callable[[Sequence[str]], bool]
"""Whether the values of a partition, in order of the keys, meet a condition."""


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is text, number, word, or the mark itself; ``value`` is what stands there, without quotes."""

    kind: str
    value: str

    def says(self, word: str) -> bool:
        """Whether this is the keyword *word*, in any case."""
        return self.kind == "word" and self.value.upper() == word

    @property
    def is_alone(self) -> bool:
        """Whether parentheses around it mean nothing."""
        return self.kind in {"text", "number", "word", "name"}


_END: Final = Token("end", "")


def matching(
    keys: Sequence[tuple[str, str]], partitions: Sequence[tuple[str, ...]], expression: str | None
) -> Sequence[tuple[str, ...]]:
    """Return those of *partitions* (their values in order of *keys*) that meet *expression*; all if it is blank."""
    if not expression or not expression.strip():
        return partitions
    test = _Reader(keys, expression).read()
    try:
        return [values for values in partitions if test(values)]
    except UnfitError as error:
        # What is stored does not fit the type that the key has now.
        raise RULE_VALID.refuse("InvalidStateException", str(error)) from error


class _Reader:
    """Reads one expression, from left to right."""

    def __init__(self, keys: Sequence[tuple[str, str]], expression: str) -> None:
        self._keys = {name.lower(): (position, kind) for position, (name, kind) in enumerate(keys)}
        self._expression = expression
        self._tokens = _without_idle_parentheses(list(self._split(expression)))
        self._next = 0

    def read(self) -> Test:
        """Return what the whole expression tests."""
        test = self._condition()
        if self._peek() is not _END:
            raise self._unsupported()
        return test

    def _split(self, expression: str) -> Iterator[Token]:
        position, end = 0, len(expression.rstrip())
        while position < end:
            found = _TOKEN.match(expression, position)
            if found is None:
                raise self._unsupported()
            position = found.end()
            kind, value = found.lastgroup or "", found[found.lastgroup or 0]
            match kind:
                case "text":
                    yield Token(kind, value[1:-1].replace("''", "'"))
                case "quoted" | "ticked":
                    yield Token("name", value)
                case "mark":
                    yield Token(value, value)
                case _:
                    yield Token(kind, value)

    def _condition(self) -> Test:
        tests = [self._term()]
        while self._takes("OR"):
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda values: any(test(values) for test in tests)

    def _term(self) -> Test:
        tests = [self._factor()]
        while self._takes("AND"):
            tests.append(self._factor())
        return tests[0] if len(tests) == 1 else lambda values: all(test(values) for test in tests)

    def _factor(self) -> Test:
        if self._takes("NOT"):
            test = self._factor()
            return lambda values: not test(values)
        if self._takes("("):
            test = self._condition()
            self._expect(")")
            return test
        return self._comparison(self._key())

    def _key(self) -> tuple[int, str]:
        token = self._take()
        if token.kind not in {"word", "name", "number"}:
            raise self._unsupported()
        if token.value.lower() not in self._keys:
            raise RULE_VALID.refuse("InvalidInputException", "Invalid partition expression!")
        position, type_ = self._keys[token.value.lower()]
        if kind_of(type_) is None:
            raise RULE_VALID.refuse("InvalidInputException", f"Unknown type : '{type_}'")
        return position, type_

    def _comparison(self, key: tuple[int, str]) -> Test:
        position, type_ = key
        if self._takes("IS"):
            is_negated = self._takes("NOT")
            self._expect("NULL")
            return lambda _: is_negated  # a partition has a value for every key
        is_negated = self._takes("NOT")
        test = self._test_of_value(type_)
        return lambda values: test(comparable(type_, values[position])) is not is_negated

    def _test_of_value(self, type_: str) -> Callable[[Any], bool]:
        token = self._take()
        if token.says("LIKE"):
            return self._like(type_)
        if token.says("IN"):
            self._expect("(")
            wanted = [self._literal(type_)]
            while self._takes(","):
                wanted.append(self._literal(type_))
            self._expect(")")
            return lambda value: value in wanted
        if token.says("BETWEEN"):
            low = self._literal(type_)
            self._expect("AND")
            high = self._literal(type_)
            return lambda value: low <= value <= high
        if token.kind not in _COMPARISONS:
            raise self._unsupported()
        compare, literal = _COMPARISONS[token.kind], self._literal(type_)
        return lambda value: compare(value, literal)

    def _like(self, type_: str) -> Callable[[Any], bool]:
        kind = kind_of(type_)
        if kind != "string":
            named = str(kind).capitalize()
            message = f"{named} data type doesn't support operation 'LIKE'"
            raise RULE_VALID.refuse("InvalidInputException", message)
        wildcards = {"%": ".*", "_": "."}
        pattern = "".join(wildcards.get(each, re.escape(each)) for each in self._literal(type_))
        return lambda value: re.fullmatch(pattern, value, re.DOTALL) is not None

    def _literal(self, type_: str) -> Any:
        token = self._take()
        if token.kind not in {"text", "number"}:
            raise self._unsupported()
        try:
            return comparable(type_, token.value)
        except UnfitError as error:
            raise RULE_VALID.refuse("InvalidInputException", str(error)) from error

    def _peek(self) -> Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _takes(self, wanted: str) -> bool:
        """Go past the keyword or mark *wanted* if it stands next, and say whether it did."""
        is_next = self._peek().kind == wanted or self._peek().says(wanted)
        self._next += is_next
        return is_next

    def _expect(self, wanted: str) -> None:
        if not self._takes(wanted):
            raise self._unsupported()

    def _unsupported(self) -> Exception:
        return RULE_VALID.refuse("InvalidInputException", f"Unsupported expression '{self._expression}'")


def _without_idle_parentheses(tokens: list[Token]) -> list[Token]:
    """Return *tokens* without parentheses around a single one, but those of IN."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.kind == ")" and len(kept) >= 3 and kept[-2].is_alone and kept[-3].kind == "(":
            is_list = len(kept) >= 4 and kept[-4].says("IN")
            if not is_list:
                kept[-3:] = [kept[-2]]
    return kept
