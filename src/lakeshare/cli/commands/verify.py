"""``lakeshare verify``."""

from __future__ import annotations

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell


@click.command
@click.pass_obj
def command(shell: Shell) -> Answer:
    """
    Prove each reader's access, and each refusal, by a query as that reader; writes nothing.

    Where nobody may act as the reader, the proof is worked out from grants and says so. Exits with 3 when a proof
    failed, with 1 when none failed but some could not be had.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.proving import proved
    from lakeshare.cli.watching import watched

    with Interrupts() as interrupts, watched(shell, "asking as each reader"):
        verified = app.verify(shell.settings(interrupts.stop))
    return proved(verified, shell)
