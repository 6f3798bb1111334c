"""``lakeshare explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.argument("text", nargs=-1)
@click.option(
    "--principal",
    metavar="ARN",
    help="Who asks: a role, a user, a QuickSight or SAML principal, or a reader by the name in the spec.",
)
@click.option("--table", metavar="T", help="The source's name of the table, the link, or database.link.")
@click.option("--column", metavar="C", help="One column of it; without this, any.")
@click.pass_obj
def command(
    shell: Shell, *, text: tuple[str, ...], principal: str | None, table: str | None, column: str | None
) -> Answer:
    """
    Say why somebody may read a table, or why not: every check that a query meets, and what mends the first that fails.

    With TEXT, an error message, say what it means here and what to do; that asks nothing of AWS. Exits with 0 whatever
    the verdict.
    """
    if text:
        if principal or table or column:
            raise click.UsageError("an error text is explained by itself: leave --principal, --table and --column out")
        return _of_error(" ".join(text))
    if not principal or not table:
        raise click.UsageError("give --principal and --table, or the text of an error")
    return _of_access(shell, principal, table, column)


def _of_access(shell: Shell, principal: str, table: str, column: str | None) -> Answer:
    from lakeshare import app
    from lakeshare.access.explain import Question
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.explain_document import explain_document
    from lakeshare.report.text.explain import render_explanation

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what a query would meet"):
        explained = app.explain(shell.settings(interrupts.stop), Question(principal, table, column))
    found = explain_document(explained.seen, explained.explanation, explained.calls)

    def text(page: Page) -> None:
        render_explanation(explained.seen, explained.explanation, page, shows_all=shell.lists_all)

    return Answer(found, text)


def _of_error(text: str) -> Answer:
    from lakeshare.access.known_errors import nearest_known, recognise
    from lakeshare.report.explain_document import error_text_document
    from lakeshare.report.text.explain_error import render_recognised

    found = recognise(text)
    nearest = () if found else nearest_known(text)
    return Answer(error_text_document(text, found, nearest), lambda page: render_recognised(found, nearest, page))
