"""
Statements that change something, as they are written: Hive's DDL, Trino's views, CTAS, INSERT and UNLOAD.

What each of them does, and with whose leave, is in ``ddl``, ``views`` and ``writing``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lakeshare.sandbox.services.athena import hive
from lakeshare.sandbox.services.athena.executions import Kind
from lakeshare.sandbox.services.athena.failures import MalformedQueryError, Position, failure
from lakeshare.sandbox.services.athena.statements import DOTTED, NAME, Select, first_word_at, read_select

_ANY = re.IGNORECASE | re.DOTALL
_S3 = r"'(?P<location>[^']*)'"


@dataclass(frozen=True, slots=True)
class Named:
    """A table, view or database as a statement names it, in lower case; ``database`` is None when it is left out."""

    database: str | None
    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW: ``sql`` is the query as it was written."""

    kind = Kind("DDL", "CREATE_VIEW")
    named: Named
    is_replacing: bool
    sql: str
    select: Select


@dataclass(frozen=True, slots=True)
class DropView:
    """DROP VIEW [IF EXISTS]."""

    kind = Kind("DDL", "DROP_VIEW")
    named: Named
    is_lenient: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE EXTERNAL TABLE: ``table_input`` is what Glue is to be given."""

    kind = Kind("DDL", "CREATE_TABLE")
    named: Named
    is_lenient: bool
    table_input: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DropTable:
    """DROP TABLE [IF EXISTS]."""

    kind = Kind("DDL", "DROP_TABLE")
    named: Named
    is_lenient: bool


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """CREATE DATABASE [IF NOT EXISTS]: ``database_input`` is what Glue is to be given."""

    kind = Kind("DDL", "CREATE_DATABASE")
    named: Named
    is_lenient: bool
    database_input: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """DROP DATABASE [IF EXISTS] [CASCADE]."""

    kind = Kind("DDL", "DROP_DATABASE")
    named: Named
    is_lenient: bool
    is_cascading: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """MSCK REPAIR TABLE."""

    kind = Kind("DDL", "MSCK_REPAIR_TABLE")
    named: Named


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """ALTER TABLE ADD PARTITION: each with the values of its keys, and the location that it names or none."""

    kind = Kind("DDL", "ALTER_TABLE_ADD_PARTITION")
    named: Named
    is_lenient: bool
    partitions: tuple[tuple[Mapping[str, str], str | None], ...]


@dataclass(frozen=True, slots=True)
class DropPartitions:
    """ALTER TABLE DROP PARTITION: each as the values of all its keys."""

    kind = Kind("DDL", "ALTER_TABLE_DROP_PARTITION")
    named: Named
    is_lenient: bool
    partitions: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE ADD COLUMNS or SET TBLPROPERTIES: what the table is to have beside what it has."""

    named: Named
    kind: Kind
    columns: tuple[tuple[str, str], ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE TABLE AS: the properties by name in lower case, lists of names for those that are ARRAYs."""

    kind = Kind("DDL", "CREATE_TABLE_AS_SELECT")
    named: Named
    is_lenient: bool
    properties: Mapping[str, str | tuple[str, ...]]
    select: Select
    has_data: bool


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO: ``columns`` are those it names, in its order; none for all of the table's."""

    kind = Kind("DML", "INSERT")
    named: Named
    columns: tuple[str, ...]
    select: Select


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD (query) TO a place in S3."""

    kind = Kind("DML", "UNLOAD")
    select: Select
    location: str
    properties: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN: the plan of a query, which does not run."""

    kind = Kind("UTILITY", "EXPLAIN")
    select: Select


Definition: TypeAlias = (
    DropView
    | CreateTable
    | DropTable
    | CreateDatabase
    | DropDatabase
    | Repair
    | AddPartitions
    | DropPartitions
    | AlterTable
)
"""What changes the catalog alone, and is done at once."""

Change: TypeAlias = Definition | CreateView | CreateTableAs | Insert | Unload | Explain


def read_change(text: str, parameters: tuple[str, ...]) -> Change | None:
    """
    Return the change that *text* asks for; None when it is of no form that is read here.

    Raises MalformedQueryError for what is begun in one of these forms and is not ended in it.
    """
    text = text.rstrip().removesuffix(";")
    start = first_word_at(text)
    for pattern, read in _FORMS:
        if found := pattern.match(text, start):
            return read(_Match(text, found, parameters))
    return None


@dataclass(frozen=True, slots=True)
class _Match:
    """A statement whose head was recognised, and what its query is to be filled with."""

    text: str
    found: re.Match[str]
    parameters: tuple[str, ...]

    def has(self, group: str) -> bool:
        return self.found.group(group) is not None

    @property
    def rest(self) -> str:
        return self.text[self.found.end() :]

    @property
    def named(self) -> Named:
        names = [name.strip('`"').lower() for name in re.findall(NAME, self.found.group("name"))]
        at = Position.at(self.text, self.found.start("name"))
        if len(names) == 3 and names[0] != "awsdatacatalog":
            raise failure("CATALOG_NOT_FOUND", f"Catalog '{names[0]}' not found", at)
        return Named(names[-2] if len(names) > 1 else None, names[-1], at)

    def query(self, start: int, end: int | None = None) -> Select:
        """Read the part of the text between two offsets as a query whose places are those of the whole text."""
        head = re.sub(r"[^\n]", " ", self.text[:start])
        return read_select(head + self.text[start:end], self.parameters)

    def end(self) -> None:
        """Refuse what stands behind the end of the statement."""
        if self.rest.strip():
            raise self.mismatch(self.found.end())

    def mismatch(self, offset: int) -> MalformedQueryError:
        word = (re.findall(r"\S+", self.text[offset:]) or ["<EOF>"])[0]
        place = offset + len(self.text[offset:]) - len(self.text[offset:].lstrip())
        return MalformedQueryError(f"{Position.at(self.text, place)}: mismatched input '{word}'")

    def properties(self, start: int) -> tuple[Mapping[str, str | tuple[str, ...]], int]:
        """Read ``WITH (name = value, ...)`` at *start*; return what it says and where it ends."""
        head = re.compile(r"\s*WITH\s*\(", _ANY).match(self.text, start)
        if head is None:
            return {}, start
        end = _closing(self, head.end() - 1)
        inside = self.text[head.end() : end]
        return {name.lower(): _value(value) for name, value in _PROPERTY.findall(inside)}, end + 1


_PROPERTY = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|\w+)", _ANY)


