"""Grants on the target, as checks: the owner's to the principal's account, the principal's own, columns, rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.modes import Mode
from lakeshare.access.explain.checks.queries import principals_of, sees_everything
from lakeshare.access.explain.checks.rights import Rights, rights_on
from lakeshare.access.explain.effective import Held
from lakeshare.access.explain.observed import Entry, Seen, Spot
from lakeshare.access.explain.verdict import Check

NO_PRIVILEGE = (
    "Insufficient permissions to execute the query. Principal does not have any privilege on specified resource"
)

MOST_NAMES = 8


def permission_checks(seen: Seen, mode: Mode) -> Iterator[Check]:
    """Whether Lake Formation's grants let the principal read the table, or the column that is asked about."""
    target, found = seen.target, seen.found
    assert target is not None
    assert isinstance(found, Entry)
    yield from _column_exists(seen, found)
    if mode.is_open:
        yield Check("grant", "pass", f"grants on {target}", "none is asked for: IAM alone decides")
        return
    rights = rights_on(seen, target, found)
    if seen.is_abroad:
        yield _owners(seen, target, rights)
    yield from _readers(seen, target, rights, mode)


def _owners(seen: Seen, target: Spot, rights: Rights) -> Check:
    """The owner's grant to the account, on which what is passed on there rests."""
    account, column, given = seen.asker.account_id, _asked_column(seen), rights.of_account
    looked_at = f"grants of {target.catalog} to account {account} on {target}"
    if rights.is_direct or _covers(rights.own, column):
        return Check("grant.owner", "pass", looked_at, f"the owner granted it directly: {rights.own.by[0]}")
    if given is None:
        detail = (
            f"what {target.catalog} grants does not show from here; that the share is active and the table shows"
            " speaks for it"
        )
        return Check("grant.owner", "unknown", looked_at, detail, is_presumed=isinstance(seen.from_home, Entry))
    if _covers(given, column) and not given.doubts:
        return Check("grant.owner", "pass", looked_at, f"{given.by[0]}, with the grant option")
    if given.doubts or not rights.is_sure:
        why = "; ".join(given.doubts) or "no grant shows, but not all of them may be seen from here"
        return Check("grant.owner", "unknown", looked_at, why)
    if column is not None and given.columns:
        detail = f"what {target.catalog} grants account {account} leaves {column} out, so nobody there may pass it on"
        fix = mending.grant(account, target, "SELECT", columns=(column,), grantable=True)
        return Check("grant.owner", "fail", looked_at, detail, fix, target.catalog, answer=_no_column(column))
    detail = (
        f"{target.catalog} grants account {account} no SELECT with the grant option: what is passed on there is inert"
    )
    fix = mending.grant(account, target, "SELECT", "DESCRIBE", grantable=True)
    return Check("grant.owner", "fail", looked_at, detail, fix, target.catalog, answer=NO_PRIVILEGE)


def _covers(holds: Held, column: str | None) -> bool:
    """Tell whether *holds* lets read *column*; without one, any."""
    return bool(holds.columns if column is None else holds.columns & {column, "*"})


def _readers(seen: Seen, target: Spot, rights: Rights, mode: Mode) -> Iterator[Check]:
    asker, holds = seen.asker, rights.effective
    looked_at = f"grants to {' and '.join(sorted(principals_of(seen)))} on {target} in catalog {target.catalog}"
    fix = mending.grant(asker.arn, target, "SELECT")
    if holds.columns:
        yield Check("grant.data", "pass", looked_at, _words(rights))
        yield from _column(seen, target, rights, looked_at)
        if holds.rows:
            detail = f"only rows for which {' or '.join(holds.rows)} are shown"
            yield Check("grant.rows", "pass", f"data cells filters on {target}", detail)
        return
    doubts = (*rights.own.doubts, *rights.passed_on.doubts, *(rights.of_account.doubts if rights.of_account else ()))
    if doubts or not rights.is_sure or mode.is_open is None:
        why = "; ".join(dict.fromkeys(doubts)) or "no grant shows, but not every grant can be seen from here"
        yield Check("grant.data", "unknown", looked_at, why)
        return
    if rights.reads_nothing:
        why = f"{_words(rights)}: no column of the table, and what a query of none answers is not documented"
        yield Check("grant.data", "unknown", looked_at, why)
        return
    if rights.passed_on.columns and not rights.effective.columns:
        detail = f"{rights.passed_on.by[0]}, but it was passed on without the owner's leave, and counts for nothing"
    elif rights.own.is_any or rights.passed_on.is_any or sees_everything(seen):
        detail = f"{asker.arn} may see the table, and holds no permission to read it (SELECT)"
    else:
        detail = f"{asker.arn} holds no permission on it"
    yield Check("grant.data", "fail", looked_at, detail, fix, _granted_in(seen, target, rights), answer=NO_PRIVILEGE)


def _granted_in(seen: Seen, target: Spot, rights: Rights) -> str:
    """Return the account whose administrators grant to the principal: its own, or the owner's that did so already."""
    return target.catalog if rights.is_direct else seen.asker.account_id


def _words(rights: Rights) -> str:
    return "; ".join((*rights.own.by, *rights.passed_on.by)[:2])


def _column(seen: Seen, target: Spot, rights: Rights, looked_at: str) -> Iterator[Check]:
    column, holds = seen.question.column, rights.effective
    if column is None or _is_no_column(seen, column):
        return
    name, is_sure = column.lower(), rights.is_sure and not holds.doubts
    if _covers(holds, name):
        yield Check("grant.column", "pass", looked_at, f"the grants cover {column}")
    elif not is_sure:
        yield Check(
            "grant.column", "unknown", looked_at, f"no grant on {column} shows, but not every grant may be seen"
        )
    else:
        yield Check(
            "grant.column",
            "fail",
            looked_at,
            f"the grants leave {column} out" + (f", as {seen.hidden_by} of the spec says" if seen.hidden_by else ""),
            _show_column(seen, target, name),
            _granted_in(seen, target, rights),
            answer=_no_column(column),
        )


def _show_column(seen: Seen, target: Spot, name: str) -> str:
    if seen.hidden_by:
        return f"change {seen.hidden_by} in the spec, and run `lakeshare apply`"
    return mending.grant(seen.asker.arn, target, "SELECT", columns=(name,))


def _asked_column(seen: Seen) -> str | None:
    """Return the column that the question is about, where the table has it."""
    column = seen.question.column
    return None if column is None or _is_no_column(seen, column) else column.lower()


def _is_no_column(seen: Seen, column: str) -> bool:
    return isinstance(seen.found, Entry) and bool(seen.found.columns) and column.lower() not in seen.found.columns


def _column_exists(seen: Seen, found: Entry) -> Iterator[Check]:
    column = seen.question.column
    if column is None or not found.columns:
        return
    looked_at = f"the columns of {found.spot}"
    if not _is_no_column(seen, column):
        yield Check("column", "pass", looked_at, f"{column} is one of its {len(found.columns)} columns")
        return
    more = " ..." if len(found.columns) > MOST_NAMES else ""
    yield Check(
        "column",
        "fail",
        looked_at,
        f"the table has no column {column}; it has {', '.join(found.columns[:MOST_NAMES])}{more}",
        f"lakeshare tables {found.spot.table}",
        answer=_no_column(column),
    )


def _no_column(column: str) -> str:
    """Athena says the same of a column that is not there and of one that is not granted (documented)."""
    why = "cannot be resolved or requester is not authorized to access requested resources"
    return f"COLUMN_NOT_FOUND: Column '{column}' {why}"
