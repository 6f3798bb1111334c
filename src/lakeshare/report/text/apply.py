"""What came of an apply or a destroy: totals, causes once, what is left."""

from __future__ import annotations

from typing import Final

from lakeshare.report.apply_view import ApplyView, Cause
from lakeshare.report.text.errors import details
from lakeshare.report.text.page import Page
from lakeshare.report.words import counted, first_few
from lakeshare.resources.values import Action

PAST: Final[dict[Action, str]] = {
    "create": "created",
    "update": "changed",
    "replace": "replaced",
    "delete": "deleted",
}


def render_apply(view: ApplyView, page: Page, *, lists_all: bool = False) -> None:
    """Write *view* on *page*; *lists_all* names every step that failed or was left, not only the first few."""
    if not view.is_confirmed and not view.outcomes:
        page.line("Nothing was changed.")
        return
    for cause in view.causes:
        _cause(cause, page, lists_all=lists_all)
    _notes(view, page, lists_all=lists_all)
    _left(view, page, lists_all=lists_all)
    render_loans(view, page)
    _totals(view, page)


def render_loans(view: ApplyView, page: Page) -> None:
    """Say which rights were borrowed for the run, and that they are given back, or that they are not."""
    for loan in view.loans:
        whose = f"Lake Formation administrator of {loan.alias} (account {loan.account})"
        if loan.error is None:
            page.folded(f"Given back: the operator is no {whose} any more.", hanging=4)
        else:
            page.folded(f"Not given back: the operator is still {whose}.", hanging=4, style="bold red")


def _cause(cause: Cause, page: Page, *, lists_all: bool) -> None:
    how_many = f" (and {len(cause.addresses) - 1} more like it)" if len(cause.addresses) > 1 else ""
    page.line((f"{page.signs.failed} ", "red"), (cause.addresses[0], "bold"), how_many)
    page.folded(cause.error.message, indent=4)
    details(cause.error, page, indent=4)
    if cause.waiting:
        were = counted(cause.waiting, "step was", "steps were")
        page.line((f"{were} not begun because of this", "dim"), indent=4)
    if lists_all:
        for address in cause.addresses[1:]:
            page.line(address, indent=4)
    page.blank()


def _notes(view: ApplyView, page: Page, *, lists_all: bool) -> None:
    by_note: dict[str, list[str]] = {}
    for outcome in view.outcomes:
        if outcome.note:
            by_note.setdefault(outcome.note, []).append(outcome.address)
    for note, addresses in by_note.items():
        named = ", ".join(addresses) if lists_all else first_few(addresses, shown=2)
        page.folded(f"Note: {named}: {note}", hanging=6, style="dim")


def _left(view: ApplyView, page: Page, *, lists_all: bool) -> None:
    if not view.not_begun:
        return
    page.line((f"{len(view.not_begun)} not begun:", "bold"))
    shown = view.not_begun if lists_all else view.not_begun[:10]
    for address in shown:
        page.line(address, indent=4)
    if len(shown) < len(view.not_begun):
        page.line(f"and {len(view.not_begun) - len(shown)} more (-v lists them)", indent=4)
    page.blank()


def _totals(view: ApplyView, page: Page) -> None:
    if not view.outcomes:
        page.line(("No changes: everything is as it should be.", "bold"))
        return
    done = ", ".join(f"{view.done[action]} {word}" for action, word in PAST.items() if view.done[action])
    failed = sum(outcome.status == "failed" for outcome in view.outcomes)
    kept = sum(outcome.status == "skipped" and outcome.note is not None for outcome in view.outcomes)
    skipped = sum(outcome.status == "skipped" for outcome in view.outcomes) - kept
    counts = {"found in place": view.found, "failed": failed, "not begun": skipped, "kept": kept}
    parts = [done or "nothing done", *(f"{number} {word}" if number else "" for word, number in counts.items())]
    is_well = view.status in ("ok", "declined")
    headline = {"ok": "Done: ", "declined": "Done: ", "interrupted": "Interrupted: "}.get(view.status, "Failed: ")
    page.line((headline, "bold green" if is_well else "bold red"), f"{', '.join(filter(None, parts))}.")
    if view.status == "declined":
        page.line("The rest was declined.")
    if not is_well:
        page.line("What was done is in the ledger; run again to go on from there.")
