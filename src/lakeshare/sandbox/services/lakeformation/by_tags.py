"""
What tag policies come to: the rights that they give on one database or table, by the tags that it carries now.

Documented in "Lake Formation tag-based access control" (lake-formation/latest/dg: lf-tag-considerations.html,
TBAC-assigning-tags.html, TBAC-notes.html). An expression means whatever carries, of every key, one of the values;
tables inherit the tags of their database, columns those of their table. Where only some columns of a table are meant,
SELECT is for these alone, and of everything that takes the whole table only DESCRIBE is left.

Nothing is worked out beforehand: an access check looks at the policies of who asks and at the tags of what is asked
about, so a grant costs the same however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation import matrix, tag_shares
from lakeshare.sandbox.services.lakeformation.grants import Grants, Held, Holder, Right, contains
from lakeshare.sandbox.services.lakeformation.keys import (
    ANY_VALUE,
    DatabaseKey,
    Expression,
    Key,
    PolicyKey,
    TableKey,
    Tagged,
    TagKey,
)
from lakeshare.sandbox.services.lakeformation.tags import Tags, matches
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.world import World

_POLICY_KINDS: Final[dict[Tagged, matrix.Kind]] = {
    "DATABASE": "LF-tag policy on databases",
    "TABLE": "LF-tag policy on tables",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """The tags of a database or a table, the table's columns, and the tags of those columns that have their own."""

    tags: Mapping[str, str]
    columns: frozenset[str] = frozenset()
    differing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """How far a policy means a thing: as a whole, or of a table those ``columns`` (in lower case) alone, maybe none."""

    is_whole: bool
    columns: frozenset[str] = frozenset()


def kind_of_policy(world: World, place: Place, key: PolicyKey) -> matrix.Kind | None:
    """Return what sort of thing a policy is, None where a tag, a value or the saved expression is not there."""
    tags = world.store(Tags)
    asked = expression_of(world, place, key)
    is_there = all(tags.has(place, tag, value) for tag, values in asked for value in values)
    return _POLICY_KINDS[key.kind] if asked and is_there else None


def expression_of(world: World, place: Place, key: PolicyKey) -> Expression:
    """Return what a policy asks for at this moment; nothing where its saved expression is not there."""
    if not key.name:
        return key.expression
    saved = world.store(Tags).expressions(place).get(key.name)
    return saved.expression if saved else ()


