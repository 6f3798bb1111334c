"""``lakeshare tables``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError

if TYPE_CHECKING:
    from lakeshare.catalogue import Table
    from lakeshare.report.text.page import Page


@click.command
@click.option("--columns", "name", metavar="TABLE", help="The columns of one table.")
@click.pass_obj
def command(_shell: Shell, *, name: str | None) -> Answer:
    """
    List the tables of Connect's lake, or one table's columns.

    The list is what AWS documents; what an instance offers is asked of AWS when planning, and wins.
    """
    from lakeshare import catalogue
    from lakeshare.report.catalogue_view import table_document
    from lakeshare.report.json import document
    from lakeshare.report.text.catalogue import render_tables

    known = catalogue.tables()
    if name is not None:
        return _columns_of(_found(name))

    def text(page: Page) -> None:
        render_tables(known, page)

    return Answer(document("tables", "ok", tables=[table_document(table) for table in known.values()]), text)


def _found(name: str) -> Table:
    from lakeshare import catalogue

    known = catalogue.tables()
    if name not in known:
        close = catalogue.nearest(name, known)
        raise UsageError(
            f"Connect's lake has no table {name}" + (f"; did you mean {close}?" if close else ""),
            hint="`lakeshare tables` lists them",
        )
    return known[name]


def _columns_of(table: Table) -> Answer:
    from lakeshare.report.catalogue_view import columns_document, table_document
    from lakeshare.report.json import document
    from lakeshare.report.text.catalogue import render_columns

    def text(page: Page) -> None:
        render_columns(table, page)

    found = document("tables", "ok", table=table_document(table), columns=columns_document(table))
    return Answer(found, text)
