"""SearchTables: by words, by properties, in an order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.answers import table_answer
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place, Table
from lakeshare.sandbox.services.glue.reach import invalid_token, place_of
from lakeshare.sandbox.services.glue.reading import answer_of, listed, may_describe
from lakeshare.sandbox.services.lakeformation import by_tags, effective

RULE_TIME = rule(
    "glue.search.time",
    "A property that is a time is compared with a time.",
    tag="inferred",
    source="https://docs.aws.amazon.com/glue/latest/webapi/API_PropertyPredicate.html; the message is ours",
)
_TOKENS: Final = re.compile(r"[^\w]+|_")
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "EQUALS": lambda found, value: found == value,
    "GREATER_THAN": lambda found, value: found > value,
    "LESS_THAN": lambda found, value: found < value,
    "GREATER_THAN_EQUALS": lambda found, value: found >= value,
    "LESS_THAN_EQUALS": lambda found, value: found <= value,
}


def search_tables(call: Call) -> Mapping[str, Any]:
    """Answer SearchTables: links are not followed; other accounts' tables show only if asked for."""
    params = call.params
    seen = [
        (pair, answer)
        for pair, answer in _everything(call)
        if _has_text(answer, params.get("SearchText", ""))
        and all(_meets(answer, each) for each in params.get("Filters", []))
        and may_describe(call, *pair)
    ]
    for criterion in params.get("SortCriteria", []):
        by = criterion.get("FieldName", "Name")
        seen.sort(key=lambda found: str(found[1].get(by, "")), reverse=criterion.get("Sort") == "DESC")
    shown, token = page(seen, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"TableList": [listed(answer_of(call, *pair, follow=False)) for pair, _ in shown]}, token)


def _everything(call: Call) -> Iterator[tuple[tuple[Place, Table], dict[str, Any]]]:
    """Yield the tables to search, with what they answer to whoever sees all of them."""
    kind = call.params.get("ResourceShareType")
    if kind in {None, "ALL"}:
        place = place_of(call)
        for home in call.world.store(Catalogs).databases(place):
            for table in home.tables.values():
                yield (place, table), table_answer(place, table)
    if kind in {"ALL", "FOREIGN"}:
        for owner, table in _shared(call):
            yield (owner, table), table_answer(owner, table)


def _shared(call: Call) -> Iterator[tuple[Place, Table]]:
    """Yield the tables of other accounts on which the caller's account was granted something."""
    here = Place(call.caller.account, call.region)
    for owner, key in dict.fromkeys(by_tags.shared_with(call.world, here)):
        table = effective.table_at(call.world, owner, key)
        if table is not None:
            yield owner, table


def _has_text(answer: Mapping[str, Any], text: str) -> bool:
    """Whether *text* is in what describes a table or its database; quoted, whether it is one of those words."""
    storage = answer.get("StorageDescriptor", {})
    columns = [*storage.get("Columns", []), *answer.get("PartitionKeys", [])]
    parameters = answer.get("Parameters", {})
    words = [answer["Name"], answer["DatabaseName"], answer.get("Description", ""), answer.get("Owner", "")]
    words += [word for column in columns for word in (column["Name"], column.get("Comment", ""))]
    words += [*parameters, *parameters.values()]
    wanted = text.lower()
    if len(wanted) > 1 and wanted[0] == wanted[-1] == '"':
        return wanted[1:-1] in [word.lower() for word in words]
    return any(wanted in word.lower() for word in words)


def _meets(answer: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """
    Whether a table meets one of the Filters.

    Times compare as asked; of texts the value is one of the words between their punctuation, or the whole (documented:
    API_PropertyPredicate.html).
    """
    found, value = answer.get(wanted.get("Key", "")), wanted.get("Value", "")
    if isinstance(found, datetime):
        return _COMPARISONS[wanted.get("Comparator", "EQUALS")](found.timestamp(), _moment(value))
    text = str(found or "").lower()
    return value.lower() in {text, *_TOKENS.split(text)}


def _moment(value: str) -> float:
    try:
        return float(value) if value.replace(".", "", 1).isdecimal() else datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise RULE_TIME.refuse("InvalidInputException", f"{value} is not a time.") from None


OPERATIONS: Operations = {"SearchTables": search_tables}
