"""A plan as a tree: account and Region, kind, steps; what is alike is one line with a count and the first few names."""

from __future__ import annotations

from lakeshare.report.bunches import Bunch
from lakeshare.report.plan_view import KindView, PlaceView, PlanView, place_of, within_place
from lakeshare.report.text.findings import render_findings
from lakeshare.report.text.obstacle import render_obstacle
from lakeshare.report.text.page import STYLES, Page
from lakeshare.report.words import first_few, shortened
from lakeshare.resources.values import Action, NoOp

"""As many addresses are shown where one sentence is true of all of them."""


def render_plan(view: PlanView, page: Page, *, lists_all: bool = False, show_no_op: bool = False) -> None:
    """
    Write *view* on *page*.

    *lists_all* gives each step a line of its own; *show_no_op* lists what is in place and why nothing is done about it.
    """
    for place in view.places:
        _place(view, place, page, lists_all=lists_all)
    if show_no_op:
        _no_ops(view, page)
    _obstacles(view, page, lists_all=lists_all)
    _notes(view, page)
    render_findings(view.plan.findings, page, lists_all=lists_all)
    _in_place(view, page)
    _totals(view, page)


def _place(view: PlanView, place: PlaceView, page: Page, *, lists_all: bool) -> None:
    whom = f", as {place.operator}" if place.operator else ""
    page.line((place.name, "bold"), (f"  account {place.account_id}{whom}", "dim"))
    for kind in place.kinds:
        counts = ", ".join(f"{count} {kind.verb(action)}" for action, count in kind.counts().items())
        page.line((kind.title, "bold"), (f": {counts}", ""), indent=2)
        for bunch in kind.bunches:
            _bunch(kind, bunch, page, lists_all=lists_all)
            if bunch.is_apart:
                page.folded(pulled_in(view, bunch), indent=8, style="cyan")
    page.blank()


def _bunch(kind: KindView, bunch: Bunch[Action], page: Page, *, lists_all: bool) -> None:
    sign = page.signs.actions[bunch.action]
    verb = "revoke " if kind.verb(bunch.action) == "to revoke" else ""
    for address in bunch.addresses if lists_all else (bunch.pattern,):
        page.line((f"{sign} ", STYLES[bunch.action]), verb, within_place(address), indent=4)
    if bunch.names and not lists_all:
        page.folded(f"{bunch.size}: {first_few(bunch.names)}", indent=8, hanging=12)
    again = "; decided again right before it is done" if bunch.is_provisional and "yet" not in bunch.reason else ""
    page.folded(bunch.reason + again, indent=8, style="dim")


def pulled_in(view: PlanView, bunch: Bunch[Action]) -> str:
    """Say why steps that no ``--target`` named are in the plan all the same."""
    others = view.pulled_in_for(bunch)
    place = place_of(bunch.pattern)
    return f"pulled in for {first_few([within_place(it) if place_of(it) == place else it for it in others], shown=1)}"


def _no_ops(view: PlanView, page: Page) -> None:
    if not view.plan.no_ops:
        return
    page.line(("In place", "bold"))
    for item in view.plan.no_ops:
        page.line(item.address, (f"  {item.reason}", "dim"), indent=2)
    page.blank()


def _obstacles(view: PlanView, page: Page, *, lists_all: bool) -> None:
    if not view.plan.blockers:
        return
    page.line(("In the way: nothing is changed until this is decided", "bold red"))
    for item in view.obstacles:
        render_obstacle(item, page, lists_all=lists_all)
    page.blank()


def _notes(view: PlanView, page: Page) -> None:
    for note in view.plan.notes:
        page.folded(f"Note: {shortened(note)}", hanging=6, style="yellow")
    if not view.plan.is_complete:
        page.folded("Note: this is a first part; the rest is planned and done once these steps are.", hanging=6)
    if view.plan.notes or not view.plan.is_complete:
        page.blank()


def _in_place(view: PlanView, page: Page) -> None:
    there = [item for item in view.plan.no_ops if not item.forget and not item.is_kept]
    kept = [item for item in view.plan.no_ops if item.is_kept]
    gone = len(view.plan.no_ops) - len(there) - len(kept)
    if there:
        page.folded(_of_whom(there))
    for item in kept:
        page.folded(f"{item.address} is no longer wanted; {item.reason}", hanging=4)
    if gone:
        page.folded(f"{gone} gone, or going with the rest: the ledger will forget them.")


def _of_whom(there: list[NoOp]) -> str:
    ours = sum(item.is_ours for item in there)
    others = len(there) - ours
    if not others:
        return f"{len(there)} in place, all ours."
    verb = "exists and is" if others == 1 else "exist and are"
    return f"{len(there)} in place: {ours} ours, {others} {verb} not ours."


def _totals(view: PlanView, page: Page) -> None:
    plan = view.plan
    if not plan.has_changes and not plan.blockers:
        what = "what --target names" if plan.targets else "everything"
        page.line((f"No changes: {what} is as the spec says.", "bold"))
        return
    counts = plan.counts()
    revokes = f" ({view.revokes} of them revoked)" if view.revokes else ""
    page.line(
        ("Plan: ", "bold"),
        f"{counts.get('create', 0)} to create, {counts.get('update', 0)} to change, "
        f"{counts.get('replace', 0)} to replace, {counts.get('delete', 0)} to delete{revokes}{_of_targets(view)}.",
    )


def _of_targets(view: PlanView) -> str:
    count = len(view.plan.pulled_in)
    return f"; {count} of these pulled in, the others are what --target names" if count else ""
