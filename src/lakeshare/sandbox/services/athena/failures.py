"""
How a query fails: the engine's error name, its message, and what the AthenaError in GetQueryExecution says of it.

Error types are those of Athena's error catalogue (documented: athena/latest/ug/error-reference.html). Which name has
which type is observed: recorded from the real service in 2026 by a public emulator of Athena.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SYSTEM, USER = 1, 2

_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "COLUMN_NOT_FOUND": 1006,
    "SYNTAX_ERROR": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "INVALID_PARAMETER_USAGE": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "NOT_SUPPORTED": 1200,
    "CATALOG_NOT_FOUND": 1006,
    "SCHEMA_NOT_FOUND": 1301,
    "TABLE_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}
_USER_ERROR, _LAKE_FORMATION_ERROR, _PERMISSION_ERROR, _S3_PERMISSION_ERROR = 1000, 234, 1500, 1501
_ENGINE_ERROR, _METASTORE_ERROR = 200, 204


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the statement something stands; both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}:{self.column}"

    @classmethod
    def at(cls, text: str, offset: int) -> Position:
        """Return the position of the character at *offset* of *text*."""
        before = text[:offset]
        return cls(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


class QueryFailure(Exception):  # noqa: N818 - it ends as a query's state, not as an error of a call
    """A query cannot be run, or broke while running; ``reason`` becomes its StateChangeReason."""

    def __init__(self, reason: str, error_type: int, category: int = USER) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_type = error_type
        self.category = category

    def describe(self) -> dict[str, Any]:
        """Return the AthenaError structure."""
        return {
            "ErrorCategory": self.category,
            "ErrorType": self.error_type,
            "Retryable": False,
            "ErrorMessage": self.reason,
        }


class MalformedQueryError(Exception):
    """The statement does not parse: StartQueryExecution refuses it, and no query comes about (observed)."""


def failure(name: str, message: str, at: Position | None = None) -> QueryFailure:
    """Return the failure called *name* as the engine words it: ``NAME: line L:C: message``."""
    located = f"{at}: {message}" if at else message
    return QueryFailure(f"{name}: {located}", _TYPES.get(name, _USER_ERROR))


def lake_formation_failure(message: str) -> QueryFailure:
    """Return the failure of a query that Lake Formation refused, in Lake Formation's own words."""
    return QueryFailure(message, _LAKE_FORMATION_ERROR)


def metastore_failure(message: str) -> QueryFailure:
    """Return the failure of a query over something in the catalog that no engine can read."""
    return QueryFailure(f"HIVE_METASTORE_ERROR: {message}", _METASTORE_ERROR)


def permission_failure(message: str) -> QueryFailure:
    """Return the failure of a query for which IAM refused a step that Athena took in the caller's name."""
    return QueryFailure(message, _PERMISSION_ERROR)


def s3_permission_failure(location: str) -> QueryFailure:
    """Return the failure of a query whose caller must read S3 itself, and may not."""
    return QueryFailure(f"PERMISSION_DENIED: Permission denied on S3 path: {location}", _S3_PERMISSION_ERROR)


def s3_failure(location: str, why: str) -> QueryFailure:
    """Return the failure of a query whose data Lake Formation was to read, in a place where S3 refuses it."""
    said = "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)"
    return QueryFailure(f"PERMISSION_DENIED: {said} (Path: {location}): {why}", _S3_PERMISSION_ERROR)


def results_failure(url: str) -> QueryFailure:
    """Return the failure of a query whose results the caller may not write."""
    return QueryFailure(
        f"Access denied when writing output to url: {url} . Please ensure you are allowed to access the S3 bucket. If "
        "you are encrypting query results with KMS key, please ensure you are allowed to access your KMS key",
        _S3_PERMISSION_ERROR,
    )


def ddl_failure(message: str, *, is_refusal: bool = False) -> QueryFailure:
    """Return the failure of a statement that Hive's DDL runs, in Hive's words (observed: what people report)."""
    reason = f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}"
    return QueryFailure(reason, _LAKE_FORMATION_ERROR if is_refusal else _USER_ERROR)


def engine_failure(message: str) -> QueryFailure:
    """Return the failure of a query that the engine gave up on for no reason that we know a name for."""
    return QueryFailure(f"GENERIC_INTERNAL_ERROR: {message}", _ENGINE_ERROR, SYSTEM)
