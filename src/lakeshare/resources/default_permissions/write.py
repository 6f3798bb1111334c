"""Empties the defaults, or puts back what the ledger remembers, by the one way to change settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.errors import LakeshareError
from lakeshare.resources.default_permissions.model import DATABASES, TABLES, DefaultPermissions, as_rows, defaults_in
from lakeshare.resources.kind import Results, Run, each
from lakeshare.resources.settings_document import rewrite_settings, whose
from lakeshare.resources.values import Step


def lane(step: Step) -> Lane:
    """One at a time in an account."""
    return Lane(("default_permissions", *whose(step)), size=1, in_flight=1)


def write_defaults(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps."""
    return each(run, steps, _write)


def _write(run: Run, step: Step) -> DefaultPermissions | None:
    item: DefaultPermissions = step.resource
    before = {DATABASES: item.databases_before, TABLES: item.tables_before}

    def emptied(settings: dict[str, Any]) -> dict[str, Any]:
        for member, remembered in before.items():
            now = defaults_in(settings, member)
            if now and now != remembered:
                # What is not written down could not be given back.
                raise LakeshareError(
                    f"{item.address}: {member} has changed since the plan was made",
                    hint="plan again, so that what is there now is remembered",
                    address=item.address,
                    account=item.place.account_id,
                )
        full = [member for member in before if settings.get(member)]
        return {**settings, **{member: [] for member in full}}

    def given_back(settings: dict[str, Any]) -> dict[str, Any]:
        missing = {member: as_rows(rows) for member, rows in before.items() if rows and not settings.get(member)}
        return {**settings, **missing}

    if step.desired is None:
        rewrite_settings(run, item.place, f"default permissions of {item.place.alias} to be given back", given_back)
        return None
    rewrite_settings(run, item.place, f"default permissions of {item.place.alias} to be empty", emptied)
    return item
