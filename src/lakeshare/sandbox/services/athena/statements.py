"""
What a statement asks for: a query over tables, or one of the few questions about the catalog.

SELECT goes to sqlglot in Athena's dialect (Trino's for queries). SHOW and DESCRIBE are Hive's, small enough to be read
here. Statements that change something are read by ``changes``; those that it does not know are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.failures import MalformedQueryError, Position, QueryFailure, failure
from lakeshare.sandbox.services.athena.sources import HIDDEN

RULE_PARSES = rule(
    "athena.query.parses",
    "A statement that does not parse is refused by StartQueryExecution; there is no query that could fail later.",
    tag="observed",
    source="https://github.com/guardian/athena-cli/issues/39, "
    "https://github.com/awslabs/aws-well-architected-labs/issues/502",
)

_CHANGES = frozenset(
    [
        "ALTER",
        "ANALYZE",
        "CALL",
        "CREATE",
        "DEALLOCATE",
        "DELETE",
        "DROP",
        "EXECUTE",
        "EXPLAIN",
        "INSERT",
        "MERGE",
        "MSCK",
        "OPTIMIZE",
        "PREPARE",
        "REFRESH",
        "UNLOAD",
        "UPDATE",
        "USE",
        "VACUUM",
    ]
)
_STATEMENTS = (
    "'ALTER', 'ANALYZE', 'CALL', 'CREATE', 'DELETE', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', 'INSERT', <query>"
)
_COMMENTS = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
NAME = r'(?:`[^`]+`|"[^"]+"|[\w$-]+)'
DOTTED = rf"(?P<name>{NAME}(?:\s*\.\s*{NAME}){{0,2}})"
_QUESTIONS = {
    "databases": re.compile(r"SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+LIKE)?(?:\s+'(?P<pattern>[^']*)')?", re.IGNORECASE),
    "views": re.compile(
        rf"SHOW\s+VIEWS(?:\s+(?:IN|FROM)\s+{DOTTED})?(?:\s+LIKE)?(?:\s+'(?P<pattern>[^']*)')?", re.IGNORECASE
    ),
    "tables": re.compile(
        rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{DOTTED})?(?:\s+LIKE)?(?:\s+'(?P<pattern>[^']*)')?", re.IGNORECASE
    ),
    "columns": re.compile(rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{DOTTED}", re.IGNORECASE),
    "partitions": re.compile(rf"SHOW\s+PARTITIONS\s+{DOTTED}", re.IGNORECASE),
    "create table": re.compile(rf"SHOW\s+CREATE\s+TABLE\s+{DOTTED}", re.IGNORECASE),
    "create view": re.compile(rf"SHOW\s+CREATE\s+VIEW\s+{DOTTED}", re.IGNORECASE),
    "table properties": re.compile(
        rf"SHOW\s+TBLPROPERTIES\s+{DOTTED}(?:\s*\(\s*['\"](?P<pattern>[^'\"]*)['\"]\s*\))?", re.IGNORECASE
    ),
    "describe": re.compile(rf"DESC(?:RIBE)?(?:\s+(?:EXTENDED|FORMATTED))?\s+{DOTTED}", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as a statement names it, in lower case; the parts that it leaves out are None."""

    catalog: str | None
    database: str | None
    table: str
    at: Position


@dataclass(frozen=True, slots=True)
class StoredIn:
    """Where a part of a query comes from that was not written in it: a view, what it says, and where it was named."""

    view: str
    at: Position
    text: str

    def failed(self, inner: QueryFailure) -> QueryFailure:
        """Return the failure of the whole query when the view fails with *inner*, whose name is left out."""
        said = re.sub(r"^[A-Z_]+: ", "", inner.reason)
        message = f"INVALID_VIEW: {self.at}: Failed analyzing stored view '{self.view}': {said}"
        return QueryFailure(message, inner.error_type, inner.category)


