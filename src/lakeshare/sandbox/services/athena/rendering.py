"""Values and types as Athena shows them: every value as text, in GetQueryResults and in the CSV object alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

_NAMES = {
    "BIGINT": "bigint",
    "HUGEINT": "bigint",
    "UBIGINT": "bigint",
    "UHUGEINT": "bigint",
    "INTEGER": "integer",
    "UINTEGER": "bigint",
    "SMALLINT": "smallint",
    "USMALLINT": "integer",
    "TINYINT": "tinyint",
    "UTINYINT": "smallint",
    "DOUBLE": "double",
    "FLOAT": "float",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "BLOB": "varbinary",
    "JSON": "json",
    "INTERVAL": "interval day to second",
}
_SIZES = {"bigint": 19, "integer": 10, "smallint": 5, "tinyint": 3, "double": 17, "float": 17, "timestamp": 3}
_TEXT_SIZE = 2**31 - 1
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_UNNAMED_FIELD = re.compile(r"_\d+")
"""What the engine calls the fields of ROW(1, 'a')."""
_PLAIN_BELOW, _PLAIN_FROM = 1e7, 1e-3


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its name, and its type as the engine calls it."""

    name: str
    engine_type: str
    zone: str | None = None

    def text(self, value: Any) -> str | None:
        """Return *value* of this column as Athena writes it, None for null."""
        shown = text(value, self.engine_type)
        return shown if shown is None or self.zone is None else f"{shown} {self.zone}"

    @property
    def athena_type(self) -> str:
        """The type as GetQueryResults names it: nested ones by their outermost word."""
        kind = self.engine_type
        if self.zone is not None:
            return "timestamp with time zone"
        if kind.endswith("]"):
            return "array"
        word = kind.partition("(")[0]
        if word in {"MAP", "STRUCT", "DECIMAL"}:
            return {"STRUCT": "row"}.get(word, word.lower())
        if word.startswith("TIMESTAMP"):
            return "timestamp with time zone" if "ZONE" in word or word.endswith("TZ") else "timestamp"
        return _NAMES.get(word, "varchar")

    def describe(self) -> dict[str, Any]:
        """Return the ColumnInfo of GetQueryResults."""
        kind = self.athena_type
        precision, scale = _SIZES.get(kind, 0), 0
        if found := _DECIMAL.match(self.engine_type):
            precision, scale = int(found[1]), int(found[2])
        elif kind == "varchar":
            precision = _TEXT_SIZE
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": kind,
            "Precision": precision,
            "Scale": scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": kind == "varchar",
        }


ZONED = "TIMESTAMP WITH TIME ZONE"


def text(value: Any, engine_type: str = "") -> str | None:
    """Return *value* of the engine's type as Athena writes it, None for null; moments with a zone come in UTC."""
    if value is None:
        return None
    if engine_type == ZONED:
        return f"{_moment(value)} UTC"
    if engine_type.startswith("MAP("):
        # Observed: the entries of a map are shown in the order of its keys.
        value = {key: value[key] for key in sorted(value)}
    spell = _SPELLINGS.get(type(value), str)
    return spell(value)


def _moment(value: datetime) -> str:
    return value.isoformat(" ", "milliseconds")[:23]


def _time(value: time) -> str:
    return value.isoformat("milliseconds")


def _array(value: Iterable[Any]) -> str:
    return f"[{', '.join(map(_inner, value))}]"


def _row(value: Iterable[Any]) -> str:
    """Spell a row whose fields have no names."""
    return f"{{{', '.join(map(_inner, value))}}}"


def _map_or_row(value: dict[Any, Any]) -> str:
    return f"{{{', '.join(_member(name, each) for name, each in value.items())}}}"


def _member(name: Any, value: Any) -> str:
    """Spell a map's entry or a row's field; the fields of a row without names are shown without."""
    return _inner(value) if _UNNAMED_FIELD.fullmatch(str(name)) else f"{_inner(name)}={_inner(value)}"


def _inner(value: Any) -> str:
    shown = text(value)
    return "null" if shown is None else shown


def _double(value: float) -> str:
    """Spell a double as Java does: 1.0, 1.0E10, 1.0E-5."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return f"{Decimal(repr(value)):f}" if "e" in repr(value) else repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    mantissa = "".join(map(str, digits))
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{exponent + len(mantissa) - 1}"


def _interval(value: timedelta) -> str:
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(span.seconds, 60)
    return f"{sign}{span.days} {minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{span.microseconds // 1000:03d}"


_SPELLINGS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    bytes: lambda value: value.hex(" "),
    datetime: _moment,
    dict: _map_or_row,
    float: _double,
    list: _array,
    time: _time,
    timedelta: _interval,
    tuple: _row,
}
"""By type; everything else is spelled as Python does: text, whole numbers, decimals, dates and times."""


def csv_object(columns: Sequence[ResultColumn], rows: Iterable[Sequence[str | None]]) -> bytes:
    """Return the result as Athena puts it into S3: everything quoted but nulls, which are empty."""
    header = [column.name for column in columns]
    return "".join(f"{','.join(map(_quoted, row))}\n" for row in (header, *rows)).encode()


def lines_object(_: Sequence[ResultColumn], rows: Iterable[Sequence[str | None]]) -> bytes:
    """Return the result of SHOW or DESCRIBE as Athena puts it into S3: the lines, no header, no last newline."""
    return "\n".join("\t".join(value or "" for value in row) for row in rows).encode()


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'
