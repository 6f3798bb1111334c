"""``lakeshare verify``."""

from __future__ import annotations

from pathlib import Path

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.report_files import write_report
from lakeshare.cli.shell import Shell


@click.command
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the proofs there, too, as a JUnit report.",
)
@click.option(
    "--target",
    multiple=True,
    metavar="ADDR",
    help="Only what concerns this link, grant or reader's role (a glob too). Repeatable.",
)
@click.pass_obj
def command(shell: Shell, *, junit: Path | None, target: tuple[str, ...]) -> Answer:
    """
    Prove each reader's access, and each refusal, by a query as that reader; writes nothing.

    Where nobody may act as the reader, the proof is worked out from grants and says so. Exits with 3 when a proof
    failed, with 1 when none failed but some could not be had.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.proving import ASKING, Counting, proved, view_of
    from lakeshare.cli.watching import watched
    from lakeshare.report.junit import render_junit

    with Interrupts(shell.last_word) as interrupts, watched(shell, ASKING):
        verified = app.verify(shell.settings(interrupts.stop), target, told=Counting(shell))
    if junit:
        write_report(junit, render_junit(view_of(verified)))
    return proved(verified, shell)