def rights(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> Iterator[tuple[Right, Held]]:
    """Yield the rights that tag policies give *caller* on a database or a table, and how they are held."""
    tagged = tagged_as(key)
    if tagged is None:
        return
    is_foreign = place.account != caller.account
    if is_foreign and not tag_shares.have_arrived(world, caller, place, tagged):
        return
    names = (caller.principal_arn, f"{caller.account}:IAMPrincipals")
    for _, right, held in _held(world, place, key, kind, [Holder(name, place.account) for name in names]):
        yield right, held
    if is_foreign:
        passed_on = _held(world, place, key, kind, [Holder(name, caller.account) for name in names])
        for policy, right, held in passed_on:
            yield from ((each, held) for each in _alive(world, place, key, kind, caller.account, policy, right))


def account_rights(
    world: World, place: Place, key: Key, kind: matrix.Kind, account: str
) -> Iterator[tuple[Right, Held]]:
    """Yield the rights on a thing that tag policies of its owner give another account, or what that is in."""
    holders = [Holder(name, place.account) for name in world.store(Shares).names_of(account)]
    yield from ((right, held) for _, right, held in _held(world, place, key, kind, holders))


def is_shared_with(world: World, caller: Caller, place: Place, key: Key, kind: matrix.Kind) -> bool:
    """Whether tag policies bring a thing of another account to *caller* or its account, and have arrived."""
    tagged = tagged_as(key)
    if tagged is None or not tag_shares.have_arrived(world, caller, place, tagged):
        return False
    names = (*world.store(Shares).names_of(caller.account), caller.principal_arn, f"{caller.account}:IAMPrincipals")
    return any(_held(world, place, key, kind, [Holder(name, place.account) for name in names]))


def shared_with(world: World, here: Place) -> Iterator[tuple[Place, Key]]:
    """Yield the things of others on which an account, or anybody in it, was granted something, by name or by tags."""
    for owner, key in world.store(Grants).abroad(here):
        if owner.account == here.account:
            continue
        if isinstance(key, PolicyKey):
            yield from ((owner, thing) for thing in meant(world, owner, key))
        else:
            yield owner, key


def meant(world: World, place: Place, policy: PolicyKey) -> Iterator[DatabaseKey | TableKey]:
    """Yield the databases or tables of one catalog that a policy means, wholly or in part."""
    expression = expression_of(world, place, policy)
    for database in world.store(Catalogs).databases(place):
        if policy.kind == "DATABASE":
            keys: list[DatabaseKey | TableKey] = [DatabaseKey(database.name)]
        else:
            keys = [TableKey(database.name, name) for name in sorted(database.tables)]
        yield from (key for key in keys if match(expression, carried(world, place, key)) is not None)


def account_passes_on(world: World, place: Place, policy: PolicyKey, account: str, right: Right) -> bool:
    """
    Whether *account* may grant by a policy over another account's tags.

    It may with the grant option on that very policy, each permission for itself; by other expressions where it may
    DESCRIBE every tag and value in them, though then those to whom it grants have no more than the account itself has
    on each thing (documented: permission-cascading-rules.html, cross-account-cascading-permissions.html and
    cascade-cross-account-permission-procedures.html; the bound is inferred).
    """
    grants, owner = world.store(Grants), place.account
    names = world.store(Shares).names_of(account)
    given = [each for name in names for each in grants.on(place, policy).get(Holder(name, owner), {}).items()]
    if given:
        return any(held.grantable and contains(wide, right) for wide, held in given)
    asked = expression_of(world, place, policy)
    return bool(asked) and all(_describes(world, place, names, tag, value) for tag, values in asked for value in values)


def carried(world: World, place: Place, key: DatabaseKey | TableKey) -> Carried:
    """Return the tags that a thing carries now, inherited ones too, and those of its columns."""
    tags = world.store(Tags)
    table = world.store(Catalogs).table(place, key.database, key.table) if isinstance(key, TableKey) else None
    if table is None or isinstance(key, DatabaseKey):
        return Carried(tags.carried(place, key))
    names = frozenset(name.lower() for name, _ in (*table.columns, *table.partition_keys))
    differing = {name: tags.carried(place, (key, name)) for name in tags.tagged_columns(place, key) if name in names}
    return Carried(tags.carried(place, key), names, differing)


def match(expression: Expression, what: Carried) -> Match | None:
    """Return how far an expression means what carries those tags, None where it does not at all."""
    is_meant = matches(expression, what.tags)
    if not what.columns:
        return Match(is_whole=True) if is_meant else None
    matching = {name for name, tags in what.differing.items() if matches(expression, tags)}
    columns = (what.columns - what.differing.keys() if is_meant else frozenset()) | matching
    if columns == what.columns:
        return Match(is_whole=True)
    return Match(is_whole=False, columns=columns) if columns or is_meant else None


def may_mean(world: World, place: Place, key: Key) -> bool:
    """Whether there is any policy in a catalog, and a thing of a sort that one could mean."""
    return world.store(Grants).has_policies(place) and tagged_as(key) is not None


def tagged_as(key: Key) -> Tagged | None:
    """Return which sort of policy a thing can come under, None for what is neither a database nor one table."""
    match key:
        case DatabaseKey():
            return "DATABASE"
        case TableKey():
            return None if key.is_wildcard else "TABLE"
        case _:
            return None


def _held(
    world: World, place: Place, key: Key, kind: matrix.Kind, holders: Iterable[Holder]
) -> Iterator[tuple[PolicyKey, Right, Held]]:
    """Yield what the policies of *holders* give on a thing, whether they are alive or not."""
    assert isinstance(key, DatabaseKey | TableKey)
    grants, tagged, what = world.store(Grants), tagged_as(key), None
    for holder in holders:
        for policy in grants.policies_of(place, holder):
            if policy.kind != tagged:
                continue
            what = what or carried(world, place, key)
            found = match(expression_of(world, place, policy), what)
            if found is None:
                continue
            for granted, held in grants.on(place, policy)[holder].items():
                yield from ((policy, right, kept) for right, kept in _come_to(granted, held, found, kind))


def _come_to(granted: Right, held: Held, found: Match, kind: matrix.Kind) -> Iterator[tuple[Right, Held]]:
    """Yield what one permission of a policy comes to on a thing that it means."""
    permission = granted.permission
    if found.is_whole:
        if permission == "ALL" or permission in matrix.GRANTABLE[kind]:
            yield granted, held
        else:
            # What a view or a link does not take still lets one describe it, as any permission does (inferred).
            yield Right("DESCRIBE"), replace(held, grantable=False)
        return
    kept = {"SELECT": ("SELECT",), "ALL": ("SELECT", "DESCRIBE")}.get(permission, ("DESCRIBE",))
    grantable = held.grantable and permission in {"SELECT", "DESCRIBE"}
    for column in sorted(found.columns):
        yield from ((Right(each, column), replace(held, grantable=grantable)) for each in kept)
    if not found.columns:
        # The table carries the tags and none of its columns does: it can be seen, and nothing of it (inferred).
        yield Right("DESCRIBE"), replace(held, grantable=False)


def _alive(
    world: World, place: Place, key: Key, kind: matrix.Kind, account: str, policy: PolicyKey, right: Right
) -> Iterator[Right]:
    """Yield what is left of a right that *account* passed on: what it has itself, while it may pass it on."""
    if not account_passes_on(world, place, policy, account, right):
        return
    own = [each for each, _ in account_rights(world, place, key, kind, account)]
    if any(contains(each, right) for each in own):
        yield right
        return
    yield from (each for each in own if each.column is not None and contains(right, each))


def _describes(world: World, place: Place, names: Iterable[str], tag: str, value: str) -> bool:
    """Whether any of *names* was let see a value of a tag by its owner, by whatever right on it."""
    grants = world.store(Grants)
    return any(
        right.column is None or (right.column == value and value != ANY_VALUE)
        for name in names
        for right in grants.on(place, TagKey(tag)).get(Holder(name, place.account), {})
    )
