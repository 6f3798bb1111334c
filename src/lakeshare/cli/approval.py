"""Asking a person before something is changed."""

from __future__ import annotations

import select
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeshare.errors import UsageError

if TYPE_CHECKING:
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.shell import Shell
    from lakeshare.planning.plan import Plan

_BETWEEN_LOOKS_SECONDS = 0.25


def require_somebody_to_ask(command: str, *, is_approved: bool, flag: str = "--auto-approve") -> None:
    """Raise UsageError when *command* would have to ask and there is no terminal to answer on."""
    if not is_approved and not sys.stdin.isatty():
        raise UsageError(
            f"{command} asks before it changes anything, and there is no terminal to answer on",
            hint=f"{flag} changes it without asking",
        )


def is_yes(question: str) -> bool:
    """Ask *question* on stderr; nothing but ``yes`` is a yes."""
    sys.stderr.write(f"{question} Only `yes` does it: ")
    sys.stderr.flush()
    # A signal that comes just before a read blocks does not interrupt it, and Python's handler would wait for the
    # line; looking every so often lets Ctrl-C be heard whenever it comes.
    while not select.select([sys.stdin], [], [], _BETWEEN_LOOKS_SECONDS)[0]:
        pass
    return sys.stdin.readline().strip() == "yes"


@dataclass(frozen=True, slots=True)
class Approval:
    """Shows a plan and asks whether it is meant; from a yes on, an interruption finishes what flies."""

    shell: Shell
    interrupts: Interrupts
    is_approved: bool
    question: str

    def __call__(self, plan: Plan) -> bool:
        """Answer whether *plan* may be carried out."""
        from lakeshare.report.plan_view import view_plan
        from lakeshare.report.text.plan import render_plan

        self.shell.progress.hush()
        if not (self.shell.json and self.is_approved):
            # With --json stdout is for the document alone.
            page = self.shell.err if self.shell.json else self.shell.out
            render_plan(view_plan(plan), page, lists_all=self.shell.lists_all)
            page.blank()
            sys.stdout.flush()
        if self.is_approved or is_yes(self.question):
            self.interrupts.is_graceful = True
            return True
        return False
