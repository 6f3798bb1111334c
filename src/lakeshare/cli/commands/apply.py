"""``lakeshare apply``."""

from __future__ import annotations

from pathlib import Path

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.narrowing import (
    auto_approve_option,
    lock_timeout_option,
    max_deletes_option,
    recover_share_option,
    remove_administrator_option,
    target_option,
)
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError


@click.command
@click.argument("planfile", required=False, type=click.Path(dir_okay=False, path_type=Path))
@auto_approve_option
@click.option("--verify", "proves", is_flag=True, help="Prove every reader's access afterwards.")
@max_deletes_option
@target_option
@recover_share_option
@remove_administrator_option
@lock_timeout_option
@click.pass_obj
def command(
    shell: Shell,
    *,
    planfile: Path | None,
    auto_approve: bool,
    proves: bool,
    max_deletes: int | None,
    target: tuple[str, ...],
    recover_share: tuple[str, ...],
    remove_administrator: tuple[str, ...],
    lock_timeout: float,
) -> Answer:
    """
    Make it so: show the plan, ask, carry it out.

    With PLANFILE (of `lakeshare plan -o`) exactly that plan is carried out, or nothing when it no longer fits. A step
    that fails stops what depends on it and nothing else; run again to go on from there.
    """
    from lakeshare import app
    from lakeshare.cli.approval import Approval, require_somebody_to_ask
    from lakeshare.cli.carrying_out import answer_of, carried_out
    from lakeshare.cli.proving import Counting, proved, together

    narrowing = {"--target": target, "--recover-share": recover_share, "--remove-administrator": remove_administrator}
    for flag, given in narrowing.items():
        if planfile and given:
            raise UsageError(f"a plan file is carried out as it is; {flag} goes with `lakeshare plan -o`")
    require_somebody_to_ask("apply", is_approved=auto_approve)
    options = app.Options(target, frozenset(recover_share), max_deletes, frozenset(remove_administrator))

    with carried_out(shell, lock_timeout) as (settings, interrupts):
        confirm = Approval(shell, interrupts, auto_approve, "Carry this out?")
        if planfile:
            applied = app.apply_from_file(settings, planfile, options, confirm=confirm)
        else:
            applied = app.apply(settings, options, confirm=confirm)
        answer = answer_of("apply", shell, applied, interrupts)
        if proves and answer.exit_code == 0 and applied.is_confirmed:
            return together(answer, proved(app.verify(settings, told=Counting(shell)), shell))
    return answer
