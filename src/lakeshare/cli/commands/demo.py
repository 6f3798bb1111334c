"""``lakeshare demo``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError

if TYPE_CHECKING:
    from lakeshare.app import Settings
    from lakeshare.cli.demo.stage import Stage
    from lakeshare.cli.demo.story import Story
    from lakeshare.cli.demo.telling import Narrator
    from lakeshare.engine.stop import StopSignal

FEWEST_TABLES: Final = 2
ALL_TABLES: Final = 48
_SLICE_SECONDS: Final = 0.25


@click.command
@click.option(
    "--tables",
    type=click.IntRange(FEWEST_TABLES, ALL_TABLES),
    metavar="N",
    default=ALL_TABLES,
    show_default=True,
    help="How many of Connect's tables to share.",
)
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    metavar="N",
    default=200,
    show_default=True,
    help="How many contacts to make up.",
)
@click.option("--keep", is_flag=True, help="Keep the sandbox and the folder until Ctrl-C.")
@click.pass_obj
def command(shell: Shell, *, tables: int, rows: int, keep: bool) -> Answer:
    """
    Play the whole story on the embedded sandbox: plan, apply, verify, plan again, and a query.

    Needs no AWS account, ignores the shell's AWS settings and connects to nothing but itself. Exits with 1 when
    anything is not as it should be.
    """
    _refuse_to_go_elsewhere(shell)
    if keep and shell.json:
        raise UsageError("--keep is for a person to look around; it does not go with --json")
    from lakeshare.cli.extras import require_sandbox

    require_sandbox()
    from lakeshare.cli.demo.isolation import isolated
    from lakeshare.cli.demo.stage import set_up
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched

    with (
        Interrupts(shell.last_word) as interrupts,
        isolated(),
        watched(shell, "setting the stage"),
        set_up(tables_wanted=tables, rows=rows) as stage,
    ):
        return _played(shell, stage, interrupts.stop, keep=keep)


def _refuse_to_go_elsewhere(shell: Shell) -> None:
    said = {"--endpoint-url": shell.endpoint_url, "--state": shell.state}
    for flag, value in said.items():
        if value is not None:
            raise UsageError(
                f"demo brings its own sandbox, spec and ledger, so it does not go with {flag}",
                hint="to try a spec of your own: `lakeshare sandbox serve`, and `lakeshare plan --endpoint-url URL`",
            )


def _played(shell: Shell, stage: Stage, stop: StopSignal, *, keep: bool) -> Answer:
    from lakeshare.app import Settings
    from lakeshare.cli.demo.story import play
    from lakeshare.cli.demo.telling import Narrator, story_document

    settings = Settings(
        stage.spec, endpoint_url=stage.endpoint_url, environ=stage.environ, listener=shell.progress, stop=stop
    )
    if shell.json:
        story = play(stage, settings, lambda _title, _show: None)
    else:
        shell.progress.hush()
        story = _told(Narrator(shell.out, shell.progress.hush), stage, settings, keep=keep)
    return Answer(story_document(story, stage), exit_code=1 if story.complaints else 0)


def _told(narrator: Narrator, stage: Stage, settings: Settings, *, keep: bool) -> Story:
    from lakeshare.cli.demo.story import play

    narrator.open(stage)
    story = play(stage, settings, narrator)
    narrator.close(story)
    if keep:
        _keep_until_ctrl_c(narrator, stage)
    return story


def _keep_until_ctrl_c(narrator: Narrator, stage: Stage) -> None:
    # From the first word of the invitation on, Ctrl-C is how the demo ends well.
    try:
        narrator.invite(stage)
        # In slices: a signal that comes just before an endless wait begins would not end it.
        while True:
            time.sleep(_SLICE_SECONDS)
    except KeyboardInterrupt:
        return