@dataclass(frozen=True, slots=True)
class Select:
    """A query: its tree, as parsed from *text*, and the tables in it, each node with its name."""

    text: str
    tree: exp.Query
    tables: tuple[tuple[exp.Table, TableName], ...]

    @property
    def names(self) -> frozenset[str] | None:
        """Every name in it in lower case, columns among them; None when a star stands for columns."""
        if any(not isinstance(star.parent, exp.Count) for star in self.tree.find_all(exp.Star)):
            return None
        return frozenset(each.name.lower() for each in self.tree.find_all(exp.Identifier))

    @property
    def hidden(self) -> tuple[str, ...]:
        """The hidden columns that it names."""
        named = {each.name.lower() for each in self.tree.find_all(exp.Identifier)}
        return tuple(name for name in HIDDEN if name in named)

    def position_of(self, name: str) -> Position:
        """Return where a column or a function called *name* first stands, its qualifier included."""
        column = self.column(name)
        if column is not None:
            return self.place_of(column)
        found = re.search(rf"\b{re.escape(name)}\b", self.text, re.IGNORECASE)
        return Position.at(self.text, found.start() if found else 0)

    def place_of(self, column: exp.Column) -> Position:
        """Return where *column* stands, its qualifier included."""
        stored = column.meta.get("stored_in")
        return Position.at(
            stored.text if stored else self.text, min(part.meta.get("start", 0) for part in column.parts)
        )

    def column(self, name: str) -> exp.Column | None:
        """Return the first column called *name*."""
        columns = [each for each in self.tree.find_all(exp.Column) if each.name.lower() == name.lower()]
        return min(columns, key=lambda each: each.this.meta.get("start", 0), default=None)


@dataclass(frozen=True, slots=True)
class Question:
    """SHOW or DESCRIBE: which of ``_QUESTIONS``, about what, and the pattern or the one name that is asked for."""

    kind: str
    name: tuple[str, ...]
    pattern: str | None


Statement: TypeAlias = Select | Question


def read_statement(text: str, parameters: tuple[str, ...] = ()) -> Statement:
    """
    Return what *text* asks for, with *parameters*, SQL literals, in the place of its question marks.

    Raises MalformedQueryError, and QueryFailure for statements that are no queries.
    """
    stripped = text.rstrip().removesuffix(";")
    start = first_word_at(stripped)
    spelled = (re.findall(r"^\w+", stripped[start:]) or [""])[0]
    word = spelled.upper()
    if word in {"SHOW", "DESC", "DESCRIBE"}:
        return _question(stripped, start)
    if word in _CHANGES:
        raise failure("NOT_SUPPORTED", f"The sandbox does not run this {word}", Position.at(text, start))
    if word not in {"SELECT", "WITH", "VALUES", "TABLE"} and not stripped[start:].startswith("("):
        raise _mismatched(stripped, start, spelled or "<EOF>", _STATEMENTS)
    return read_select(stripped, parameters)


def first_word_at(text: str) -> int:
    """Return the offset of the first character that is neither blank nor comment."""
    at = 0
    while found := _COMMENTS.match(text, at):
        at = found.end()
    return at


def _mismatched(text: str, offset: int, found: str, expecting: str) -> MalformedQueryError:
    position = Position.at(text, offset)
    return MalformedQueryError(f"{position}: mismatched input '{found}'. Expecting: {expecting}")


def _question(text: str, start: int) -> Question:
    asked = text[start:].strip()
    for kind, pattern in _QUESTIONS.items():
        if found := pattern.fullmatch(asked):
            groups = found.groupdict()
            names = re.findall(NAME, groups.get("name") or "")
            return Question(kind, tuple(name.strip('`"').lower() for name in names), groups.get("pattern"))
    raise _mismatched(
        text,
        start,
        asked.split()[-1],
        "'COLUMNS', 'CREATE', 'DATABASES', 'PARTITIONS', 'TABLES', 'TBLPROPERTIES', 'VIEWS'",
    )


