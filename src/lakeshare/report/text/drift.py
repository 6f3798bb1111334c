"""Drift as a tree, grouped as plans are: account and Region, kind, what differs, and for what is ours who made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lakeshare.planning.differences import Change
from lakeshare.report.drift_view import DriftBunch, DriftPlaceView, DriftView
from lakeshare.report.plan_view import within_place
from lakeshare.report.text.obstacle import render_obstacle
from lakeshare.report.text.page import Page
from lakeshare.report.words import counted, first_few, shortened
from lakeshare.resources.values import NoOp

SIGNS: Final[Mapping[Change, tuple[str, str]]] = {
    "missing": ("-", "red"),
    "gone": ("-", "red"),
    "changed": ("~", "yellow"),
    "unwanted": ("+", "magenta"),
    "unseen": ("?", "yellow"),
    "blocked": ("!", "bold red"),
}
"""How the thing there stands to the thing wanted, and its colour: ``-`` is what is not there, ``+`` is too much."""

WORDS: Final[Mapping[Change, str]] = {
    "missing": "missing",
    "gone": "gone",
    "changed": "changed",
    "unwanted": "no longer wanted",
    "unseen": "cannot be seen",
    "blocked": "in the way",
}

MOST_MAKINGS: Final = 3


def render_drift(
    view: DriftView,
    page: Page,
    *,
    in_place: int,
    kept: Sequence[NoOp] = (),
    notes: Sequence[str] = (),
    lists_all: bool = False,
    clean: str = "No drift: everything is as the spec and the ledger say.",
) -> None:
    """Write *view* on *page*; *lists_all* gives each difference a line, *clean* is said when there is none."""
    for place in view.places:
        _place(place, page, lists_all=lists_all)
    _blocked(view, page, lists_all=lists_all)
    for note in notes:
        page.folded(f"Note: {shortened(note)}", hanging=6, style="yellow")
    for item in kept:
        page.folded(f"{item.address} is no longer wanted; {item.reason}", hanging=4)
    if in_place:
        page.folded(f"{in_place} of ours as they should be.")
    _totals(view, page, clean)


def _place(place: DriftPlaceView, page: Page, *, lists_all: bool) -> None:
    page.line((place.name, "bold"), (f"  account {place.account_id}" if place.account_id else "", "dim"))
    for kind in place.kinds:
        counts = ", ".join(f"{count} {WORDS[change]}" for change, count in kind.counts().items())
        page.line((kind.title, "bold"), (f": {counts}", ""), indent=2)
        for item in kind.bunches:
            _bunch(item, page, lists_all=lists_all)
    page.blank()


def _bunch(item: DriftBunch, page: Page, *, lists_all: bool) -> None:
    bunch = item.bunch
    sign, style = SIGNS[bunch.action]
    for address in bunch.addresses if lists_all else (bunch.pattern,):
        page.line((f"{sign} ", style), within_place(address), indent=4)
    if bunch.names and not lists_all:
        page.folded(f"{bunch.size}: {first_few(bunch.names)}", indent=8, hanging=12)
    for sentence in (bunch.reason, *_first_makings(item.makings)):
        page.folded(sentence, indent=8, style="dim")


def _first_makings(makings: Sequence[str]) -> list[str]:
    more = len(makings) - MOST_MAKINGS
    return [*makings[:MOST_MAKINGS], *([f"and at {more} other moments"] if more > 0 else [])]


def _blocked(view: DriftView, page: Page, *, lists_all: bool) -> None:
    if not view.blocked:
        return
    page.line(("In the way: an apply changes nothing until this is decided", "bold red"))
    for item, makings in view.obstacles:
        render_obstacle(item, page, lists_all=lists_all, more=_first_makings(makings))
    page.blank()


def _totals(view: DriftView, page: Page, clean: str) -> None:
    if not view.differences:
        page.line((clean, "bold"))
        return
    counts = ", ".join(f"{count} {WORDS[change]}" for change, count in view.counts().items())
    page.line(("Drift: ", "bold"), f"{counted(len(view.differences), 'difference')}: {counts}.")
