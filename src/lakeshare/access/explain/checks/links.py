"""The database and the link that a query names, what IAM says of both ends, and the one hop between. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.iam import Call, Judged, decision, iam_check
from lakeshare.access.explain.checks.queries import READ_CATALOG, lake_check
from lakeshare.access.explain.observed import Entry, EntrySeen, Seen, Spot
from lakeshare.access.explain.verdict import Check
from lakeshare.resources.values import Absent, Unreadable

ONE_HOP: Final = "target.one-hop"


def link_checks(seen: Seen) -> Iterator[Check]:
    """What a query needs of the database and the link (or table) that it names."""
    yield from _iam(seen)
    database, entry = seen.database, seen.entry
    where = ", ".join(seen.candidates) or seen.question.table
    if isinstance(database, Unreadable):
        yield Check("link.database", "unknown", f"Glue: {where}", database.reason)
    elif isinstance(database, Absent):
        yield Check(
            "link.exists",
            "fail",
            f"Glue: {where}",
            "neither the database nor a table or link of that name is there",
            seen.in_spec.text if seen.in_spec else "lakeshare tables",
            seen.asker.account_id,
            answer="SCHEMA_NOT_FOUND",
        )
        return
    else:
        yield from _database(seen, database)
    if isinstance(database, Entry) and database.target:
        return  # A database link: its tables are the target's.
    if isinstance(entry, Unreadable):
        yield Check("link.exists", "unknown", f"Glue: {where}", entry.reason)
    elif isinstance(entry, Absent):
        yield _missing(seen, where)
    else:
        what = (
            f"it is a link to {entry.target} of {entry.target.catalog}" if entry.target else "it is a table of its own"
        )
        yield Check("link.exists", "pass", f"Glue: {entry.spot}", what)
        if entry.target:
            looked_at = f"grants on {entry.spot} in catalog {entry.spot.catalog}"
            yield lake_check(seen, "link.describe", entry, entry.spot, looked_at)


def _database(seen: Seen, database: Entry) -> Iterator[Check]:
    spot = database.spot
    yield lake_check(seen, "link.database", database, spot, f"grants on the database {spot} in catalog {spot.catalog}")


def _missing(seen: Seen, where: str) -> Check:
    meant, absent = seen.meant, "no table or link of that name is there"
    in_spec, account = seen.in_spec, seen.asker.account_id
    fix = "lakeshare apply" if in_spec is None or in_spec.is_by_apply else in_spec.text
    if meant and meant.table != seen.question.table:
        absent, fix, account = f"{absent}; did you mean {meant.table}?", mending.ask(meant), ""
    return Check("link.exists", "fail", f"Glue: {where}", absent, fix, account or None, answer="TABLE_NOT_FOUND")


def _iam(seen: Seen) -> Iterator[Check]:
    """
    IAM on both ends: Glue asks about the catalog, the database and the table.

    (documented: https://docs.aws.amazon.com/athena/latest/ug/lf-athena-user-permissions.html)
    """
    if not seen.asker.is_of_iam:
        return
    spots = []
    if isinstance(seen.entry, Entry):
        spots.append(("iam.link", seen.entry.spot))
    elif isinstance(seen.database, Entry):
        spots.append(("iam.link", seen.database.spot))
    if seen.target is not None and (not spots or seen.target != spots[0][1]):
        spots.append(("iam.target", seen.target))
    for check_id, spot in spots:
        yield _reading_catalog(seen, check_id, spot)


def _reading_catalog(seen: Seen, check_id: str, spot: Spot) -> Check:
    own = spot.catalog == seen.asker.account_id
    lake = seen.home if own else seen.owners
    policy = lake.policy if lake else ()
    calls = [
        Call(action, arn)
        for action in READ_CATALOG
        for arn in spot.arns()
        if action != "glue:GetDatabase" or ":table/" not in arn
    ]
    return iam_check(
        seen,
        check_id,
        [Judged(call, decision(seen.asker, call, spot.region, policy)) for call in calls],
        looked_at=f"{seen.asker.arn}: {', '.join(READ_CATALOG)} on {', '.join(spot.arns())}",
        ok=f"IAM allows reading the catalog entries of {spot} in {spot.catalog}",
        policy_name="read-catalog-of-link" if check_id == "iam.link" else "read-catalog-of-target",
    )


def target_checks(seen: Seen) -> Iterator[Check]:
    """Whether the one hop that a query follows leads to a table."""
    target, found = seen.target, seen.found
    assert target is not None, "evaluate asks only where there is a target"
    if target.table is None:
        yield Check("target.exists", "fail", f"link {seen.entry}", "the link does not say which table it leads to")
        return
    looked_at = f"Glue: {target} in catalog {target.catalog}, {target.region}"
    beyond = _beyond(seen, target, found)
    if beyond is not None:
        yield Check(
            ONE_HOP,
            "fail",
            looked_at,
            f"the link leads to another link, to {beyond} of {beyond.catalog}; only one hop is followed",
            _link_straight(seen, beyond),
            seen.asker.account_id,
            answer="TABLE_NOT_FOUND",
        )
    elif isinstance(found, Entry):
        kind = "view" if found.is_view else "table"
        yield Check("target.exists", "pass", looked_at, f"the {kind} is there")
        if found.is_view:
            why = "it is a view, and takes rights on all that it reads; ask about each of those tables"
            yield Check("target.view", "unknown", looked_at, why)
    elif isinstance(found, Absent):
        yield _gone(seen, target, looked_at)
    elif seen.is_abroad and seen.owners is None:
        # What is not shared with us, or not any more, does not show; RAM's word follows.
        yield Check("target.exists", "unknown", looked_at, "it does not show from here", is_presumed=True)
    else:
        yield Check("target.exists", "unknown", looked_at, found.reason)


def _beyond(seen: Seen, target: Spot, found: EntrySeen) -> Spot | None:
    """Return where a second hop would lead: of a link to a link, or of a link into a database that is one."""
    is_link = isinstance(seen.entry, Entry) and target != seen.entry.spot
    if not is_link and not (isinstance(seen.database, Entry) and seen.database.target):
        return None
    if isinstance(seen.target_database, Entry) and seen.target_database.target:
        return replace(seen.target_database.target, table=target.table)
    return found.target if isinstance(found, Entry) else None


def _gone(seen: Seen, target: Spot, looked_at: str) -> Check:
    fix = None
    if isinstance(seen.entry, Entry):
        spot = seen.entry.spot
        fix = mending.aws(
            "glue",
            "delete-table",
            spot.region,
            catalog_id=spot.catalog,
            database_name=spot.database,
            name=str(spot.table),
        )
    detail = f"there is no {target}: the link is an orphan"
    return Check("target.exists", "fail", looked_at, detail, fix, seen.asker.account_id, answer="TABLE_NOT_FOUND")


def _link_straight(seen: Seen, target: Spot) -> str | None:
    """Return the commands that put a link to *target* in the place of the one that the query names."""
    if isinstance(seen.database, Entry) and seen.database.target:
        home = seen.database.spot
        drop = mending.aws("glue", "delete-database", home.region, catalog_id=home.catalog, name=home.database)
        return f"{drop} && {mending.database_link(home, target)}"
    if not isinstance(seen.entry, Entry):
        return None
    spot = seen.entry.spot
    drop = mending.aws(
        "glue", "delete-table", spot.region, catalog_id=spot.catalog, database_name=spot.database, name=str(spot.table)
    )
    return f"{drop} && {mending.link(spot, target)}"
