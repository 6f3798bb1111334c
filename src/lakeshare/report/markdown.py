"""A plan for a pull request: the totals in a heading, the tree as a diff, what is in the way before all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakeshare.report.bunches import Bunch
from lakeshare.report.findings_view import counted_notes, view_findings
from lakeshare.report.plan_view import VERBS, KindView, PlaceView, PlanView, within_place
from lakeshare.report.words import counted, first_few
from lakeshare.resources.values import Action

# GitHub and GitLab colour a diff's lines by their first character; `!` is a change.
DIFF_SIGNS: Final[dict[Action, str]] = {"create": "+", "update": "!", "replace": "!", "delete": "-"}


def render_markdown(view: PlanView) -> str:
    """Return *view* as Markdown."""
    return "\n".join(_parts(view)) + "\n"


def _parts(view: PlanView) -> Iterator[str]:
    plan = view.plan
    counts = plan.counts()
    yield f"### lakeshare plan: {_headline(view)}"
    yield ""
    if plan.blockers:
        yield "**In the way; nothing is changed until this is decided:**"
        yield ""
        yield from (
            f"- {first_few(f'`{address}`' for address in item.addresses)}: {_escaped(item.reason)}."
            f" Way out: {_escaped(item.way_out)}"
            for item in view.obstacles
        )
        yield ""
    if counts.get("replace") or counts.get("delete") or view.narrowed:
        less = f", {view.narrowed} with less than before" if view.narrowed else ""
        taken = f"{counts.get('delete', 0)} deleted, {counts.get('replace', 0)} replaced{less}"
        yield f"> **Takes something away:** {taken}."
        yield ""
    for place in view.places:
        yield from _place(view, place)
    for note in plan.notes:
        yield f"- Note: {_escaped(note)}"
    for item in view_findings(plan.findings):
        places = first_few(f"`{place}`" for place in item.places)
        yield f"- Policy {item.severity} `{item.id}`: {places}: {_escaped(item.message)}. Mend: {_escaped(item.mend)}"
    if notes := counted_notes(plan.findings):
        yield f"- {_escaped(notes)}"
    yield f"<sub>{len(plan.no_ops)} in place.</sub>"


def _headline(view: PlanView) -> str:
    if view.plan.blockers:
        return "blocked"
    if not view.plan.has_changes:
        return "no changes"
    counts = view.plan.counts()
    return ", ".join(f"{counts[action]} {word}" for action, word in VERBS.items() if counts.get(action))


def _place(view: PlanView, place: PlaceView) -> Iterator[str]:
    total = counted(sum(bunch.size for kind in place.kinds for bunch in kind.bunches), "step")
    whom = f", as {place.operator}" if place.operator else ""
    yield f"<details open><summary><code>{place.name}</code> (account {place.account_id}{whom}): {total}</summary>"
    yield ""
    yield "```diff"
    for kind in place.kinds:
        yield f"@@ {kind.title} @@"
        for bunch in kind.bunches:
            yield _line(kind, bunch) + _pulled_in(view, bunch)
    yield "```"
    yield "</details>"
    yield ""


def _line(kind: KindView, bunch: Bunch[Action]) -> str:
    verb = {"replace": "replace ", "delete": "revoke " if kind.verb("delete") == "to revoke" else ""}
    line = f"{DIFF_SIGNS[bunch.action]} {verb.get(bunch.action, '')}{within_place(bunch.pattern)}"
    if bunch.names:
        return f"{line}   {bunch.size}: {first_few(bunch.names)}"
    return line if bunch.action == "create" else f"{line}   {bunch.reason}"


def _pulled_in(view: PlanView, bunch: Bunch[Action]) -> str:
    return f"   (pulled in for {first_few(view.pulled_in_for(bunch), shown=1)})" if bunch.is_apart else ""


def _escaped(text: str) -> str:
    """Keep what AWS or a user said from being read as Markdown or HTML."""
    for character in "\\`*_{}[]<>#|":
        text = text.replace(character, f"\\{character}")
    return text
