"""Reads the version from the settings document of each account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.resources.administrators import cross_account_version, settings_or_refusal
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Unreadable


def read_versions(run: Run, wanted: Sequence[CrossAccountVersion]) -> Mapping[str, CrossAccountVersion | Unreadable]:
    """Return the version that each account has."""
    documents = run.aws.in_parallel(lambda item: settings_or_refusal(run, item.place), wanted)
    return {
        item.address: document
        if isinstance(document, Unreadable)
        else replace(item, version=cross_account_version(document))
        for item, document in zip(wanted, documents, strict=True)
    }
