"""``lakeshare drift``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.narrowing import target_option
from lakeshare.cli.report_files import write_report
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page

DIFFERENCES: Final = 2


@click.command
@target_option
@click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the differences there, too, as SARIF 2.1.0, for a code host.",
)
@click.pass_obj
def command(shell: Shell, *, target: tuple[str, ...], sarif: Path | None) -> Answer:
    """
    Compare what is there with the spec and with the ledger; changes nothing.

    Exits with 2 on any difference: something of ours that was taken away or changed, something that the spec wants and
    nobody made, something of ours that the spec no longer wants, something in the way. What others made and nobody
    asked for is no difference.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.drift_view import view_drift
    from lakeshare.report.json import drift_document
    from lakeshare.report.sarif import render_sarif
    from lakeshare.report.text.drift import render_drift

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what is there"):
        found = app.drift(shell.settings(interrupts.stop), app.Options(target))
    if sarif:
        write_report(sarif, render_sarif(found.differences, spec_path=shell.file, spec_name=found.spec_name))
    view = view_drift(found.differences)

    def text(page: Page) -> None:
        clean = f"No drift: {'what --target names' if target else 'everything'} is as the spec and the ledger say."
        render_drift(
            view,
            page,
            in_place=found.in_place,
            kept=found.kept,
            notes=found.notes,
            lists_all=shell.lists_all,
            clean=clean,
        )

    document = drift_document(
        view,
        in_place=found.in_place,
        kept=found.kept,
        notes=found.notes,
        calls=found.calls,
        is_complete=found.is_complete,
    )
    return Answer(document, text, exit_code=DIFFERENCES if found.has_changes else 0)
