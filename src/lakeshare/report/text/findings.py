"""What is wrong with policies, each thing once for all the places where it is so."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.planning.policy_checks import Finding
from lakeshare.report.findings_view import counted_notes, view_findings
from lakeshare.report.text.page import Page
from lakeshare.report.words import first_few

_STYLES = {"error": "red", "warning": "yellow"}


def render_findings(findings: Sequence[Finding], page: Page, *, lists_all: bool = False) -> None:
    """Write *findings* on *page*: id, what is wrong, the first few places (all with *lists_all*), the mend."""
    shown, notes = view_findings(findings), counted_notes(findings)
    for item in shown:
        style = _STYLES[item.severity]
        page.folded(f"Policy {item.severity}: {item.message} ({item.id})", hanging=6, style=style)
        for place in item.places if lists_all else (first_few(item.places),):
            page.folded(f"at {place}", indent=6, hanging=9)
        page.folded(f"mend: {item.mend}", indent=6, hanging=12)
    if notes:
        page.folded(notes, style="dim")
    if shown or notes:
        page.blank()
