"""Rows and columns: the answer to a query, a list of tables, a history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from rich.box import ASCII, SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from lakeshare.report.text.page import Page, carries
from lakeshare.report.words import counted

NULL: Final = ""

READABLE: Final = 16
"""A column folded to fewer characters than this is a heap of fragments."""

BETWEEN: Final = 3
"""How many characters lie between one column and the next."""

Row: TypeAlias = Sequence[str | None]


def render_table(columns: Sequence[str], rows: Sequence[Row], page: Page) -> None:
    """
    Write *rows* under *columns*; columns of numbers are aligned to the right, null is left empty.

    On a terminal cells are folded to its width, and where that would leave fragments each row is a record of
    ``column: value``. Anywhere else the table is as wide as it needs to be.
    """
    widths = _widths(columns, rows)
    if page.is_live and _total(min(width, READABLE) for width in widths) > page.width:
        _records(columns, rows, page)
        return
    table = _table(columns, rows, page)
    with page.widened(0 if page.is_live else _total(widths)):
        page.console.print(table)


def _table(columns: Sequence[str], rows: Sequence[Row], page: Page) -> Table:
    box = SIMPLE_HEAD if carries(page.console.file, "─") else ASCII
    table = Table(box=box, pad_edge=False, header_style="bold", show_edge=False)
    for index, name in enumerate(columns):
        is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(NULL if cell is None else cell for cell in row))
    return table


def _records(columns: Sequence[str], rows: Sequence[Row], page: Page) -> None:
    """Write one line per cell; where there are no rows the names of the columns are the answer."""
    for number, row in enumerate(rows, 1):
        page.line((f"row {number}", "bold"))
        for name, cell in zip(columns, row, strict=True):
            page.console.print(Text.assemble("  ", (name, "dim"), ": ", NULL if cell is None else cell), soft_wrap=True)
    if not rows:
        page.line((f"no rows of {counted(len(columns), 'column')}: ", "bold"), ", ".join(columns))


def _is_number(cell: str | None) -> bool:
    if cell is None:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _widths(columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Return how wide each column is when nothing in it is folded."""
    return [
        max(cell_len(line) for cell in column for line in (cell or "").split("\n"))
        for column in zip(columns, *rows, strict=True)
    ]


def _total(widths: Iterable[int]) -> int:
    return sum(width + BETWEEN for width in widths)
