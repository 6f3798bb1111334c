"""
Partition projection: partitions that a table's properties describe, whatever the catalog has.

Athena makes up every location that the properties allow and looks there; here the objects that are there are matched
against the template of locations, which comes to the same. Documented: athena/latest/ug/partition-projection*.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlglot import exp

from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.datetime_patterns import strftime_pattern
from lakeshare.sandbox.services.athena.failures import QueryFailure, failure
from lakeshare.sandbox.services.athena.statements import Select
from lakeshare.sandbox.services.lakeformation.access import OpenTable

RULE_INJECTED = rule(
    "athena.projection.injected",
    "A query over a table with an injected partition column says in its WHERE what that column equals.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html",
)
RULE_CONFIGURED = rule(
    "athena.projection.configured",
    "Every partition column of a table with projection has a type, and what that type needs.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html; the message is ours",
)
_PLACE: Final = re.compile(r"\$\{(\w+)\}")
_NOW: Final = re.compile(r"NOW(?:\s*([+-])\s*(\d+)\s*(YEARS?|MONTHS?|WEEKS?|DAYS?|HOURS?|MINUTES?|SECONDS?))?")
_DAYS: Final = {"YEAR": 365.25, "MONTH": 30.4375, "WEEK": 7, "DAY": 1, "HOUR": 1 / 24, "MINUTE": 1 / 1440}

Admits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Values:
    """What a partition column may be: a pattern of its text in a location, and which of such texts are in range."""

    pattern: str
    admits: Admits


def is_projected(table: OpenTable) -> bool:
    """Whether *table* has its partitions from its properties."""
    return bool(table.partition_keys) and table.parameters.get("projection.enabled", "").lower() == "true"


def static_location(table: OpenTable) -> str:
    """Return the part of the template under which all locations are."""
    return _template(table).partition("${")[0].rpartition("/")[0] + "/"


def matcher(table: OpenTable, now: float) -> Callable[[str], tuple[str, ...] | None]:
    """
    Return what tells the values of the partition columns from the URL of an object, or that it is in no partition.

    Raises QueryFailure where the properties do not say enough.
    """
    keys = [key for key, _ in table.partition_keys]
    values = {key.lower(): _values(table.parameters, key.lower(), now) for key in keys}
    pattern, seen = "", set()
    for number, part in enumerate(_PLACE.split(_template(table))):
        key = part.lower()
        if number % 2 == 0:
            pattern += re.escape(part)
        elif key in seen:
            pattern += f"(?P={key})"
        elif key in values:
            pattern += f"(?P<{key}>{values[key].pattern})"
            seen.add(key)
        else:
            raise _misconfigured(f"storage.location.template names {part}, which is no partition column")
    if missing := values.keys() - seen:
        raise _misconfigured(f"storage.location.template lacks {min(missing)}")
    compiled = re.compile(pattern.rstrip("/") + "/")

    def match(url: str) -> tuple[str, ...] | None:
        found = compiled.match(url)
        if found is None or not all(values[key.lower()].admits(found[key.lower()]) for key in keys):
            return None
        return tuple(found[key.lower()] for key in keys)

    return match


def check_injected(table: OpenTable, select: Select) -> None:
    """Fail a query that does not say which values of an injected column it wants; raises QueryFailure."""
    for key, _ in table.partition_keys:
        is_injected = table.parameters.get(f"projection.{key.lower()}.type", "").lower() == "injected"
        if is_injected and not any(_equals(key, each) for each in select.tree.find_all(exp.EQ, exp.In)):
            RULE_INJECTED.show()
            message = (
                f"For the injected projected partition column {key}, the WHERE clause must contain only static "
                "equality conditions, and at least one such condition must be present."
            )
            raise failure("CONSTRAINT_VIOLATION", message)


def _equals(key: str, node: exp.Expr) -> bool:
    sides = [node.this, *node.expressions] if isinstance(node, exp.In) else [node.this, node.expression]
    named = any(isinstance(each, exp.Column) and each.name.lower() == key.lower() for each in sides)
    return named and any(isinstance(each, exp.Literal) for each in sides)


def _template(table: OpenTable) -> str:
    given = table.parameters.get("storage.location.template")
    folders = "/".join(f"{key}=${{{key}}}" for key, _ in table.partition_keys)
    return (given or f"{table.location.rstrip('/')}/{folders}").rstrip("/") + "/"


def _values(parameters: Mapping[str, str], key: str, now: float) -> _Values:
    given = {name: parameters.get(f"projection.{key}.{name}", "") for name in ("type", "values", "range", "format")}
    match given["type"].lower():
        case "injected":
            return _Values("[^/]+", lambda _: True)
        case "enum" if given["values"]:
            named = {each.strip() for each in given["values"].split(",")}
            return _Values("|".join(map(re.escape, sorted(named))), lambda text: text in named)
        case "integer" if "," in given["range"]:
            low, high = (int(each) for each in given["range"].split(","))
            return _Values(r"-?\d+", lambda text: low <= int(text) <= high)
        case "date" if "," in given["range"] and given["format"]:
            return _dates(given["range"], given["format"], now)
    raise _misconfigured(f"projection.{key} does not say what the values of {key} are")


def _dates(range_: str, format_: str, now: float) -> _Values:
    spelled = strftime_pattern(format_)
    digits = re.sub(r"[yMdHhms]+", lambda found: rf"\d{{{len(found[0])}}}", re.escape(format_.replace("'", "")))
    low, high = (_bound(each.strip(), spelled, now) for each in range_.split(","))

    def admits(text: str) -> bool:
        try:
            return low <= datetime.strptime(text, spelled).replace(tzinfo=UTC) <= high
        except ValueError:
            return False

    return _Values(digits, admits)


def _bound(text: str, spelled: str, now: float) -> datetime:
    """Return one end of a range: a date as the format has it, or so long before or after now, in its own units."""
    found = _NOW.fullmatch(text.upper())
    if found is None:
        return datetime.strptime(text, spelled).replace(tzinfo=UTC)
    moment = datetime.fromtimestamp(now, UTC)
    if found[1]:
        days = int(found[2]) * _DAYS.get(found[3].rstrip("S"), 1 / 86400)
        moment += timedelta(days=days if found[1] == "+" else -days)
    return datetime.strptime(moment.strftime(spelled), spelled).replace(tzinfo=UTC)


def _misconfigured(message: str) -> QueryFailure:
    RULE_CONFIGURED.show()
    return failure("INVALID_TABLE_PROPERTY", message)
