"""What is wrong with policies, as it is shown: each thing once for all the places where it is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lakeshare.planning.policy_checks import Finding


@dataclass(frozen=True, slots=True)
class FindingView:
    """One thing, with the places (addresses, and where in the document) in which it is found."""

    id: str
    severity: str
    message: str
    mend: str
    places: tuple[str, ...]


def view_findings(findings: Iterable[Finding]) -> tuple[FindingView, ...]:
    """Gather *findings*, errors first; those that block are shown as blockers, and notes are only counted."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for item in findings:
        if not item.blocks and item.severity != "note":
            place = f"{item.address} {item.where}".rstrip()
            alike.setdefault((item.id, item.severity, item.message, item.mend), []).append(place)
    shown = (FindingView(*told, tuple(dict.fromkeys(places))) for told, places in alike.items())
    return tuple(sorted(shown, key=lambda one: one.severity != "error"))


def counted_notes(findings: Iterable[Finding]) -> str | None:
    """Say how many findings are no more than worth knowing, by id; None when there are none."""
    counts = Counter(item.id for item in findings if item.severity == "note")
    if not counts:
        return None
    named = ", ".join(f"{id_} {count}" if count > 1 else id_ for id_, count in sorted(counts.items()))
    total = sum(counts.values())
    return f"{total} {'note' if total == 1 else 'notes'} on policies: {named} (`--json` has them whole)"
