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
    from lakeshare.planning.policy_checks.documents import characters
    from lakeshare.report.json import document

    policy = app.policy(shell.settings(), account, purpose)

    def text(page: Page) -> None:
        page.console.out(json.dumps(policy, indent=2), highlight=False)

    length = characters(policy)
    found = document("policy", "ok", account=account, purpose=purpose, policy=policy, characters=length)
    return Answer(found, text, lambda page: _about_length(length, page))


def _about_length(length: int, page: Page) -> None:
    """Say that a policy does not fit; IAM would say so, but only after somebody has tried."""
    from lakeshare.planning.policy_checks.sizes import INLINE_CHARACTERS, MANAGED_CHARACTERS

    if length <= MANAGED_CHARACTERS:
        return
    page.folded(
        f"This policy has {length:,} characters. A managed policy takes {MANAGED_CHARACTERS:,}; all inline policies of"
        f" a role together take {INLINE_CHARACTERS:,}{'' if length <= INLINE_CHARACTERS else ', so it fits neither'}."
    )
    if length > INLINE_CHARACTERS:
        from lakeshare.planning.bootstrap import SHORTER

        page.folded(f"To make it shorter, {SHORTER}.")
