"""Works out from grants alone whether a principal could read a table. Pure; a real query is the better proof."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lakeshare.planning.graph import Reading
from lakeshare.planning.plan import Plan
from lakeshare.resources.lake_grant import ALL_TABLES, IAM_ALLOWED_PRINCIPALS, Held, Key

READING = ("SELECT", "ALL", "INSERT", "DELETE")
"""Permissions that let data be read; INSERT and DELETE do too (documented, lf-permissions-reference)."""


def why_not_in_place(reading: Reading, plan: Plan, depends_on: Mapping[str, Collection[str]]) -> str | None:
    """
    Return what is missing for *reading* to work, or None when everything behind it is as it should be.

    What "as it should be" means is the plan's business: a second definition here would be a second opinion.
    """
    open_items: dict[str, str] = {step.address: step.reason for step in plan.steps}
    open_items |= {blocker.address: blocker.reason for blocker in plan.blockers}
    seen: set[str] = set()
    waiting = list(reading.addresses)
    while waiting:
        address = waiting.pop()
        if address in open_items:
            return f"{address}: {open_items[address]}"
        if address not in seen:
            seen.add(address)
            waiting.extend(depends_on.get(address, ()))
    return None


def why_readable(
    reader: str, catalog: str, database: str, table: str, held: Mapping[Key, Held], column: str | None = None
) -> str | None:
    """
    Return the grant by which *reader* (a principal) could read the table, or None when the grants show no such way.

    With *column* only grants that cover that column count. IAM's roles and users are also of their account's group.
    """
    fields = reader.split(":")
    groups = [f"{fields[4]}:IAMPrincipals"] if fields[2:3] == ["iam"] and "saml-provider/" not in reader else []
    for principal in (reader, IAM_ALLOWED_PRINCIPALS, *groups):
        for name in (table.lower(), ALL_TABLES):
            for permission in READING:
                there = held.get((principal, catalog, database.lower(), name, permission))
                if there is not None and (column is None or there.covers(column)):
                    what = f"{database}.{name}" + (f", {column}" if column else "")
                    return f"{principal} holds {permission} on {what}"
    return None
