"""An explanation for a person, at night perhaps: the verdict first, then what was looked at, what fails in full."""

from __future__ import annotations

from typing import Final

from lakeshare.access.explain import Check, Explanation, Seen
from lakeshare.access.explain.observed import Entry
from lakeshare.report.text.page import Page
from lakeshare.report.words import counted

VERDICTS: Final = {
    "allow": ("can read", "bold green"),
    "deny": ("cannot read", "bold red"),
    "unknown": ("may or may not be able to read", "bold yellow"),
}


def render_explanation(seen: Seen, explanation: Explanation, page: Page, *, shows_all: bool = False) -> None:
    """
    Write the verdict, its reason and how to mend it, then every check in the order in which a query meets it.

    *shows_all* says of those that pass, too, what was looked at.
    """
    _verdict(seen, explanation, page)
    page.blank()
    page.line(("What a query meets, in its order", "bold"))
    decisive = explanation.decisive
    for check in explanation.checks:
        _check(check, page, is_decisive=check is decisive, shows_all=shows_all)
    page.blank()
    _totals(explanation, page)


def _verdict(seen: Seen, explanation: Explanation, page: Page) -> None:
    words, style = VERDICTS[explanation.verdict]
    what = f"{seen.question.column} of {seen.question.table}" if seen.question.column else seen.question.table
    page.line((seen.asker.arn, "bold"))
    page.line((f"{words} ", style), (what, "bold"), (_route(seen), "dim"))
    decisive = explanation.decisive
    if decisive is None:
        return
    page.blank()
    page.folded(f"Because: {decisive.detail}.", hanging=9)
    if decisive.answer:
        page.folded(f"A query answers: {decisive.answer}", hanging=9, style="dim")
    if decisive.fix:
        where = f" (in account {decisive.fix_in})" if decisive.fix_in else ""
        page.line(f"To mend it{where}:")
        page.line((decisive.fix, "bold"), indent=2)
    if seen.in_spec and explanation.verdict == "deny" and decisive.id != "column" and not seen.hidden_by:
        page.folded(f"Note: {seen.in_spec.text}.", hanging=6, style="yellow")


def _route(seen: Seen) -> str:
    if not isinstance(seen.entry, Entry):
        return ""
    name = str(seen.entry.spot)
    if seen.target is None or seen.target == seen.entry.spot:
        return f"  ({name})"
    return f"  ({name}, a link to {seen.target} of {seen.target.catalog})"


def _check(check: Check, page: Page, *, is_decisive: bool, shows_all: bool) -> None:
    signs = {
        "pass": (page.signs.passed, "green"),
        "fail": (page.signs.failed, "red"),
        "unknown": (page.signs.unsure, "yellow"),
    }
    sign, style = signs[check.status]
    presumed = " (nobody can see this from here; taken to be so)" if check.is_presumed else ""
    if check.status == "pass" and not shows_all:
        page.folded(f"{sign} {check.id}: {check.detail}", indent=2, hanging=6)
        return
    page.line((f"{sign} ", style), (check.id, "bold" if check.status != "pass" else ""), indent=2)
    page.folded(f"{check.detail}{presumed}", indent=6)
    page.folded(f"looked at: {check.looked_at}", indent=6, hanging=8, style="dim")
    if check.fix and check.status != "pass" and not is_decisive:
        page.line(("mend: ", "dim"), check.fix, indent=6)


def _totals(explanation: Explanation, page: Page) -> None:
    counts = {
        status: sum(check.status == status for check in explanation.checks) for status in ("pass", "fail", "unknown")
    }
    page.line(
        ("Verdict: ", "bold"),
        f"{explanation.verdict}; of {counted(len(explanation.checks), 'check')} {counts['pass']} pass,"
        f" {counts['fail']} fail, {counts['unknown']} unknown.",
    )
