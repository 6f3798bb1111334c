"""One thing that is in the way, once for all the addresses that it holds for."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.report.plan_view import Obstacle
from lakeshare.report.text.page import Page

FIRST_FEW = 3


def render_obstacle(item: Obstacle, page: Page, *, lists_all: bool = False, more: Sequence[str] = ()) -> None:
    """Write *item*: its first few addresses (all with *lists_all*), why, what *more* there is to say, the way out."""
    for address in item.addresses if lists_all else item.addresses[:FIRST_FEW]:
        page.line((f"{page.signs.failed} ", "red"), (address, "bold"), indent=2)
    if not lists_all and len(item.addresses) > FIRST_FEW:
        page.line(f"and {len(item.addresses) - FIRST_FEW} more", indent=4)
    page.folded(item.reason, indent=6)
    for sentence in more:
        page.folded(sentence, indent=6, style="dim")
    page.folded(f"way out: {item.way_out}", indent=6, hanging=15)
