"""An error for a person: what, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

from lakeshare.errors import BlockedError, LakeshareError, SpecError
from lakeshare.report.text.page import Page
from lakeshare.report.words import first_few


def render_error(error: LakeshareError, page: Page, *, lists_all: bool = False) -> None:
    """Write *error* on *page*, with everything it carries."""
    page.folded(f"error: {error.message}", hanging=7, style="bold red")
    if isinstance(error, SpecError):
        for mistake in error.mistakes:
            page.line(str(mistake))
    if isinstance(error, BlockedError):
        _blockers(error.blockers, page, lists_all=lists_all)
    details(error, page, indent=2)


def _blockers(blockers: Iterable[str], page: Page, *, lists_all: bool) -> None:
    """Write each reason and its way out once, with the addresses that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for blocker in blockers:
        # Addresses hold colons too, but none with a blank behind it.
        address, _, reason = blocker.partition(": ")
        by_reason.setdefault(reason, []).append(address)
    for reason, addresses in by_reason.items():
        count = f"{len(addresses)} things: " if len(addresses) > 1 else ""
        if lists_all and len(addresses) > 1:
            page.folded(f"{page.signs.failed} {count}{reason}", indent=2, hanging=6)
            for address in addresses:
                page.line(address, indent=6)
            continue
        page.folded(f"{page.signs.failed} {count}{first_few(addresses)}: {reason}", indent=2, hanging=6)


def details(error: LakeshareError, page: Page, *, indent: int) -> None:
    """Write where *error* happened, and the hint."""
    where = {
        "account": error.account,
        "region": error.region,
        "operation": error.operation,
        "request id": error.request_id,
        "at": error.address if error.address and error.address not in error.message else None,
    }
    told = ", ".join(f"{name} {value}" for name, value in where.items() if value)
    if told:
        page.folded(told, indent=indent, style="dim")
    if error.hint:
        page.folded(f"hint: {error.hint}", indent=indent, hanging=indent + 6)
