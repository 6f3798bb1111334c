"""What Athena would report where DuckDB reports an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import duckdb
from sqlglot import exp

from lakeshare.sandbox.services.athena.failures import Position, QueryFailure, engine_failure, failure
from lakeshare.sandbox.services.athena.functions import KNOWN
from lakeshare.sandbox.services.athena.statements import Select

_UNKNOWN_COLUMN = re.compile(r'Referenced column "(?P<name>[^"]*)" not found')
_UNKNOWN_OWN_COLUMN = re.compile(r'does not have a column named "(?P<name>[^"]*)"')
_UNKNOWN_TABLE = re.compile(r'Referenced table "(?P<name>[^"]*)" not found')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(?P<name>[^"]*)"')
_UNKNOWN_FUNCTION = re.compile(r"Function with name \"?(?P<name>[^\s\"]+)\"? does not exist")
_NOT_AGGREGATED = re.compile(r'column "(?P<name>[^"]*)" must appear in the GROUP BY clause')
_NO_NUMBER = re.compile(r"Could not convert string '(?P<name>.*)' to (?P<type>[A-Z]+\d*)")
_NO_TIME = re.compile(r"invalid (?P<type>date|timestamp) field format: \"(?P<name>.*?)\", expected")
_HIVE = re.compile(r"(?P<error>HIVE_[A-Z_]+): (?P<name>.*)")
_MALFORMED_JSON = re.compile(r"Malformed JSON in file")
_NO_MOMENT = re.compile(r'Could not parse string "(?P<name>.*)" according to format specifier')
_NO_JSON = re.compile(r'Malformed JSON at byte .*Input: "(?P<name>.*)"')
_OUT_OF_RANGE = re.compile(r"with value (?P<name>\S+) can't be cast .* destination type (?P<type>\w+)")
_MANY_ROWS = re.compile(r"More than one row returned by a subquery")
_DIVISION_BY_ZERO = re.compile(r"Division by zero")


def translate(error: duckdb.Error, select: Select) -> QueryFailure:
    """Return the failure that Athena would report where DuckDB reports *error*."""
    said = str(error).splitlines()[0]
    if found := _HIVE.search(said):
        return failure(found["error"], found["name"])
    for pattern, words in _CASTS.items():
        if found := pattern.search(said):
            wanted = _TRINO_TYPES.get(found["type"], found["type"])
            return failure("INVALID_CAST_ARGUMENT", words.format(text=found["name"], type=wanted, low=wanted.lower()))
    for pattern, told in _TOLD.items():
        if found := pattern.search(said):
            return told(select, found.groupdict().get("name", ""))
    message = said.partition("Error: ")[2] or said
    for kind, name in _NAMES.items():
        if isinstance(error, kind):
            return failure(name, message)
    return engine_failure(message)


def column_not_found(select: Select, column: exp.Column) -> QueryFailure:
    """Return the failure for a column that is not there, or that the caller may not see: Athena does not say which."""
    missing = _not_found(_spelling(column), select.place_of(column))
    stored = column.meta.get("stored_in")
    return stored.failed(missing) if stored else missing


def _column_not_found(select: Select, name: str) -> QueryFailure:
    column = select.column(name)
    return _not_found(name.lower(), select.position_of(name)) if column is None else column_not_found(select, column)


def _qualifier_not_found(select: Select, name: str) -> QueryFailure:
    """The engine misses the table before the dot; Trino says that the column cannot be resolved."""
    columns = (each for each in select.tree.find_all(exp.Column) if each.table.lower() == name.lower())
    column = next(columns, None)
    return _not_found(name.lower(), select.position_of(name)) if column is None else column_not_found(select, column)


def _ambiguous(select: Select, name: str) -> QueryFailure:
    return failure("AMBIGUOUS_NAME", f"Column '{name.lower()}' is ambiguous", select.position_of(name))


def _not_found(name: str, at: Position) -> QueryFailure:
    message = f"Column '{name}' cannot be resolved or requester is not authorized to access requested resources"
    return failure("COLUMN_NOT_FOUND", message, at)


def _spelling(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts).lower()


def _function_not_found(select: Select, name: str) -> QueryFailure:
    if name.lower() in KNOWN:
        return failure("NOT_SUPPORTED", f"The sandbox lacks Athena's function {name.lower()}", select.position_of(name))
    return failure("FUNCTION_NOT_FOUND", f"Function '{name.lower()}' not registered", select.position_of(name))


def _not_aggregated(select: Select, name: str) -> QueryFailure:
    column = select.column(name)
    spelled = name.lower() if column is None else _spelling(column)
    message = f"'{spelled}' must be an aggregate expression or appear in GROUP BY clause"
    return failure("EXPRESSION_NOT_AGGREGATE", message, select.position_of(name))


_TOLD: Mapping[re.Pattern[str], Callable[[Select, str], QueryFailure]] = {
    _UNKNOWN_COLUMN: _column_not_found,
    _UNKNOWN_OWN_COLUMN: _column_not_found,
    _UNKNOWN_TABLE: _qualifier_not_found,
    _AMBIGUOUS: _ambiguous,
    _UNKNOWN_FUNCTION: _function_not_found,
    _NOT_AGGREGATED: _not_aggregated,
    _NO_MOMENT: lambda _, text: failure("INVALID_FUNCTION_ARGUMENT", f'Invalid format: "{text}"'),
    _NO_JSON: lambda _, text: failure("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'"),
    _MALFORMED_JSON: lambda *_: failure("HIVE_CURSOR_ERROR", "Row is not a valid JSON Object"),
    _MANY_ROWS: lambda *_: failure("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"),
    _DIVISION_BY_ZERO: lambda *_: failure("DIVISION_BY_ZERO", "Division by zero"),
}
_CASTS: Mapping[re.Pattern[str], str] = {
    _NO_NUMBER: "Cannot cast '{text}' to {type}",
    _NO_TIME: "Value cannot be cast to {low}: {text}",
    _OUT_OF_RANGE: "Out of range for {low}: {text}",
}
_TRINO_TYPES = {"INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT", "BOOL": "BOOLEAN"}
_NAMES: Mapping[type[duckdb.Error], str] = {
    duckdb.ConversionException: "INVALID_CAST_ARGUMENT",
    duckdb.BinderException: "TYPE_MISMATCH",
    duckdb.ParserException: "SYNTAX_ERROR",
    duckdb.InvalidInputException: "INVALID_FUNCTION_ARGUMENT",
    duckdb.OutOfRangeException: "NUMERIC_VALUE_OUT_OF_RANGE",
}
"""The name for what is said in no way that we know."""
