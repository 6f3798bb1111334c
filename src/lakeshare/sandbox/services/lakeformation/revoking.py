"""Taking grants back: what goes, what goes with it, and when there was nothing to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import effective, grantors, sharing, tag_shares
from lakeshare.sandbox.services.lakeformation.cells import CellsFilters
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right, contains
from lakeshare.sandbox.services.lakeformation.keys import FilterKey, Key, PolicyKey, TableKey, TagKey
from lakeshare.sandbox.services.lakeformation.principals import (
    IAM_ALLOWED_PRINCIPALS,
    is_account,
    is_organisation,
    receiver_of,
)
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.lakeformation.tags import Tags
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

RULE_SOMETHING = rule(
    "lakeformation.revoke.something-held",
    "Revoking what nobody granted is refused; rights that come with being administrator or maker cannot be revoked.",
    tag="observed",
    source="terraform-provider-aws, lakeformation/permissions.go and issue 35160; data.all issue 588",
)

WHOLE_TABLE = switch(
    "lakeformation.revoke-whole-table",
    "What revoking SELECT on a whole table does to SELECT on some of its columns.",
    positions={
        "apart": "it stays: the two are listed apart, and each is revoked by itself",
        "together": "it goes too",
    },
    source="terraform-provider-aws, lakeformation/filter.go, lists them apart; what revoking does is not established",
    concerns=RULE_SOMETHING,
)


def revoke(
    world: World,
    place: Place,
    key: Key,
    holder: Holder,
    rights: Sequence[Right],
    options: Sequence[Right],
    *,
    by: Caller | None = None,
) -> None:
    """
    Take *rights* from *holder*, and the grant option from *options*, which leaves the right.

    Rights are matched as they were granted (a column list by column, a wildcard by its exceptions): Super leaves what
    was granted beside it. A whole account that loses a right loses what it passed on, and the share with the last one.
    *by* is who must have RAM's leave to change the share; None for AWS's own.
    """
    grants = world.store(Grants)
    held = grants.on(place, key).get(holder, {})
    rights = [*rights, *_going_along(world, held, rights)]
    taken = [right for right in rights if right in held]
    stripped = [right for right in options if right in held and held[right].grantable and right not in taken]
    if not taken and not stripped:
        raise _nothing(world, place, key, holder.principal, held.keys(), rights)
    leaving = _departures(world, place, key, holder, taken)
    if by is not None:
        for each in leaving:
            grantors.check_may_unshare(world, by, each)
    grants.remove_option(place, key, holder, stripped)
    grants.remove(place, key, holder, taken)
    for account in _reached(world, place, key, holder.principal):
        cascade(world, place, key, account)
    for each in leaving:
        sharing.unshare(world, each)
    if isinstance(key, PolicyKey):
        tag_shares.close_policy(world, place, holder.principal)


def _going_along(world: World, held: Iterable[Right], rights: Sequence[Right]) -> list[Right]:
    """Return the rights on columns that go with one on the whole table, where the switch says so."""
    if Right("SELECT") not in rights or WHOLE_TABLE.stands_at(world) == "apart":
        return []
    return [right for right in held if right.permission == "SELECT" and not right.is_whole]


def cascade(world: World, place: Place, key: Key, account: str) -> None:
    """Drop what *account* passed on of a thing, or of the tables of a wildcard, and no longer may."""
    grants = world.store(Grants)
    for passed in _passed_on(world, place, key, account):
        for holder, rights in list(grants.on(place, passed).items()):
            if holder.via == account:
                dead = [right for right in rights if not _lives_on(world, place, key, passed, account, right)]
                grants.remove(place, passed, holder, dead)


def _lives_on(world: World, place: Place, key: Key, passed: Key, account: str, right: Right) -> bool:
    """
    Whether *account* still has what *right* on *passed* hangs on, once something on *key* is gone.

    What it passed on by the owner's very policy hangs on that policy, even where it could grant by the tags alone:
    that it can by other policies only (documented: cross-account-cascading-permissions.html).
    """
    if isinstance(key, PolicyKey) and passed == key:
        given = effective.account_rights(world, place, key, account)
        return any(held.grantable and contains(wide, right) for wide, held in given)
    return effective.account_passes_on(world, place, passed, account, right)


def _passed_on(world: World, place: Place, key: Key, account: str) -> list[Key]:
    """Return what *account* may have passed on of a thing: itself, its data filters, the tables of a wildcard."""
    if isinstance(key, PolicyKey | TagKey) or (isinstance(key, TableKey) and key.is_wildcard):
        abroad = world.store(Grants).abroad(Place(account, place.region))
        return [passed for owner, passed in abroad if owner == place and _is_under(passed, key)]
    return _shared_together(world, place, key) if isinstance(key, TableKey) else [key]


def _departures(
    world: World, place: Place, key: Key, holder: Holder, taken: Sequence[Right]
) -> list[sharing.Departure]:
    """Return what leaves which shares once *taken* is gone: what the owner then grants the principal nothing on."""
    account = receiver_of(holder.principal)
    if holder.via != place.account or account in {"", place.account}:
        return []
    if isinstance(key, PolicyKey):
        return tag_shares.departures(world, place, key, holder, taken)
    grants = world.store(Grants)
    left = {
        sharing.known_as(other.principal)
        for together in _shared_together(world, place, key)
        for other, held in grants.on(place, together).items()
        if other.via == place.account and receiver_of(other.principal) == account
        if (other, together) != (holder, key) or set(held) - set(taken)
    }
    if sharing.known_as(holder.principal) in left:
        return []
    return sharing.departures(world, place, key, holder.principal, is_last=not left)


def _reached(world: World, place: Place, key: Key, principal: str) -> set[str]:
    """Return the accounts that may have passed on what *principal*, an account or many of them, loses."""
    if is_account(principal):
        return {principal} - {place.account}
    if not is_organisation(principal):
        return set()
    grants = world.store(Grants)
    under = [each for each in grants.things(place) if _is_under(each, key)]
    return {holder.via for each in under for holder in grants.on(place, each)} - {place.account}


def _shared_together(world: World, place: Place, key: Key) -> list[Key]:
    """Return what goes into shares as the same thing: a table, and the data filters on it."""
    table = key.of if isinstance(key, FilterKey) else key
    if not isinstance(table, TableKey):
        return [key]
    return [table, *(each.key for each in world.store(CellsFilters).on(place, table).values())]


def forget_table(world: World, place: Place, table: TableKey) -> None:
    """Drop the tags and data filters of a table that is no more, and what its owner granted on it and on them."""
    world.store(Tags).forget(place, table)
    grants = world.store(Grants)
    keys: list[Key] = [table, *world.store(CellsFilters).forget(place, table)]
    for key in keys:
        grants.forget(place, key)


def _is_under(passed: Key, key: Key) -> bool:
    """Whether what is passed on may hang on a grant on *key*: by tags, anything may."""
    if isinstance(key, PolicyKey | TagKey):
        return True
    if isinstance(key, TableKey) and key.is_wildcard:
        return isinstance(passed, TableKey | FilterKey) and passed.database == key.database
    return key in {passed, passed.of if isinstance(passed, FilterKey) else passed}


def _nothing(
    world: World, place: Place, key: Key, principal: str, held: object, rights: Sequence[Right]
) -> ServiceError:
    if isinstance(key, TagKey) and (held or _has_implicitly(world, place, key, principal)):
        # Of tags these words were seen where the grantee has something else, or what comes with making one. Who has
        # nothing is told as of everything else, or Terraform would not take its own revocation for done.
        message = "No permissions revoked. Revoking Tag permissions on Tags that grantee does not have permissions on."
    # The words for who holds something else, doubled as AWS has them, are also those that were seen of the group.
    elif not held and principal != IAM_ALLOWED_PRINCIPALS:
        message = "No permissions revoked. Grantee has no permissions and no grantable permissions on resource"
    else:
        lacking = ", ".join(dict.fromkeys(right.permission for right in rights))
        message = f"No permissions revoked. Grantee does not does not have:[{lacking}]"
    return RULE_SOMETHING.refuse("InvalidInputException", message)


def _has_implicitly(world: World, place: Place, key: TagKey, principal: str) -> bool:
    tag = world.store(Tags).of(place).get(key.tag)
    return (tag is not None and tag.creator == principal) or world.store(Settings).is_admin(place, principal)
