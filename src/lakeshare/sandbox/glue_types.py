"""
The column types of Glue's catalog: read from their text, spoken to DuckDB and back in Athena's words.

Glue writes types as Hive does: ``string``, ``decimal(10,2)``, ``array<struct<name:string,at:timestamp>>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_ENGINE = {
    "string": "VARCHAR",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "decimal": "DECIMAL",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "binary": "BLOB",
}
"""Glue's scalar types, and what DuckDB calls them."""

_TRINO = {
    "string": "varchar",
    "int": "integer",
    "float": "real",
    "timestamp": "timestamp(3)",
    "binary": "varbinary",
    "decimal": "decimal(10,0)",
}
"""Glue's scalar types that Athena's engine spells another way."""

_TOKEN = re.compile(r"[<>(),:]|[^\s<>(),:]+")


class GlueTypeError(ValueError):
    """A type that Hive's grammar does not know, ``array<>`` or ``struct<a>`` say."""


@dataclass(frozen=True, slots=True)
class GlueType:
    """
    One type of the catalog, a tree for the nested ones.

    ``members`` are (name, type): a struct's fields; an array's one element and a map's key and value go without names.
    ``sizes`` are the numbers of ``decimal(10,2)``, ``varchar(20)`` and ``char(1)``.
    """

    base: str
    members: tuple[tuple[str, GlueType], ...] = ()
    sizes: tuple[int, ...] = ()

    def engine(self) -> str:
        """Spell the type as DuckDB does."""
        inner = [member.engine() for _, member in self.members]
        match self.base:
            case "array":
                return f"{inner[0]}[]"
            case "map":
                return f"MAP({inner[0]}, {inner[1]})"
            case "struct":
                return "STRUCT({})".format(
                    ", ".join(f"{quoted(name)} {member}" for (name, _), member in zip(self.members, inner, strict=True))
                )
            case "decimal":
                return "DECIMAL({}, {})".format(*(self.sizes + (10, 0)[len(self.sizes) :]))
            case _:
                return _ENGINE[self.base]

    def trino(self) -> str:
        """Spell the type as Athena's engine does: string is varchar, struct<a:int> is row(a integer)."""
        inner = [member.trino() for _, member in self.members]
        match self.base:
            case "array" | "map":
                return f"{self.base}({', '.join(inner)})"
            case "struct":
                fields = (f"{name} {member}" for (name, _), member in zip(self.members, inner, strict=True))
                return f"row({', '.join(fields)})"
            case "decimal" | "varchar" | "char" if self.sizes:
                return f"{self.base}({','.join(map(str, self.sizes))})"
            case _:
                return _TRINO.get(self.base, self.base)


def is_known(text: str) -> bool:
    """Whether *text* is a type of the catalog."""
    try:
        parse(text)
    except GlueTypeError:
        return False
    return True


def trino_name(text: str) -> str:
    """Spell a type as Athena's engine does, also one of its own that the catalog does not have."""
    if is_known(text):
        return parse(text).trino()
    return {"null": "unknown", "timestamp with time zone": "timestamp(3) with time zone"}.get(text, text)


_FROM_ENGINE = {
    "varchar": "string",
    "integer": "int",
    "hugeint": "bigint",
    "uhugeint": "bigint",
    "ubigint": "bigint",
    "uinteger": "bigint",
    "usmallint": "int",
    "utinyint": "smallint",
    "blob": "binary",
    "time": "string",
    "json": "string",
    "uuid": "string",
}
"""DuckDB's scalar types that Glue spells another way; for those that it lacks, what Athena would store."""


def from_engine(of: Any) -> str:
    """Spell a type of DuckDB's, as its Python binding has it, as Glue does; what Glue lacks stays as it is."""
    match of.id:
        case "list" | "array":
            return f"array<{from_engine(of.children[0][1])}>"
        case "map":
            (_, key), (_, value) = of.children
            return f"map<{from_engine(key)},{from_engine(value)}>"
        case "struct":
            return f"struct<{','.join(f'{name}:{from_engine(member)}' for name, member in of.children)}>"
        case "decimal":
            sizes = dict(of.children)
            return f"decimal({sizes['precision']},{sizes['scale']})"
        case kind:
            name = str(kind)
            return _FROM_ENGINE.get(name, name.partition("_")[0] if name.startswith("timestamp_") else name)


def quoted(name: str) -> str:
    """Quote *name* as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=4096)
def parse(text: str) -> GlueType:
    """Read a Glue type; raises GlueTypeError."""
    tokens = _Tokens(text)
    parsed = _type(tokens)
    if tokens.peek():
        raise GlueTypeError(f"{text!r}: {tokens.peek()!r} does not belong there")
    return parsed


class _Tokens:
    def __init__(self, text: str) -> None:
        self.text = text
        self._words = _TOKEN.findall(text)
        self._at = 0

    def peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self, expected: str | None = None) -> str:
        word = self.peek()
        if not word or (expected is not None and word != expected):
            raise GlueTypeError(f"{self.text!r}: expected {expected or 'a type'}, found {word or 'the end'}")
        self._at += 1
        return word


def _type(tokens: _Tokens) -> GlueType:
    base = tokens.take().lower()
    match base:
        case "array":
            members = tuple(("", member) for member in _bracketed(tokens, 1))
        case "map":
            members = tuple(("", member) for member in _bracketed(tokens, 2))
        case "struct":
            members = tuple(_fields(tokens))
        case _ if base in _ENGINE:
            return GlueType(base, sizes=_sizes(tokens))
        case _:
            raise GlueTypeError(f"{tokens.text!r}: no type is called {base!r}")
    return GlueType(base, members)


def _bracketed(tokens: _Tokens, count: int) -> Iterator[GlueType]:
    for position in range(count):
        tokens.take("," if position else "<")
        yield _type(tokens)
    tokens.take(">")


def _fields(tokens: _Tokens) -> Iterator[tuple[str, GlueType]]:
    tokens.take("<")
    while True:
        name = tokens.take()
        tokens.take(":")
        yield name, _type(tokens)
        if tokens.peek() != ",":
            break
        tokens.take(",")
    tokens.take(">")


def _sizes(tokens: _Tokens) -> tuple[int, ...]:
    if tokens.peek() != "(":
        return ()
    tokens.take("(")
    sizes = [int(tokens.take())]
    while tokens.peek() == ",":
        tokens.take(",")
        sizes.append(int(tokens.take()))
    tokens.take(")")
    return tuple(sizes)
