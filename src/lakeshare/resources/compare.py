"""The comparison that most kinds share. A kind with a partial or a directional notion of equality writes its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Literal

from lakeshare.resources.values import Absent, Blocker, NoOp, R, Resource, Step, Unreadable, Verdict, has_unknowns

EXISTS_NOT_OURS = "exists, not ours"


def compare(
    desired: R,
    observed: R | Absent | Unreadable,
    *,
    owned: bool,
    noun: str,
    differences: Callable[[R, R], list[str]],
    when_different: Literal["update", "replace"],
    way_out: str,
) -> Verdict:
    """
    Decide what *desired* needs, given what was *observed* and whether the ledger says that it is ours.

    Absent is created; equal is left alone; different is changed when it is ours and blocks the plan when it is not.
    *differences* names each difference in words, and returns nothing when the two agree.
    """
    if isinstance(observed, Absent):
        return step("create", desired, observed, f"the {noun} is missing")
    if isinstance(observed, Unreadable):
        return step("create", desired, observed, f"cannot be seen yet: {observed.reason}")
    if has_unknowns(desired):
        return _compare_unknown(desired, observed, owned, noun, differences, when_different, way_out)
    found = differences(desired, observed)
    if not found:
        reason = "as it should be" if owned else EXISTS_NOT_OURS
        return NoOp(desired.address, desired.kind, reason, is_ours=owned, desired=desired, observed=observed)
    if owned:
        return step(when_different, desired, observed, "; ".join(found))
    return in_the_way(desired, found, noun, way_out)


def in_the_way(desired: Resource, found: list[str], noun: str, way_out: str) -> Blocker:
    """Return that something stands there by the name of *desired*, which is not ours and differs as *found* says."""
    reason = f"a different {noun} of this name exists that is not ours: {'; '.join(found)}"
    return Blocker(desired.address, desired.kind, reason, way_out)


def _compare_unknown(
    desired: R,
    observed: R,
    owned: bool,  # noqa: FBT001 - passed on as it came
    noun: str,
    differences: Callable[[R, R], list[str]],
    when_different: Literal["update", "replace"],
    way_out: str,
) -> Verdict:
    """Compare what is known of *desired*; the rest is compared when it can be seen, right before the step is done."""
    if owned:
        return step(when_different, desired, observed, "exists; compared again once what is unknown is known")
    found = _known_differences(desired, observed, differences)
    if found:
        return in_the_way(desired, found, noun, way_out)
    reason = f"a {noun} of this name exists; whether it fits shows once what is unknown is known"
    return step("create", desired, observed, reason)


def _known_differences(desired: R, observed: R, differences: Callable[[R, R], list[str]]) -> list[str]:
    """Compare what is known: fields that hold an unknown are taken to agree until it can be seen."""
    model: Any = desired
    unknown = [item.name for item in fields(model) if has_unknowns(getattr(model, item.name))]
    known: R = replace(model, **{name: getattr(observed, name) for name in unknown})
    return [] if has_unknowns(known) else differences(known, observed)


def removal(observed: R | Absent | Unreadable, last_known: R, *, noun: str) -> Verdict:
    """Decide what becomes of a thing of ours that nobody wants any more. *last_known* is the ledger's copy."""
    if isinstance(observed, Absent):
        return NoOp(last_known.address, last_known.kind, "already gone", is_ours=True, observed=last_known, forget=True)
    why_kept = getattr(observed, "kept", None)
    if why_kept:
        return NoOp(last_known.address, last_known.kind, why_kept, is_ours=True, observed=observed, is_kept=True)
    reason = f"the {noun} is no longer wanted, and the ledger says we made it"
    return Step(
        last_known.address, last_known.kind, "delete", reason, None, last_known, depends_on=last_known.depends_on
    )


def step(action: Literal["create", "update", "replace"], desired: R, observed: Any, reason: str) -> Step:
    """Make a step towards *desired*."""
    return Step(desired.address, desired.kind, action, reason, desired, observed, depends_on=desired.depends_on)


def field_differences(desired: Any, observed: Any, names: dict[str, str]) -> list[str]:
    """Name the fields in which the two differ, ``{"field": "what a person calls it"}``."""
    return [
        f"{called} is {_shown(getattr(observed, name))}, not {_shown(getattr(desired, name))}"
        for name, called in names.items()
        if getattr(desired, name) != getattr(observed, name)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = str(value) if value not in (None, "", ()) else "none"
    return text if len(text) <= 80 else text[:77] + "..."
