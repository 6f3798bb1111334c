"""``lakeshare doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.pass_obj
def command(shell: Shell) -> Answer:
    """
    Say what could keep an apply from working, account by account, and what mends it; changes nothing.

    Looks at who the operator is and may do, at administrators, quotas, invitations, policies, keys, and at what only a
    person can do. -v shows what is well, too. Exits with 1 when something blocks.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.doctor_view import view_doctor
    from lakeshare.report.json import doctor_document
    from lakeshare.report.text.doctor import render_doctor

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at each account"):
        examined = app.doctor(shell.settings(interrupts.stop))
    view = view_doctor(examined.checks, examined.calls)

    def text(page: Page) -> None:
        render_doctor(view, page, lists_all=shell.lists_all)

    return Answer(doctor_document(view), text, exit_code=1 if view.is_blocked else 0)
