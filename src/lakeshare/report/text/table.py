"""Rows and columns: the answer to a query, a list of tables, a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.box import ASCII, SIMPLE_HEAD
from rich.table import Table

from lakeshare.report.text.page import Page, carries

NULL: Final = ""


def render_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]], page: Page) -> None:
    """
    Write *rows* under *columns*; columns of numbers are aligned to the right, null is left empty.

    On a terminal cells are folded to its width; anywhere else the table is as wide as it needs to be.
    """
    box = SIMPLE_HEAD if carries(page.console.file, "─") else ASCII
    table = Table(box=box, pad_edge=False, header_style="bold", show_edge=False)
    for index, name in enumerate(columns):
        is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(NULL if cell is None else cell for cell in row))
    with page.widened(0 if page.is_live else _needed(columns, rows)):
        page.console.print(table)


def _is_number(cell: str | None) -> bool:
    if cell is None:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _needed(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> int:
    """Return how wide the table is when nothing is folded."""
    widths = (max(len(cell or "") for cell in column) for column in zip(columns, *rows, strict=True))
    return sum(width + 3 for width in widths)
