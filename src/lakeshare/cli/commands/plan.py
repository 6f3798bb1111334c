"""``lakeshare plan``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.narrowing import (
    max_deletes_option,
    recover_share_option,
    remove_administrator_option,
    target_option,
)
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page

CHANGES: Final = 2
BLOCKED: Final = 1


@click.command
@target_option
@max_deletes_option
@recover_share_option
@remove_administrator_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@click.option(
    "--refresh-only",
    is_flag=True,
    help="Only say what of ours is gone or changed, by the ledger and whatever the spec wants.",
)
@click.option("--show-no-op", is_flag=True, help="List what is in place, too, and why nothing is done about it.")
@click.option("--markdown", is_flag=True, help="Print the plan as Markdown, for a pull request.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan there, for `apply`."
)
@click.pass_obj
def command(
    shell: Shell,
    *,
    target: tuple[str, ...],
    max_deletes: int | None,
    recover_share: tuple[str, ...],
    remove_administrator: tuple[str, ...],
    detailed_exitcode: bool,
    refresh_only: bool,
    show_no_op: bool,
    markdown: bool,
    output: Path | None,
) -> Answer:
    """
    Show what an apply would do; changes nothing.

    Exits with 1 when something is in the way of the whole.
    """
    if output == Path("-"):
        raise UsageError("-o -: a plan goes into a file", hint="`--json` prints it; `apply` takes the file only")
    if refresh_only:
        _refuse_beside_refresh(
            output=output,
            markdown=markdown,
            show_no_op=show_no_op,
            recover_share=recover_share,
            remove_administrator=remove_administrator,
            max_deletes=max_deletes is not None,
        )
        return _refreshed(shell, target, detailed_exitcode=detailed_exitcode)
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.json import plan_document
    from lakeshare.report.markdown import render_markdown
    from lakeshare.report.plan_view import view_plan
    from lakeshare.report.text.plan import render_plan

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what is there"):
        settings = shell.settings(interrupts.stop)
        options = app.Options(target, frozenset(recover_share), max_deletes, frozenset(remove_administrator))
        planned = app.plan_to_file(settings, output, options) if output else app.plan(settings, options)
    view = view_plan(planned.plan)

    def text(page: Page) -> None:
        if markdown:
            page.console.out(render_markdown(view), highlight=False)
            return
        render_plan(view, page, lists_all=shell.lists_all, show_no_op=show_no_op)

    code = BLOCKED if planned.plan.blockers else CHANGES if detailed_exitcode and planned.plan.has_changes else 0
    where = _where_it_is(output, is_blocked=bool(planned.plan.blockers))
    return Answer(plan_document(view, show_no_op=show_no_op), text, where, exit_code=code)


def _where_it_is(output: Path | None, *, is_blocked: bool) -> Callable[[Page], None]:
    def remark(page: Page) -> None:
        if output and is_blocked:
            page.line(f"The plan is in {output}; an apply refuses it as long as something is in the way.")
        elif output:
            page.line(f"The plan is in {output}; `lakeshare apply {quote(str(output))}` carries out exactly that.")

    return remark


def _refuse_beside_refresh(**others: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value]
    if given:
        raise UsageError(
            f"--refresh-only and {given[0]} do not go together",
            hint="there is nothing to apply in what --refresh-only shows; `lakeshare drift` compares with the spec too",
        )


def _refreshed(shell: Shell, target: tuple[str, ...], *, detailed_exitcode: bool) -> Answer:
    """Answer how what is there differs from the ledger."""
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched
    from lakeshare.report.drift_view import view_drift
    from lakeshare.report.json import refresh_document
    from lakeshare.report.text.drift import render_drift

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what is there"):
        found = app.refresh(shell.settings(interrupts.stop), app.Options(target))
    view = view_drift(found.differences)

    def text(page: Page) -> None:
        clean = f"No changes: {'what --target names' if target else 'everything of ours'} is as the ledger says."
        render_drift(view, page, in_place=found.in_place, notes=found.notes, lists_all=shell.lists_all, clean=clean)

    document = refresh_document(view, in_place=found.in_place, notes=found.notes, calls=found.calls)
    return Answer(document, text, exit_code=CHANGES if detailed_exitcode and found.has_changes else 0)
