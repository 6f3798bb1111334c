"""SearchTables: words, properties, order and pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import refused
from tests.sandbox.sales import sales_catalog, table_input, with_links


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog: ``orders``, ``customer-link`` and ``xxlinkyy``, and links."""
    glue = with_links(sales_catalog(client))
    for name in ("customer-link", "xxlinkyy"):
        glue.create_table(DatabaseName="sales", TableInput=table_input(name, Description=f"All of {name}", Owner="me"))
    return glue


def found(glue: Any, **asked: Any) -> list[str]:
    """Return the names that a search finds."""
    return [each["Name"] for each in glue.search_tables(**asked)["TableList"]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("customer", ["customer-link"]),
        ("ALL OF", ["customer-link", "xxlinkyy"]),
        ("amount", ["customer-link", "orders", "xxlinkyy"]),
        ("local", ["orders_link"]),
        ('"orders"', ["orders"]),
        ('"order"', []),
        ("nothing", []),
    ],
)
def test_words_are_looked_for_in_what_describes_a_table(glue: Any, text: str, wanted: list[str]) -> None:
    """In names, descriptions, columns and the database; in quotes, as a whole."""
    assert sorted(found(glue, SearchText=text)) == wanted


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("Name", "link", ["customer-link", "orders_link"]),
        ("Name", "xxlinkyy", ["xxlinkyy"]),
        ("Name", "Customer-Link", ["customer-link"]),
        ("DatabaseName", "local", ["orders_link"]),
        ("Owner", "me", ["customer-link", "xxlinkyy"]),
        ("TableType", "EXTERNAL_TABLE", ["customer-link", "orders", "xxlinkyy"]),
        ("Name", "order", []),
    ],
)
def test_properties_are_compared_word_by_word(glue: Any, key: str, value: str, wanted: list[str]) -> None:
    """AWS's own example: link finds customer-link and not xxlinkyy."""
    assert sorted(found(glue, Filters=[{"Key": key, "Value": value}])) == wanted


@pytest.mark.allows("glue.search.time")
def test_times_are_compared(glue: Any) -> None:
    """By any of the comparators, with seconds or ISO 8601."""
    long_ago, far_off = "2001-01-01T00:00:00+00:00", "32503680000"

    def made(comparator: str, value: str) -> int:
        return len(found(glue, Filters=[{"Key": "CreateTime", "Comparator": comparator, "Value": value}]))

    assert made("GREATER_THAN", long_ago) == made("GREATER_THAN_EQUALS", long_ago) == 4
    assert made("LESS_THAN", far_off) == made("LESS_THAN_EQUALS", far_off) == 4
    assert made("EQUALS", far_off) == made("LESS_THAN", long_ago) == 0


@pytest.mark.refuses("glue.search.time")
def test_a_time_is_compared_with_a_time(glue: Any) -> None:
    """Anything else is refused."""
    with refused("InvalidInputException"):
        found(glue, Filters=[{"Key": "CreateTime", "Comparator": "EQUALS", "Value": "yesterday"}])


def test_tables_come_in_the_order_asked_for_and_page_by_page(glue: Any) -> None:
    """Ascending or descending by a property."""
    by_name = {"FieldName": "Name"}
    assert found(glue, SortCriteria=[{**by_name, "Sort": "ASC"}])[0] == "customer-link"

    descending: Any = {"SortCriteria": [{**by_name, "Sort": "DESC"}], "MaxResults": 3}
    first = glue.search_tables(**descending)
    rest = found(glue, **descending, NextToken=first["NextToken"])

    names = [each["Name"] for each in first["TableList"]]
    assert names + rest == ["xxlinkyy", "orders_link", "orders", "customer-link"]
