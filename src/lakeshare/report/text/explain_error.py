"""What an error text means, for a person."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.access.known_errors import KnownError, Recognised
from lakeshare.report.text.page import Page


def render_recognised(found: Sequence[Recognised], nearest: Sequence[KnownError], page: Page) -> None:
    """Write what the likeliest of *found* means and what to do, then the others; *nearest* where none fits."""
    if not found:
        _unknown(nearest, page)
        return
    first, *others = found
    page.folded(first.known.pattern, hanging=4, style="bold")
    page.blank()
    page.folded(first.meaning, indent=2)
    page.blank()
    page.line(("What to do", "bold"), indent=2)
    page.folded(first.fix, indent=4)
    page.blank()
    page.folded(f"{first.known.evidence}: {first.known.source}", indent=2, hanging=4, style="dim")
    for item in others:
        page.blank()
        page.folded(f"It fits this, too: {item.known.pattern}", hanging=4)
        page.folded(item.meaning, indent=4)


def _unknown(nearest: Sequence[KnownError], page: Page) -> None:
    page.line(("This text is not known.", "bold"))
    if nearest:
        page.line("The nearest that are:")
    for item in nearest:
        page.folded(item.pattern, indent=2, hanging=4)
    page.folded("`lakeshare explain --principal ARN --table T` looks at what is there, whatever the message says.")
