"""Raises the version by the one way to change settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.resources.administrators import VERSION_KEY, cross_account_version
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.settings_document import rewrite_settings, whose
from lakeshare.resources.values import Step


def lane(step: Step) -> Lane:
    """One at a time in an account."""
    return Lane(("cross_account_version", *whose(step)), size=1, in_flight=1)


def write_versions(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps."""
    return each(run, steps, _raise)


def _raise(run: Run, step: Step) -> CrossAccountVersion:
    item: CrossAccountVersion = step.desired

    def merged(settings: dict[str, Any]) -> dict[str, Any]:
        if cross_account_version(settings) >= item.version:
            return settings
        return {**settings, "Parameters": {**settings.get("Parameters", {}), VERSION_KEY: str(item.version)}}

    rewrite_settings(run, item.place, f"cross-account version {item.version} in {item.place.alias}", merged)
    return item