def read_select(text: str, parameters: tuple[str, ...] = ()) -> Select:
    """Return the query that *text* is; raises MalformedQueryError, and QueryFailure for what is no query."""
    try:
        trees = parse(text, read="athena")
    except SqlglotError as error:
        raise _parse_error(text, error) from None
    if len(trees) != 1 or trees[0] is None:
        raise MalformedQueryError(f"Only one sql statement is allowed. Got: {text}")
    root = trees[0]
    if isinstance(root, exp.Values):
        width = len(root.expressions[0].expressions) or 1
        names = [f"_col{position}" for position in range(width)]
        root = exp.select("*").from_(exp.alias_(root.copy(), "rows", table=names))
    if not isinstance(root, exp.Query):
        raise failure("NOT_SUPPORTED", f"The sandbox does not run {root.key.upper()}", Position(1, 1))
    tree = _filled(root, parameters)
    return Select(text, tree, tuple(_tables(text, tree)))


def _parse_error(text: str, error: SqlglotError) -> MalformedQueryError:
    details = getattr(error, "errors", None)
    if not details or details[0].get("line") is None:
        return MalformedQueryError(f"line 1:1: {str(error).splitlines()[0]}")
    found, said = details[0]["highlight"] or "", details[0]["description"]
    offset = _offset(text, details[0]["line"], details[0]["col"] - len(found))
    # What is missing at the end is told of the last word; "Unexpected" is said of the word itself.
    is_last = not text[offset + len(found) :].strip()
    if not found.strip() or (is_last and "nexpected" not in said):
        return _mismatched(text, len(text), "<EOF>", "<expression>")
    return _mismatched(text, offset, found, "<expression>")


def _offset(text: str, line: int, column: int) -> int:
    """Return the offset of what stands in *line*, counted from 1, after *column* characters."""
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + max(0, column)


def _filled(tree: exp.Query, parameters: tuple[str, ...]) -> exp.Query:
    """Put *parameters* in the place of the question marks, in order; without any mark they are ignored (observed)."""
    # Depth first is the order in which they stand in the text.
    marks = list(tree.find_all(exp.Placeholder, bfs=False))
    if marks and len(marks) != len(parameters):
        message = f"Incorrect number of parameters: expected {len(marks)} but found {len(parameters)}"
        raise failure("INVALID_PARAMETER_USAGE", message, Position(1, 1))
    for mark, text in zip(marks, parameters, strict=False):
        mark.replace(_parameter(text))
    return tree


def _parameter(text: str) -> exp.Expr:
    """Return *text* as the expression that it is; what does not parse or names a column is a string (observed)."""
    try:
        parsed = exp.maybe_parse(text, dialect="athena")
    except SqlglotError:
        return exp.Literal.string(text)
    return exp.Literal.string(text) if parsed.find(exp.Column) else parsed


def _tables(text: str, tree: exp.Query) -> list[tuple[exp.Table, TableName]]:
    """Return the tables of the catalog that *tree* reads: what is no common table expression and no function."""
    found: dict[int, exp.Table] = {}
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table):
                found[id(source)] = source
    _refuse_strangers(text, tree, found)
    return [(table, _name(text, table)) for table in found.values()]


def _refuse_strangers(text: str, tree: exp.Query, known: Mapping[int, exp.Table]) -> None:
    """Refuse what stands for a table and is neither one that will be looked up nor a name of the query's own."""
    own = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        is_own = isinstance(table.this, exp.Identifier) and not table.db and table.name.lower() in own
        if id(table) not in known and not is_own:
            at = Position.at(text, table.this.meta.get("start", 0))
            raise failure("NOT_SUPPORTED", f"The sandbox does not read {table.sql('trino')} here", at)


def _name(text: str, table: exp.Table) -> TableName:
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    offset = min((part.meta["start"] for part in parts if "start" in part.meta), default=0)
    at = Position.at(text, offset)
    if len(parts) != len(table.parts) or not isinstance(table.this, exp.Identifier):
        raise failure("NOT_SUPPORTED", "Table functions are not supported", at)
    names = [part.name.lower() for part in parts]
    if len(names) > 3:
        raise failure("SYNTAX_ERROR", f"Too many dots in table name: {'.'.join(names)}", at)
    catalog, database, name = (None,) * (3 - len(names)) + tuple(names)
    assert name is not None
    return TableName(catalog, database, name, at)
