"""SearchDatabasesByLFTags and SearchTablesByLFTags: what carries the tags that an expression asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import access, by_tags
from lakeshare.sandbox.services.lakeformation.keys import (
    ANY_VALUE,
    DatabaseKey,
    Expression,
    PolicyKey,
    TableKey,
    Tagged,
)
from lakeshare.sandbox.services.lakeformation.lf_tags import (
    RULE_EXISTS,
    RULE_SEE,
    existing,
    insufficient,
    may_see,
    place_of,
)
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.resources import resource_for
from lakeshare.sandbox.services.lakeformation.tag_structures import read_expression
from lakeshare.sandbox.services.lakeformation.tagging import shown_tags


def search_databases(call: Call) -> Mapping[str, Any]:
    """Answer SearchDatabasesByLFTags: those of the catalog that the caller may see."""
    return _searched(call, "DATABASE", "DatabaseList", _database)


def search_tables(call: Call) -> Mapping[str, Any]:
    """Answer SearchTablesByLFTags: those of the catalog that the caller may see, of which any column is meant."""
    return _searched(call, "TABLE", "TableList", _table)


def _searched(call: Call, kind: Tagged, member: str, answer: Any) -> Mapping[str, Any]:
    place = place_of(call)
    expression = read_expression(call.params["Expression"])
    _check_seen(call, place, expression)
    params = call.params
    found, token = page(
        _meant(call, place, PolicyKey(kind, expression)),
        params.get("NextToken"),
        params.get("MaxResults"),
        most=100,
        refusal=invalid_token,
    )
    return with_token({member: [answer(call, place, key) for key in found]}, token)


def _meant(call: Call, place: Place, policy: PolicyKey) -> Iterator[DatabaseKey | TableKey]:
    """Yield what an expression means and the caller may describe (documented: TBAC-view-tag-resources.html)."""
    for key in by_tags.meant(call.world, place, policy):
        if access.may(call.world, call.caller, place, key, "DESCRIBE"):
            yield key


def _check_seen(call: Call, place: Place, expression: Expression) -> None:
    """Refuse an expression over a tag or a value that is not there, or that the caller may not see."""
    for key, values in expression:
        tag = existing(call, place, key)
        for value in values:
            if value != ANY_VALUE and value not in tag.values:
                raise RULE_EXISTS.refuse("EntityNotFoundException", "Tag or tag value does not exist.")
            if not may_see(call, place, key, value):
                raise insufficient(RULE_SEE, "Describe", key)


def _database(call: Call, place: Place, key: DatabaseKey) -> dict[str, Any]:
    return {**resource_for(place, key), "LFTags": shown_tags(call, place, key).get("LFTagOnDatabase", [])}


def _table(call: Call, place: Place, key: TableKey) -> dict[str, Any]:
    return {**resource_for(place, key), **shown_tags(call, place, key)}


OPERATIONS: Operations = {
    "SearchDatabasesByLFTags": search_databases,
    "SearchTablesByLFTags": search_tables,
}
