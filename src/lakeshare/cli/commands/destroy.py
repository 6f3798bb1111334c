"""``lakeshare destroy``."""

from __future__ import annotations

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.narrowing import (
    auto_approve_option,
    lock_timeout_option,
    max_deletes_option,
    remove_administrator_option,
    target_option,
)
from lakeshare.cli.shell import Shell


@click.command
@auto_approve_option
@max_deletes_option
@target_option
@remove_administrator_option
@lock_timeout_option
@click.pass_obj
def command(
    shell: Shell,
    *,
    auto_approve: bool,
    max_deletes: int | None,
    target: tuple[str, ...],
    remove_administrator: tuple[str, ...],
    lock_timeout: float,
) -> Answer:
    """
    Take away what lakeshare made, and nothing else.

    What goes is what the ledger says is ours, in the opposite order of its making. What was there before stays.
    """
    from lakeshare import app
    from lakeshare.cli.approval import Approval, require_somebody_to_ask
    from lakeshare.cli.carrying_out import answer_of, carried_out

    require_somebody_to_ask("destroy", is_approved=auto_approve)
    with carried_out(shell, lock_timeout) as (settings, interrupts):
        confirm = Approval(shell, interrupts, auto_approve, "Take all of this away?")
        removed = frozenset(remove_administrator)
        options = app.Options(target, max_deletes=max_deletes, remove_administrators=removed)
        applied = app.destroy(settings, options, confirm=confirm)
        return answer_of("destroy", shell, applied, interrupts)
