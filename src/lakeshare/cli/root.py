"""The commands by name, the global flags, and what to say to a name that is none."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import click

from lakeshare.cli.groups import Group
from lakeshare.cli.shell import DEFAULT_FILE, Shell

COMMANDS: Final[dict[str, str]] = {
    "demo": "Play the whole story on the embedded sandbox.",
    "init": "Write a commented lakeshare.yaml to begin with.",
    "validate": "Check the spec alone; asks nothing of AWS.",
    "plan": "Show what an apply would do; changes nothing.",
    "apply": "Make it so: show the plan, ask, carry it out.",
    "verify": "Prove each reader's access, and each refusal, by a query.",
    "query": "Run one query as a reader.",
    "explain": "Say why somebody may read a table, or what an error means.",
    "destroy": "Take away what lakeshare made, and nothing else.",
    "drift": "Say how what is there differs from spec and ledger.",
    "bootstrap": "Print, or do, what an account's first administrator does once.",
    "doctor": "Say what could keep an apply from working, and what mends it.",
    "policy": "Print the least IAM policy that the operator needs in an account.",
    "tables": "List the tables of Connect's lake, or one table's columns.",
    "schema": "Print the JSON Schema of the spec, for editors.",
    "state": "Look into the ledger: what lakeshare made.",
    "sandbox": "Serve an AWS that says no, on this machine.",
}
"""Every command with its one line of help, in the order of a person's work; ``commands/NAME.py`` has the rest."""

NOT_BUILT: Final = ("watch", "import", "export", "report")
"""Commands that are designed, so that somebody may try them, and to come."""


def _set(field: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def remember(ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            setattr(ctx.ensure_object(Shell), field, value)

    return remember


def _count_up(ctx: click.Context, _parameter: click.Parameter, value: int) -> None:
    ctx.ensure_object(Shell).verbosity += value


def _set_endpoint(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise click.BadParameter(f"{value} is no URL like http://127.0.0.1:4577", ctx, param_hint="--endpoint-url")
    ctx.ensure_object(Shell).endpoint_url = value


def _open_log(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from lakeshare.cli.log import log_to_file

    try:
        log_to_file(value)
    except OSError as error:
        raise click.BadParameter(f"{value} cannot be written: {error.strerror}", ctx) from error
    ctx.ensure_object(Shell).log_file = value


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        from lakeshare._version import __version__

        click.echo(f"lakeshare {__version__}")
        ctx.exit()


def global_flags(*, hidden: bool) -> list[click.Option]:
    """Return the global flags afresh: each command has its own, so that they may stand after it too."""

    def flag(*names: str, field: str, help: str, **more: Any) -> click.Option:  # noqa: A002 - click's own word
        return click.Option(names, help=help, hidden=hidden, expose_value=False, callback=_set(field), **more)

    return [
        flag("-f", "--file", field="file", metavar="PATH", help=f"The spec; {DEFAULT_FILE} when it is not said."),
        flag("--state", field="state", metavar="URL", help="The ledger: a path, sqlite:///PATH, or s3://BUCKET/KEY."),
        click.Option(
            ("--endpoint-url",),
            metavar="URL",
            hidden=hidden,
            expose_value=False,
            callback=_set_endpoint,
            help="Send every call there instead of to AWS.",
        ),
        click.Option(
            ("-v", "--verbose"),
            count=True,
            hidden=hidden,
            expose_value=False,
            callback=_count_up,
            help="Say more: every line, and the traceback of a failure that should not be.",
        ),
        click.Option(
            ("--log-file",),
            metavar="PATH",
            hidden=hidden,
            expose_value=False,
            callback=_open_log,
            help="Write down what happens, with the time.",
        ),
        flag(
            "--color",
            field="color",
            type=click.Choice(["auto", "always", "never"]),
            help="Colours; NO_COLOR and FORCE_COLOR are honoured too.",
        ),
        flag("--json", field="json", is_flag=True, default=None, help="Print one JSON document."),
        click.Option(
            ("--version",),
            is_flag=True,
            is_eager=True,
            hidden=hidden,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        ),
    ]


EPILOG: Final = "Global flags (-f, --state, --json, -v ...) may follow too; `lakeshare --help` lists them."


def with_global_flags(command: click.Command) -> click.Command:
    """Let the global flags stand after *command* and whatever is under it."""
    command.params.extend(global_flags(hidden=True))
    command.epilog = EPILOG
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_global_flags(below)
    return command


class Commands(Group):
    """The root: imports a command's module when the command is called for, and no earlier."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """List all names, in the order of a person's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command called *name*, ready to be parsed; None when there is none."""
        if name not in COMMANDS:
            return None
        if name not in self.commands:
            command: click.Command = import_module(f"lakeshare.cli.commands.{name}").command
            command.name, command.short_help = name, COMMANDS[name]
            self.commands[name] = with_global_flags(command)
        ctx.ensure_object(Shell).command = name
        return self.commands[name]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name that is none gets the nearest one that is."""
        name = args[0]
        if name in COMMANDS or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if name in NOT_BUILT:
            raise click.UsageError(f"`lakeshare {name}` is not built yet", ctx)
        from lakeshare.catalogue.nearest import nearest

        meant = nearest(name, COMMANDS)
        raise click.UsageError(f"there is no command {name}" + (f"; did you mean {meant}?" if meant else ""), ctx)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into the help without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


root = Commands(
    name="lakeshare",
    params=list(global_flags(hidden=False)),
    help="Share an Amazon Connect analytics data lake across AWS accounts, as code.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
