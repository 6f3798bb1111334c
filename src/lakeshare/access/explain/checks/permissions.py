"""
Grants on the target: the owner's to the principal's account, the principal's own, columns and rows. Pure.

A grant that a consumer's administrator passed on lives only while the owner's grant to the account does, with the grant
option (documented, cross-account-notes.html).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.modes import Mode
from lakeshare.access.explain.checks.queries import principals_of, sees_everything
from lakeshare.access.explain.checks.sharing import is_opened_to_tags
from lakeshare.access.explain.effective import NOTHING, SUPER, Held, held, made_it
from lakeshare.access.explain.observed import Entry, Grant, Lake, Seen, Spot, Tags
from lakeshare.access.explain.verdict import Check
from lakeshare.resources.values import Unreadable

NO_PRIVILEGE = (
    "Insufficient permissions to execute the query. Principal does not have any privilege on specified resource"
)

MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Rights:
    """
    What the principal holds on the target. ``own`` counts by itself; ``passed_on`` within ``of_account``, which is None
    where the owner's grants do not show and the share alone speaks for them.
    """

    own: Held
    passed_on: Held = NOTHING
    of_account: Held | None = None
    is_sure: bool = True
    """Whether what does not show is not there."""

    @property
    def is_direct(self) -> bool:
        """Whether the owner granted something to the principal itself, and nobody else did."""
        return self.own.is_any and not self.passed_on.is_any and self.of_account is not None

    @property
    def reads_nothing(self) -> bool:
        """Whether there is a right to read that counts, and no column that it is on."""
        is_backed = self.of_account is None or bool(self.of_account.columns)
        return not self.effective.columns and (self.own.reads or (self.passed_on.reads and is_backed))

    @property
    def effective(self) -> Held:
        """What counts."""
        if self.of_account is None:
            return self.own | self.passed_on
        if not self.of_account.is_any:
            return self.own
        return self.own | self.passed_on.within(self.of_account.columns)


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


def rights_on(seen: Seen, target: Spot, found: Entry) -> Rights:
    """Return what the principal holds on *target*."""
    columns = found.columns or ("*",)
    me = principals_of(seen)
    shared = _with_what_owners_see(seen)

    def of(lake: Lake, whom: Collection[str], *, only_grantable: bool = False) -> Held:
        holds = held(lake, target, whom, columns, only_grantable=only_grantable)
        return holds.with_keys(found.partition_keys)

    if not seen.is_abroad:
        mine = of(shared, me)
        if made_it(found, seen.asker.arn):
            mine |= Held(is_any=True, columns=frozenset(columns), by=(f"{seen.asker.arn} made the table",))
        return Rights(mine, is_sure=shared.sees_all)
    others = _by_others(shared, target.catalog)
    own = of(_by_owner(shared, target.catalog), me)
    account = _accounts_of(seen)
    lake = seen.owners if seen.owners is not None and not isinstance(seen.owners.grants, Unreadable) else shared
    opened = of(_tagged(lake), account, only_grantable=True).columns if is_opened_to_tags(seen, target) else frozenset()
    passed_on = of(_named(others), me) | _by_tags(of(_tagged(others), me), of(_selected(others), me), opened)
    if seen.owners is not None and not isinstance(seen.owners.grants, Unreadable):
        # A grant to the whole group of an account's principals does not reach across accounts.
        own |= of(_by_owner(seen.owners, target.catalog), {seen.asker.arn})
        granted = of(seen.owners, account, only_grantable=True)
        units = of(seen.owners, _units_of(seen), only_grantable=True)
        if units.columns - granted.columns:
            why = f"{units.by[0]}, and whether {seen.asker.account_id} is in that unit is not looked at"
            granted = replace(granted, is_any=True, columns=granted.columns | units.columns, doubts=(why,))
        return Rights(own, passed_on, granted, is_sure=seen.owners.sees_all and shared.sees_all)
    of_account = of(shared, account, only_grantable=True) if of(shared, account).is_any else None
    return Rights(own, passed_on, of_account, is_sure=seen.is_connects and shared.sees_all)


def _by_tags(held_by_tags: Held, selected: Held, opened: frozenset[str]) -> Held:
    """
    Return what of rights by LF-tags surely counts abroad: SELECT, on what the owner opened by LF-tags as well.

    What more they may be worth, where the owner shares by name only or by what share, AWS's documents leave open.
    """
    sure = selected.columns & opened
    if held_by_tags.columns == sure:
        return held_by_tags
    why = f"{held_by_tags.by[0]}, and what that is worth beside what the owner shared by LF-tags is not documented"
    return replace(held_by_tags, columns=sure, doubts=(*held_by_tags.doubts, why))


def _tagged(lake: Lake) -> Lake:
    return _only(lake, lambda row: bool(row.tagged))


def _selected(lake: Lake) -> Lake:
    """Return the lake with what is granted by LF-tags as SELECT, and not as a part of Super."""
    return _only(lake, lambda row: bool(row.tagged) and "SELECT" in row.permissions and SUPER not in row.permissions)


def _named(lake: Lake) -> Lake:
    return _only(lake, lambda row: not row.tagged)


def _only(lake: Lake, fits: Callable[[Grant], bool]) -> Lake:
    if isinstance(lake.grants, Unreadable):
        return lake
    return replace(lake, grants=tuple(row for row in lake.grants if fits(row)))


def _with_what_owners_see(seen: Seen) -> Lake:
    """Return the target's catalog as it shows from here, with the LF-tags and filters that only its owner sees."""
    shared, owners = seen.shared or Lake(), seen.owners
    if not seen.is_abroad:
        return shared
    if owners is not None:
        shared = replace(shared, tags={**shared.tags, **_readable(owners.tags)})
    if isinstance(shared.filters, Unreadable):
        return shared
    if owners is None or isinstance(owners.filters, Unreadable):
        return replace(shared, shows_all_filters=False)
    return replace(shared, filters={**owners.filters, **shared.filters}, shows_all_filters=owners.sees_all)


def _readable(tags: Mapping[str, Tags | Unreadable]) -> Mapping[str, Tags]:
    return {spot: each for spot, each in tags.items() if not isinstance(each, Unreadable)}


def _accounts_of(seen: Seen) -> frozenset[str]:
    """Return the owner's grantees that the account is, or is surely in."""
    account, organisation = seen.asker.account_id, seen.asker.organisation_id
    whole = {name for name in _organisations(seen) if organisation and name.endswith(f":organization/{organisation}")}
    whole |= {name for name in _organisations(seen) if organisation and f":organization/{organisation}/" in name}
    return frozenset({account, *whole})


def _units_of(seen: Seen) -> frozenset[str]:
    """Return the units of the account's organisation to which the owner grants; it may be in them or not."""
    organisation = seen.asker.organisation_id
    return frozenset(name for name in _organisations(seen) if organisation and f":ou/{organisation}/" in name)


def _organisations(seen: Seen) -> frozenset[str]:
    lakes = [lake for lake in (seen.owners, seen.shared) if lake and not isinstance(lake.grants, Unreadable)]
    rows = [row for lake in lakes if not isinstance(lake.grants, Unreadable) for row in lake.grants]
    return frozenset(row.principal for row in rows if ":organizations::" in row.principal)


def _by_owner(lake: Lake, owner: str) -> Lake:
    return _only(lake, lambda row: row.by == owner)


def _by_others(lake: Lake, owner: str) -> Lake:
    return _only(lake, lambda row: row.by != owner)


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
