"""
What a principal holds on the target of a query, all of Lake Formation's grants on both sides together. Pure.

A grant that a consumer's administrator passed on lives only while the owner's grant to the account does, with the grant
option (documented, cross-account-notes.html).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from lakeshare.access.explain.checks.queries import principals_of
from lakeshare.access.explain.checks.sharing import is_opened_to_tags
from lakeshare.access.explain.effective import NOTHING, SUPER, Held, held, made_it
from lakeshare.access.explain.observed import Entry, Grant, Lake, Seen, Spot, Tags
from lakeshare.resources.values import Unreadable


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


def rights_on(seen: Seen, target: Spot, found: Entry) -> Rights:
    """Return what the principal holds on *target*."""
    return _abroad(seen, target, found) if seen.is_abroad else _at_home(seen, target, found)


def _held(lake: Lake, found: Entry, target: Spot, whom: Collection[str], *, only_grantable: bool = False) -> Held:
    holds = held(lake, target, whom, found.columns or ("*",), only_grantable=only_grantable)
    return holds.with_keys(found.partition_keys)


def _at_home(seen: Seen, target: Spot, found: Entry) -> Rights:
    shared = _with_what_owners_see(seen)
    mine = _held(shared, found, target, principals_of(seen))
    if made_it(found, seen.asker.arn):
        by = (f"{seen.asker.arn} made the table",)
        mine |= Held(is_any=True, columns=frozenset(found.columns or ("*",)), by=by)
    return Rights(mine, is_sure=shared.sees_all)


def _abroad(seen: Seen, target: Spot, found: Entry) -> Rights:
    def of(lake: Lake, whom: Collection[str], *, only_grantable: bool = False) -> Held:
        return _held(lake, found, target, whom, only_grantable=only_grantable)

    me, account, shared = principals_of(seen), _accounts_of(seen), _with_what_owners_see(seen)
    owners = seen.owners if seen.owners and not isinstance(seen.owners.grants, Unreadable) else None
    others, own = _by_others(shared, target.catalog), of(_by_owner(shared, target.catalog), me)
    is_opened = is_opened_to_tags(seen, target)
    opened = of(_tagged(owners or shared), account, only_grantable=True).columns if is_opened else frozenset()
    passed_on = of(_named(others), me) | _by_tags(of(_tagged(others), me), of(_selected(others), me), opened)
    if owners is None:
        of_account = of(shared, account, only_grantable=True) if of(shared, account).is_any else None
        return Rights(own, passed_on, of_account, is_sure=seen.is_connects and shared.sees_all)
    # A grant to the whole group of an account's principals does not reach across accounts.
    own |= of(_by_owner(owners, target.catalog), {seen.asker.arn})
    granted = of(owners, account, only_grantable=True)
    units = of(owners, _units_of(seen), only_grantable=True)
    if units.columns - granted.columns:
        why = f"{units.by[0]}, and whether {seen.asker.account_id} is in that unit is not looked at"
        granted = replace(granted, is_any=True, columns=granted.columns | units.columns, doubts=(why,))
    return Rights(own, passed_on, granted, is_sure=owners.sees_all and shared.sees_all)


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
