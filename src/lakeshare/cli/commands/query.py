"""``lakeshare query``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.option("--as", "reader", required=True, metavar="READER", help="The reader: the name of its role.")
@click.argument("sql")
@click.pass_obj
def command(shell: Shell, *, reader: str, sql: str) -> Answer:
    """
    Run one query as a reader.

    SQL is what Athena takes; names without a database are looked up in the share's database.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.json import query_document
    from lakeshare.report.text.table import render_table
    from lakeshare.report.words import counted

    with Interrupts(shell.last_word) as interrupts, watched(shell, f"asking as {reader}"):
        result = app.query(shell.settings(interrupts.stop), reader, sql)

    def text(page: Page) -> None:
        render_table(result.columns, result.rows, page)

    def remark(page: Page) -> None:
        page.line((f"{counted(len(result.rows), 'row')}, {result.scanned_bytes / 1_000_000:.2f} MB scanned", "dim"))

    found = query_document(reader, result.columns, result.rows, result.scanned_bytes, result.query_id)
    return Answer(found, text, remark)
