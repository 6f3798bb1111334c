"""
Changes a place's Lake Formation settings by get, merge, put, read back: the one place that puts them.

PutDataLakeSettings replaces the whole document and has no etag (documented), so every key that Get returned goes back,
unknown ones too, and the document is read again afterwards: a writer in between is seen, and the merge repeated on top.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeAlias

from lakeshare.engine.wait import NotYet
from lakeshare.errors import CallError, after_acting
from lakeshare.resources.administrators import read_settings
from lakeshare.resources.dead_administrators import dead_administrators
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Step

DEADLINE_SECONDS = 120.0
"""Other tools allow two minutes for a new principal to be known to Lake Formation (observed in their code)."""

Merge: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Returns a settings document as it should be: itself, where nothing is to be changed about it."""


def one_writer(step: Step) -> frozenset[Hashable]:
    """The conflict key of all kinds that change a place's settings: two at once would lose each other's change."""
    return frozenset({("lake_settings", *whose(step))})


def whose(step: Step) -> tuple[str, str]:
    """Return the account and Region whose settings a step changes: a spec may call them by two names."""
    place: Place = step.resource.place
    return place.account_id, place.region


def rewrite_settings(run: Run, place: Place, what: str, merge: Merge) -> Mapping[str, Any]:
    """
    Bring the settings of *place* to what *merge* makes of them, and return the document as it was before.

    *what* completes "waited for". Nothing is put when *merge* changes nothing. Raises CallError, whose hint names the
    administrators that no longer exist where these are what AWS refuses, and WaitError when others keep overwriting.
    """
    first: dict[str, Any] | None = None

    def merged() -> dict[str, Any] | NotYet:
        nonlocal first
        before = read_settings(run, place)
        first = before if first is None else first
        wanted = merge(before)
        if wanted == before:
            return first
        _put(run, place, wanted)
        with after_acting():
            after = read_settings(run, place)
        if merge(after) == after:
            return first
        return NotYet("somebody else wrote the settings at the same moment")

    return run.wait_for(what, merged, deadline_seconds=DEADLINE_SECONDS)


def _put(run: Run, place: Place, settings: dict[str, Any]) -> None:
    try:
        run.aws.call(place.alias, place.region, "lakeformation", "put_data_lake_settings", DataLakeSettings=settings)
    except CallError as error:
        if "Invalid principal" in error.message and (dead := dead_administrators(run, place, settings)):
            # One dead entry makes every Put fail (documented). It is not ours, so it is not ours to remove.
            named = " ".join(f"--remove-administrator {arn}" for arn in dead)
            error.hint = (
                f"administrators of account {place.account_id} that no longer exist block every change of its settings:"
                f" `lakeshare apply {named}` takes them out with the change"
            )
        raise