def _value(text: str) -> str | tuple[str, ...]:
    strings = tuple(each.replace("''", "'") for each in re.findall(r"'((?:[^']|'')*)'", text))
    if text[:5].upper() == "ARRAY":
        return strings
    return strings[0] if strings else text


def _closing(match: _Match, opening: int) -> int:
    """Return the offset of the parenthesis that closes the one at *opening*."""
    depth = 0
    for token in re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|[()]", re.DOTALL).finditer(
        match.text, opening
    ):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0:
            return token.start()
    raise match.mismatch(len(match.text))


def _create_view(match: _Match) -> CreateView:
    start = match.found.end()
    return CreateView(match.named, match.has("replace"), match.text[start:].strip(), match.query(start))


def _drop_view(match: _Match) -> DropView:
    match.end()
    return DropView(match.named, match.has("lenient"))


def _drop_table(match: _Match) -> DropTable:
    match.end()
    return DropTable(match.named, match.has("lenient"))


def _create_external_table(match: _Match) -> CreateTable:
    return CreateTable(match.named, match.has("lenient"), hive.table_input(match.text, match.named.name))


def _create_database(match: _Match) -> CreateDatabase:
    match.end()
    given: dict[str, Any] = {"Name": match.named.name}
    if match.has("comment"):
        given["Description"] = match.found.group("comment")
    if match.has("location"):
        given["LocationUri"] = match.found.group("location")
    if match.has("properties"):
        given["Parameters"] = hive.pairs(match.found.group("properties"))
    return CreateDatabase(match.named, match.has("lenient"), given)


def _drop_database(match: _Match) -> DropDatabase:
    match.end()
    return DropDatabase(match.named, match.has("lenient"), match.has("cascade"))


def _repair(match: _Match) -> Repair:
    match.end()
    return Repair(match.named)


def _add_partitions(match: _Match) -> AddPartitions:
    one = re.compile(rf"\s*PARTITION\s*\((?P<spec>[^)]*)\)(?:\s*LOCATION\s*{_S3})?", _ANY)
    partitions, at = [], match.found.end()
    while found := one.match(match.text, at):
        partitions.append((hive.partition(found.group("spec")), found.group("location")))
        at = found.end()
    if match.text[at:].strip() or not partitions:
        raise match.mismatch(at)
    return AddPartitions(match.named, match.has("lenient"), tuple(partitions))


def _drop_partitions(match: _Match) -> DropPartitions:
    specs = re.findall(r"PARTITION\s*\(([^)]*)\)", match.rest, _ANY)
    return DropPartitions(match.named, match.has("lenient"), tuple(map(hive.partition, specs)))


def _add_columns(match: _Match) -> AlterTable:
    return AlterTable(match.named, Kind("DDL", "ALTER_TABLE_ADD_COLUMN"), tuple(hive.columns(match.found["columns"])))


