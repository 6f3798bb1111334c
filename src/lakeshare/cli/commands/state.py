"""``lakeshare state``."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from lakeshare.cli.answer import Answer
from lakeshare.cli.approval import is_yes, require_somebody_to_ask
from lakeshare.cli.groups import Group
from lakeshare.cli.narrowing import lock_timeout_option
from lakeshare.cli.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakeshare import app
    from lakeshare.app import Adopted
    from lakeshare.report.text.page import Page
    from lakeshare.state.ledger import Entry, Run


@click.group(cls=Group)
def command() -> None:
    """Look into the ledger: what lakeshare made, and what it was about to make."""


@command.command("list")
@click.pass_obj
def list_(shell: Shell) -> Answer:
    """List what is ours, by address, and what a run that was cut short may have made."""
    from lakeshare.cli.ledgers import opened_ledger
    from lakeshare.report.json import document

    with opened_ledger(shell) as ledger:
        entries, intents, serial = ledger.entries(), ledger.intents(), ledger.serial

    def text(page: Page) -> None:
        for address in entries:
            page.line(address)
        for address, intent in intents.items():
            page.line(address, (f"  {intent.action} begun, outcome unknown; the next run looks", "yellow"))

    def remark(page: Page) -> None:
        if not entries and not intents:
            page.line("the ledger is empty: nothing is ours")

    begun = [{"address": address, "action": intent.action} for address, intent in intents.items()]
    rows = [_row(entry) for entry in entries.values()]
    return Answer(document("state list", "ok", serial=serial, entries=rows, begun=begun), text, remark)


@command.command
@click.argument("address")
@click.pass_obj
def show(shell: Shell, *, address: str) -> Answer:
    """Show what the ledger holds about ADDRESS, and what it remembers of who wants and protects it."""
    import json

    from lakeshare.cli.ledgers import not_listed, opened_ledger
    from lakeshare.report.json import document

    with opened_ledger(shell) as ledger:
        entry = ledger.get(address)
        if entry is None:
            raise not_listed(address, ledger.entries())
        guard = ledger.guards().get(address)
    whole = _row(entry) | {
        "resource": dict(entry.resource),
        "depends_on": list(entry.depends_on),
        "guard": guard and dict(guard),
    }

    def text(page: Page) -> None:
        page.console.out(json.dumps(whole, indent=2), highlight=False)

    return Answer(document("state show", "ok", entry=whole), text)


@command.command
@click.option("--limit", type=click.IntRange(min=1), metavar="N", default=20, show_default=True, help="How many runs.")
@click.pass_obj
def history(shell: Shell, *, limit: int) -> Answer:
    """List the last runs, newest first; the run's id is in CloudTrail's session names and user agents."""
    from lakeshare.cli.ledgers import opened_ledger
    from lakeshare.report.json import document
    from lakeshare.report.text.table import render_table

    with opened_ledger(shell) as ledger:
        runs = ledger.history(limit)

    def text(page: Page) -> None:
        columns = ("run", "command", "began", "by", "status", "steps")
        render_table(columns, [_history_row(run) for run in runs], page)

    return Answer(document("state history", "ok", runs=[_run_document(run) for run in runs]), text)


@command.command
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def unlock(shell: Shell, *, force: bool) -> Answer:
    """
    Take the lock away from a run that is no more.

    Rarely needed: a lock whose process is gone from this host is taken over by itself.
    """
    from lakeshare.cli.ledgers import opened_ledger
    from lakeshare.report.json import document

    with opened_ledger(shell) as ledger:
        holder = ledger.lock_holder()
        if holder is None:
            return _said("state unlock", "nobody holds the ledger")
        require_somebody_to_ask("state unlock", is_approved=force, flag="--force")
        if not force:
            sys.stderr.write(f"The ledger is held by {holder}.\n")
        if not force and not is_yes("Is that run certainly no more?"):
            return Answer(document("state unlock", "declined", holder=holder), exit_code=1)
        ledger.force_unlock()
    return _said("state unlock", f"taken from {holder}", holder=holder)


@command.command
@click.argument("patterns", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Do not ask.")
@click.pass_obj
def rm(shell: Shell, *, patterns: tuple[str, ...], force: bool) -> Answer:
    """
    Forget that ADDRESS (a glob too) is ours, and leave the thing itself alone.

    From then on it counts as somebody else's: it is neither changed nor deleted.
    """
    from lakeshare.cli.ledgers import not_listed, opened_ledger
    from lakeshare.report.json import document
    from lakeshare.state.ledger import LockOwner

    with opened_ledger(shell) as ledger:
        known = {**ledger.entries(), **ledger.intents()}
        for pattern in patterns:
            if not any(fnmatchcase(address, pattern) for address in known):
                raise not_listed(pattern, known)
        chosen = [address for address in known if any(fnmatchcase(address, pattern) for pattern in patterns)]
        require_somebody_to_ask("state rm", is_approved=force, flag="--force")
        if not force:
            sys.stderr.write("".join(f"  {address}\n" for address in chosen))
        if not force and not is_yes(f"Forget these {len(chosen)}, and leave the things themselves alone?"):
            return Answer(document("state rm", "declined"), exit_code=1)
        with ledger.lock(LockOwner.current("state-rm")):
            ledger.forget(chosen)
    return _said("state rm", f"forgot {len(chosen)}", forgotten=chosen)


@command.command
@click.argument("patterns", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Do not ask.")
@lock_timeout_option
@click.pass_obj
def adopt(shell: Shell, *, patterns: tuple[str, ...], force: bool, lock_timeout: float) -> Answer:
    """
    Take over what exists at ADDRESS (a glob too): the way out for a lost ledger.

    Only what is exactly as the spec wants it is taken over, and nothing is changed in AWS. From then on it counts as
    made by lakeshare: `destroy` takes it away. Exits with 1 when there was nothing to take over.
    """
    from lakeshare import app
    from lakeshare.cli.interrupts import Interrupts
    from lakeshare.cli.watching import watched

    require_somebody_to_ask("state adopt", is_approved=force, flag="--force")

    def confirm(found: Sequence[app.Found]) -> bool:
        shell.progress.hush()
        if force:
            return True
        sys.stderr.write("".join(f"  {item.address}\n" for item in found))
        return is_yes(f"Take these {len(found)} over, so that `destroy` takes them away?")

    with Interrupts(shell.last_word) as interrupts, watched(shell, "looking at what is there"):
        settings = replace(shell.settings(interrupts.stop), lock_timeout_seconds=lock_timeout)
        adopted = app.adopt(settings, patterns, confirm=confirm)
    return _adopted(adopted)


def _adopted(adopted: Adopted) -> Answer:
    from lakeshare.report.json import document

    left = [{"address": item.address, "status": item.status, "reason": item.reason} for item in adopted.left]
    taken = [{"address": item.address, "reason": item.reason} for item in adopted.taken]

    def text(page: Page) -> None:
        for item in adopted.taken:
            page.line(item.address, *([] if item.is_whole else [(f"  {item.reason}", "yellow")]))

    def remark(page: Page) -> None:
        for item in adopted.left:
            page.line(f"left: {item.address}", (f"  {item.reason}", "dim"))
        page.line(f"took over {len(taken)}" if taken else "nothing was taken over")

    status = "ok" if taken else "failed" if adopted.is_confirmed else "declined"
    members = {"run_id": adopted.run_id, "adopted": taken, "left": left}
    return Answer(document("state adopt", status, **members), text, remark, exit_code=0 if taken else 1)


def _said(name: str, sentence: str, **members: Any) -> Answer:
    from lakeshare.report.json import document

    def remark(page: Page) -> None:
        page.line(sentence)

    return Answer(document(name, "ok", **members), remark=remark)


def _row(entry: Entry) -> dict[str, Any]:
    return {"address": entry.address, "kind": entry.kind, "made_at": _moment(entry.made_at), "run_id": entry.run_id}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _history_row(run: Run) -> tuple[str | None, ...]:
    steps = ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.outcomes.items()))
    return (
        run.run_id,
        run.command,
        _moment(run.started_at),
        f"{run.user}@{run.host}",
        run.status or "cut short",
        steps,
    )


def _run_document(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "command": run.command,
        "user": run.user,
        "host": run.host,
        "started_at": _moment(run.started_at),
        "ended_at": _moment(run.ended_at),
        "status": run.status,
        "spec_digest": run.spec_digest,
        "outcomes": dict(run.outcomes),
    }
