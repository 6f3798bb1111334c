"""``lakeshare policy``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page


@click.command
@click.option("--account", required=True, metavar="NAME", help="The account, by its name in the spec.")
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["apply", "verify", "destroy", "explain", "doctor"]),
    default="apply",
    show_default=True,
    help="The command that the operator is to run.",
)
@click.pass_obj
def command(shell: Shell, *, account: str, purpose: str) -> Answer:
    """
    Print the least IAM policy that the operator needs in an account for this spec; asks nothing of AWS.

    It is enough to begin from nothing, and to mend what went wrong on the way. No action in it has a wildcard. Lake
    Formation's own permissions are no part of it: those the operator has as an administrator.
    """
    from lakeshare import app
    from lakeshare.report.json import document

    policy = app.policy(shell.settings(), account, purpose)

    def text(page: Page) -> None:
        page.console.out(json.dumps(policy, indent=2), highlight=False)

    return Answer(document("policy", "ok", account=account, purpose=purpose, policy=policy), text)