def _set_properties(match: _Match) -> AlterTable:
    match.end()
    kind = Kind("DDL", "ALTER_TABLE_SET_TBLPROPERTIES")
    return AlterTable(match.named, kind, parameters=hive.pairs(match.found["properties"]))


def _create_table_as(match: _Match) -> CreateTableAs:
    properties, at = match.properties(match.found.end())
    head = re.compile(r"\s*AS\b", _ANY).match(match.text, at)
    if head is None:
        raise failure("NOT_SUPPORTED", "The sandbox makes no managed tables", match.named.at)
    tail = re.compile(r"\s+WITH\s+(?P<no>NO\s+)?DATA\s*$", _ANY).search(match.text, head.end())
    select = match.query(head.end(), tail.start() if tail else None)
    has_data = tail is None or tail.group("no") is None
    return CreateTableAs(match.named, match.has("lenient"), properties, select, has_data)


def _insert(match: _Match) -> Insert:
    columns = tuple(name.strip('`"').lower() for name in re.findall(NAME, match.found.group("columns") or ""))
    return Insert(match.named, columns, match.query(match.found.end()))


def _unload(match: _Match) -> Unload:
    opening = match.found.end() - 1
    end = _closing(match, opening)
    target = re.compile(rf"\s*TO\s*{_S3}", _ANY).match(match.text, end + 1)
    if target is None:
        raise match.mismatch(end + 1)
    properties, at = match.properties(target.end())
    if match.text[at:].strip():
        raise match.mismatch(at)
    return Unload(match.query(opening + 1, end), target.group("location"), properties)


def _explain(match: _Match) -> Explain:
    return Explain(match.query(match.found.end()))


_IF_EXISTS, _IF_NOT_EXISTS = r"(?P<lenient>IF\s+EXISTS\s+)?", r"(?P<lenient>IF\s+NOT\s+EXISTS\s+)?"
_QUERY_NEXT = r"(?=\s*(?:SELECT|WITH|VALUES|\())"
_ABOUT_DATABASE = (
    rf"(?:\s+COMMENT\s+'(?P<comment>[^']*)')?(?:\s+LOCATION\s+{_S3})?"
    r"(?:\s+WITH\s+DBPROPERTIES\s*\((?P<properties>[^)]*)\))?"
)
_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Match], Change]], ...] = tuple(
    (re.compile(pattern, _ANY), read)
    for pattern, read in (
        (rf"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?VIEW\s+{DOTTED}\s+AS\b", _create_view),
        (rf"DROP\s+VIEW\s+{_IF_EXISTS}{DOTTED}", _drop_view),
        (rf"DROP\s+TABLE\s+{_IF_EXISTS}{DOTTED}", _drop_table),
        (rf"CREATE\s+EXTERNAL\s+TABLE\s+{_IF_NOT_EXISTS}{DOTTED}", _create_external_table),
        (
            rf"CREATE\s+(?:DATABASE|SCHEMA)\s+{_IF_NOT_EXISTS}(?P<name>{NAME}){_ABOUT_DATABASE}",
            _create_database,
        ),
        (
            rf"DROP\s+(?:DATABASE|SCHEMA)\s+{_IF_EXISTS}(?P<name>{NAME})(?:\s+(?:RESTRICT|(?P<cascade>CASCADE)))?",
            _drop_database,
        ),
        (rf"MSCK\s+REPAIR\s+TABLE\s+{DOTTED}", _repair),
        (rf"ALTER\s+TABLE\s+{DOTTED}\s+ADD\s+{_IF_NOT_EXISTS}(?=PARTITION\b)", _add_partitions),
        (rf"ALTER\s+TABLE\s+{DOTTED}\s+DROP\s+{_IF_EXISTS}(?=PARTITION\b)", _drop_partitions),
        (rf"ALTER\s+TABLE\s+{DOTTED}\s+ADD\s+COLUMNS\s*\((?P<columns>.*)\)\s*$", _add_columns),
        (rf"ALTER\s+TABLE\s+{DOTTED}\s+SET\s+TBLPROPERTIES\s*\((?P<properties>[^)]*)\)", _set_properties),
        (rf"CREATE\s+TABLE\s+{_IF_NOT_EXISTS}{DOTTED}(?=\s+(?:WITH|AS)\b)", _create_table_as),
        (
            rf"INSERT\s+INTO\s+{DOTTED}(?:\s*\((?P<columns>\s*{NAME}(?:\s*,\s*{NAME})*\s*)\))?{_QUERY_NEXT}",
            _insert,
        ),
        (r"UNLOAD\s*\(", _unload),
        (r"EXPLAIN\s+(?!ANALYZE\b|\()", _explain),
    )
)
