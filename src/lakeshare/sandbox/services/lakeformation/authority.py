"""Who may grant and revoke: the administrators of a catalog, holders of the grant option, makers, and consumers."""

from __future__ import annotations

from collections.abc import Sequence

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.rules import Rule, rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import effective
from lakeshare.sandbox.services.lakeformation.grants import Right
from lakeshare.sandbox.services.lakeformation.keys import (
    CatalogKey,
    DatabaseKey,
    ExpressionKey,
    FilterKey,
    Key,
    PolicyKey,
    TableKey,
    TagKey,
    name_of,
)
from lakeshare.sandbox.services.lakeformation.principals import account_of, is_of_identity_center
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

RULE_AUTHORISED = rule(
    "lakeformation.grant.authorised",
    "To grant or revoke one is a data lake administrator of the catalog, made the thing, or holds the permission with "
    "the grant option; a thing that does not exist is refused in the same words.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/implicit-permissions.html; the message is observed",
)
RULE_EXISTS = rule(
    "lakeformation.grant.exists",
    "An administrator is told that a thing does not exist in its catalog.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/error-message-update.html",
)
RULE_OWN_PRINCIPALS = rule(
    "lakeformation.grant.own-principals",
    "A consumer passes a shared thing on to IAM principals of its own account only: not to another account, not to "
    "IAMAllowedPrincipals.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html",
)
RULE_IDENTITY_CENTER = rule(
    "lakeformation.grant.identity-center-shared",
    "A consumer passes a thing that RAM shared with it on to users and groups of IAM Identity Center too.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/grant-permissions-sso.html",
)
IDENTITY_CENTER = switch(
    "lakeformation.identity-center-on-shared",
    "Whether an account grants users and groups of IAM Identity Center what another account shared with it.",
    positions={
        "shared": "it can, where RAM shared the thing: to cascade permissions one must use RAM, says the page's note",
        "own": "it cannot: permissions are granted on resources of one's own account only, says the same note",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/grant-permissions-sso.html",
    concerns=RULE_IDENTITY_CENTER,
)
RULE_ARRIVED = rule(
    "lakeformation.grant.share-accepted",
    "A consumer passes a shared thing on only once the share that carries it is accepted and associated.",
    tag="observed",
    source="data.all issues 526 and 588",
)


RULE_GLUE = rule(
    "lakeformation.grant.glue-read",
    "Whoever grants or revokes on a database or table needs IAM's glue:GetDatabase or glue:GetTable on it, the owner's "
    "included.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/required-permissions-for-grant.html, which lists one "
    "set of permissions for both; the message is observed (data.all issues 526 and 588), for revokes it is inferred",
)


def check_may_grant(
    world: World, caller: Caller, place: Place, key: Key, principal: str, rights: Sequence[Right]
) -> None:
    """Refuse a caller that may not grant *rights* on a thing to *principal*."""
    if place.account == caller.account:
        _check_owner(world, caller, place, key, rights)
    else:
        _check_consumer(world, caller, place, key, principal, rights)
    check_glue(world, caller, place, key)


def check_may_revoke(world: World, caller: Caller, place: Place, key: Key, rights: Sequence[Right]) -> None:
    """
    Refuse a caller that may not revoke *rights* on a thing.

    An administrator may revoke what its account granted even when the thing, or its share, is gone.
    """
    check_glue(world, caller, place, key)
    home = Place(caller.account, place.region)
    if world.store(Settings).is_admin(home, caller.principal_arn):
        return
    if not all(effective.may_pass_on(world, caller, place, key, right) for right in rights):
        raise not_authorised()


def not_authorised() -> ServiceError:
    """Return the refusal that does not tell whether the thing exists."""
    message = "Resource does not exist or requester is not authorized to access requested permissions."
    return RULE_AUTHORISED.refuse("AccessDeniedException", message)


def not_found(key: Key) -> ServiceError:
    """Return what an administrator is told of a thing that is not there."""
    match key:
        case TagKey() | PolicyKey():
            message = "Tag or tag value does not exist."
        case ExpressionKey():
            message = "LF-Tag expression not found."
        case CatalogKey():
            message = "Catalog not found."
        case FilterKey():
            message = "Data cells filter not found."
        case TableKey() if not key.is_wildcard:
            message = "Table not found."
        case _:
            message = "Database not found."
    return RULE_EXISTS.refuse("EntityNotFoundException", message)


def check_glue(world: World, caller: Caller, place: Place, key: Key) -> None:
    """Refuse a grantor whom IAM does not let look at the thing in Glue."""
    arns: tuple[str, ...]
    match key:
        case DatabaseKey(database):
            action, arns = "glue:GetDatabase", (place.catalog_arn, place.database_arn(database))
        case TableKey(database, table) | FilterKey(database, table, _):
            arns = (place.catalog_arn, place.database_arn(database), place.table_arn(database, table))
            action = "glue:GetTable"
        case _:
            return
    try:
        authorize(world, caller, action, *arns)
    except ServiceError as error:
        raise _insufficient_glue(RULE_GLUE, key) from error


def _insufficient_glue(broken: Rule, key: Key) -> ServiceError:
    kind = (
        "database" if isinstance(key, DatabaseKey) else "table" if isinstance(key, TableKey | FilterKey) else "LF-Tag"
    )
    return broken.refuse("AccessDeniedException", f"Insufficient Glue permissions to access {kind} {name_of(key)}")


def _check_owner(world: World, caller: Caller, place: Place, key: Key, rights: Sequence[Right]) -> None:
    is_there = effective.kind_of(world, place, key) is not None
    if world.store(Settings).is_admin(place, caller.principal_arn):
        if not is_there:
            raise not_found(key)
        return
    if not is_there or not all(effective.may_pass_on(world, caller, place, key, right) for right in rights):
        raise not_authorised()


def _check_consumer(
    world: World, caller: Caller, place: Place, key: Key, principal: str, rights: Sequence[Right]
) -> None:
    if is_of_identity_center(principal):
        if IDENTITY_CENTER.stands_at(world) == "own":
            message = "Not authorized to grant permissions for the resource"
            raise RULE_IDENTITY_CENTER.refuse("AccessDeniedException", message)
    elif account_of(principal) != caller.account or principal == caller.account:
        message = "Not authorized to grant permissions for the resource"
        raise RULE_OWN_PRINCIPALS.refuse("AccessDeniedException", message)
    account = caller.account
    if effective.kind_of(world, place, key) is None:
        raise not_authorised()
    if not all(effective.account_passes_on(world, place, key, account, right) for right in rights):
        raise not_authorised()
    if not effective.has_arrived(world, caller, place, key):
        raise _insufficient_glue(RULE_ARRIVED, key)
    is_admin = world.store(Settings).is_admin(Place(account, place.region), caller.principal_arn)
    if not is_admin and not all(effective.may_pass_on(world, caller, place, key, right) for right in rights):
        raise not_authorised()
