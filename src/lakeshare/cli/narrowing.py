"""Options that several commands share."""

from __future__ import annotations

import click

target_option = click.option(
    "--target",
    multiple=True,
    metavar="ADDR",
    help="Only this address (a glob too), and what it needs. Repeatable.",
)

recover_share_option = click.option(
    "--recover-share",
    multiple=True,
    metavar="ARN",
    help="Make this expired share anew although data sets on it are not ours. Repeatable.",
)

remove_administrator_option = click.option(
    "--remove-administrator",
    multiple=True,
    metavar="ARN",
    help="Take out this Lake Formation administrator, whose role or user no longer exists. Repeatable.",
)

max_deletes_option = click.option(
    "--max-deletes",
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse a plan that deletes or revokes more than N things.",
)

lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    default=0,
    show_default=True,
    help="Wait so long for another run to let go of the ledger.",
)

auto_approve_option = click.option("--auto-approve", is_flag=True, help="Do not ask.")
