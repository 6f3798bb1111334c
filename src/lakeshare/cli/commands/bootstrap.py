"""``lakeshare bootstrap``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.narrowing import auto_approve_option
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError

if TYPE_CHECKING:
    from lakeshare.app.bootstrapping import Bootstrapped, Prepared
    from lakeshare.report.text.page import Page


@click.command
@click.option("--account", required=True, metavar="NAME", help="The account, by its name in the spec.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["awscli", "cloudformation", "terraform"]),
    help="Print it for this tool.",
)
@click.option("--apply", "is_applied", is_flag=True, help="Do it here, with the credentials that are there.")
@click.option(
    "--trusted",
    metavar="ARN",
    help="Who may enter: a role or user (or 12 digits). Without: whose credentials these are, or the spec's via.",
)
@click.option(
    "--organization", metavar="ID", help="Who enters must belong to this organisation (o-...), and shows no ExternalId."
)
@auto_approve_option
@click.pass_obj
def command(
    shell: Shell,
    *,
    account: str,
    form: str | None,
    is_applied: bool,
    trusted: str | None,
    organization: str | None,
    auto_approve: bool,
) -> Answer:
    """
    Print, or do, what an account's first administrator does once: make the operator role.

    Its trust asks whoever enters for an ExternalId, or to belong to an organisation. Its policy is the least that
    apply, verify and destroy of this spec take; when the spec has come to need more, run it again.
    """
    if is_applied == (form is not None):
        raise UsageError("say either --as awscli, cloudformation or terraform, or --apply")
    if is_applied:
        return _applied(shell, account, trusted, organization, is_approved=auto_approve)
    from lakeshare import app
    from lakeshare.report.bootstrap import RENDERERS
    from lakeshare.report.json import document

    prepared = app.bootstrap(shell.settings(), account, principal=trusted, organization=organization)
    assert form is not None
    rendered = RENDERERS[form](prepared.wanted)

    def text(page: Page) -> None:
        page.console.out(rendered, end="", highlight=False)

    found = document(
        "bootstrap",
        "ok",
        account=account,
        form=form,
        text=rendered,
        trusted=prepared.wanted.trusted.name,
        external_id_digest=prepared.digest,
    )
    return Answer(found, text, lambda page: _about_id(prepared, page, asked_for=True))


def _about_id(prepared: Prepared, page: Page, *, asked_for: bool = False) -> None:
    wanted = prepared.wanted
    page.line(f"{wanted.trusted.name} may then enter account {wanted.account_id} as {wanted.role_name}.")
    if prepared.digest is None:
        return
    page.line(f"It has to show the ExternalId whose digest is {prepared.digest}; the value is in none of this.")
    if prepared.kept:
        page.line(f"lakeshare keeps it in {prepared.kept}.")
    if prepared.shown_by and asked_for:
        page.line(f"What is printed asks for it; `{prepared.shown_by}` shows it.")


def _applied(shell: Shell, account: str, trusted: str | None, organization: str | None, *, is_approved: bool) -> Answer:
    from lakeshare import app
    from lakeshare.cli.approval import is_yes, require_somebody_to_ask
    from lakeshare.report.json import document

    require_somebody_to_ask("bootstrap --apply", is_approved=is_approved)

    def confirm(prepared: Prepared, administrator: str) -> bool:
        wanted = prepared.wanted
        shell.err.line(f"In account {wanted.account_id} ({account}), as {administrator}:")
        shell.err.line(
            f"the role {wanted.path}{wanted.role_name}, in its trust {wanted.sid}, its policy {wanted.policy_name}."
        )
        _about_id(prepared, shell.err)
        sys.stderr.flush()
        return is_approved or is_yes("Make it so?")

    made = app.bootstrap_here(shell.settings(), account, principal=trusted, organization=organization, confirm=confirm)
    found = document(
        "bootstrap",
        _status(made),
        account=account,
        administrator=made.administrator,
        done=list(made.done),
        left=list(made.left),
    )
    return Answer(found, lambda page: _told(made, page), exit_code=0 if made.is_confirmed else 1)


def _status(made: Bootstrapped) -> str:
    return "ok" if made.is_confirmed else "declined"


def _told(made: Bootstrapped, page: Page) -> None:
    if not made.is_confirmed:
        page.line("Nothing was changed.")
        return
    for sentence in (*(made.done or (f"the role {made.wanted.role_name} is as it should be",)), *made.left):
        page.folded(f"{sentence[0].upper()}{sentence[1:]}.")
