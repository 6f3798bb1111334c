"""Reads the defaults from the settings document of each account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakeshare.resources.administrators import settings_or_refusal
from lakeshare.resources.default_permissions.model import DATABASES, TABLES, DefaultPermissions, defaults_in
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Unreadable


def read_defaults(run: Run, wanted: Sequence[DefaultPermissions]) -> Mapping[str, DefaultPermissions | Unreadable]:
    """Return what each account grants by default."""
    documents = run.aws.in_parallel(lambda item: settings_or_refusal(run, item.place), wanted)
    return {
        item.address: document
        if isinstance(document, Unreadable)
        else replace(item, databases=defaults_in(document, DATABASES), tables=defaults_in(document, TABLES))
        for item, document in zip(wanted, documents, strict=True)
    }
