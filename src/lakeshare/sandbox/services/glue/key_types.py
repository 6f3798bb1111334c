"""The types of partition keys, as an Expression compares them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_KINDS: Final[Mapping[str, str]] = {
    "bigint": "integral",
    "int": "integral",
    "long": "integral",
    "smallint": "integral",
    "tinyint": "integral",
    "decimal": "decimal",
    "char": "string",
    "string": "string",
    "varchar": "string",
    "date": "date",
    "timestamp": "timestamp",
}
"""Those that the documentation of GetPartitions lists; others cannot be compared."""

_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,9}))?")


class UnfitError(ValueError):
    """A value is none of its key's type."""


def kind_of(type_: str) -> str | None:
    """Return integral, decimal, string, date or timestamp for a type of Glue's; None for one that has no order here."""
    return _KINDS.get(type_.lower().partition("(")[0].strip())


def comparable(type_: str, value: str) -> Any:
    """Return *value* as something that compares as *type_* does; UnfitError when it is not of that type."""
    return _READERS[_KINDS[type_.lower().partition("(")[0].strip()]](value)


def _integral(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UnfitError(f'"{value}" is not an integer.') from None


def _decimal(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise UnfitError(f"{value} is not a decimal.") from None


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UnfitError(f"{value} is not a date.") from None


def _timestamp(value: str) -> tuple[datetime, int]:
    """A moment to the second, and its nanoseconds."""
    found = _MOMENT.fullmatch(value)
    unfit = f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {value} is not a timestamp."
    if found is None:
        raise UnfitError(unfit)
    try:
        return datetime.fromisoformat(found[1]), int((found[2] or "").ljust(9, "0"))
    except ValueError:
        raise UnfitError(unfit) from None


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "integral": _integral,
    "decimal": _decimal,
    "string": str,
    "date": _date,
    "timestamp": _timestamp,
}
