"""Commands that have commands under them."""

from __future__ import annotations

from typing import Any

import click


class NoCommandError(click.UsageError):
    """A group was called without saying which of its commands; ``help`` lists them."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__("which command?", ctx)
        self.help = ctx.get_help()


class Group(click.Group):
    """A group that, called by itself, is wrong usage and shows its help (click's own ways differ by version)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"no_args_is_help": False} | options)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what comes before the command."""
        if not args and not ctx.resilient_parsing:
            raise NoCommandError(ctx)
        return super().parse_args(ctx, args)
