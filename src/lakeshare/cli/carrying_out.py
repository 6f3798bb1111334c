"""What apply and destroy have in common: progress, interruption, and the answer at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lakeshare.app import Applied, Settings
from lakeshare.cli.answer import Answer
from lakeshare.cli.interrupts import Interrupts
from lakeshare.cli.shell import Shell
from lakeshare.cli.watching import watched
from lakeshare.report.apply_view import ApplyView, view_apply
from lakeshare.report.json import apply_document
from lakeshare.report.plan_view import view_plan
from lakeshare.report.text.apply import render_apply, render_loans
from lakeshare.report.text.errors import render_error
from lakeshare.report.text.plan import render_plan

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page

EXIT_CODES: Final = {"ok": 0, "failed": 1, "declined": 1, "interrupted": 130}


@contextmanager
def carried_out(shell: Shell, lock_timeout: float) -> Iterator[tuple[Settings, Interrupts]]:
    """Give the settings of a run that shows its progress and can be interrupted; it waits *lock_timeout* seconds."""
    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what is there"):
        yield replace(shell.settings(interrupts.stop), lock_timeout_seconds=lock_timeout), interrupts


def answer_of(command: str, shell: Shell, applied: Applied, interrupts: Interrupts) -> Answer:
    """Return the answer that reports *applied*."""
    view = view_apply(
        applied.outcomes,
        applied.calls,
        applied.run_id,
        is_confirmed=applied.is_confirmed,
        is_interrupted=interrupts.stop.is_requested,
        trouble=applied.trouble,
        loans=applied.loans,
    )

    def text(page: Page) -> None:
        if command == "destroy" and applied.is_confirmed and not applied.outcomes and not applied.plan.no_ops:
            page.line("Nothing here is ours: the ledger lists nothing to take away.")
            render_loans(view, page)
            return
        _render(applied, view, page, shell)

    def remark(page: Page) -> None:
        if applied.trouble:
            render_error(applied.trouble, page)

    failed = applied.trouble.exit_code if applied.trouble else EXIT_CODES["failed"]
    exit_code = failed if view.status == "failed" else EXIT_CODES[view.status]
    return Answer(apply_document(command, view, applied.plan.notes), text, remark, exit_code=exit_code)


def _render(applied: Applied, view: ApplyView, page: Page, shell: Shell) -> None:
    if applied.is_confirmed and not applied.outcomes:
        render_plan(view_plan(applied.plan), page, lists_all=shell.lists_all)
        render_loans(view, page)
    else:
        render_apply(view, page, lists_all=shell.lists_all)
