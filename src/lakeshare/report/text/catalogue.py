"""The catalogue of Connect's tables for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakeshare.catalogue import Column, Table
from lakeshare.report.text.page import Page
from lakeshare.report.words import counted


def render_tables(tables: Mapping[str, Table], page: Page) -> None:
    """Write all tables by category, each with its number of columns and the first sentence about it."""
    by_category: dict[str, list[Table]] = {}
    for table in tables.values():
        by_category.setdefault(table.category, []).append(table)
    longest = max(len(name) for name in tables)
    for category, found in by_category.items():
        page.line((category, "bold"), (f"  group:{category}, {counted(len(found), 'table')}", "dim"))
        for table in found:
            head = f"{table.name:<{longest}}  {len(table.columns):>3}  "
            page.folded(head + _first_sentence(table.description), indent=2, hanging=2 + len(head))
        page.blank()
    page.line(f"{len(tables)} tables; `lakeshare tables --columns TABLE` lists a table's columns.")


def render_columns(table: Table, page: Page) -> None:
    """Write what is known of *table* and its columns."""
    page.line((table.name, "bold"), (f"  group:{table.category}", "dim"))
    page.folded(table.description, indent=2)
    facts = {
        "key": ", ".join(table.primary_key),
        "partition": table.partition_key,
        "retention by": table.age_column,
        "source": table.source,
        "notes": table.notes,
    }
    for name, fact in facts.items():
        if fact and fact.startswith("https:"):
            page.line((f"{name}: {fact}", "dim"), indent=2)
        elif fact:
            page.folded(f"{name}: {fact}", indent=2, hanging=4 + len(name), style="dim")
    page.blank()
    _columns(table, table.columns, page)


def _columns(table: Table, columns: Sequence[Column], page: Page) -> None:
    longest = max(len(column.name) for column in columns)
    for column in columns:
        mark = "*" if column.is_key else " "
        page.line(mark, f" {column.name:<{longest}}  ", (column.glue_type_observed or column.type, "cyan"))
        if column.doc:
            page.folded(column.doc, indent=6, style="dim")
        if column.name in table.join_keys:
            page.line((f"joins {table.join_keys[column.name]}", "dim"), indent=6)
    page.blank()
    page.line(f"{len(columns)} columns; * is part of the key")


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".")
