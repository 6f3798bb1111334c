"""Grants to other accounts: what may leave, under which version of the settings, and the share that carries it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation import effective, grantors, matrix, sharing, tag_shares
from lakeshare.sandbox.services.lakeformation.keys import DatabaseKey, Key, PolicyKey, TableKey
from lakeshare.sandbox.services.lakeformation.principals import account_of, is_account, is_organisation
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

DIRECT_VERSION: Final = 3
HYBRID_VERSION: Final = 4

RULE_NOT_ABROAD = rule(
    "lakeformation.grant.not-abroad",
    "ALL and DROP on a database, and SUPER_USER on a catalog, are not granted to other accounts or their principals.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html; the message is ours",
)
RULE_DIRECT = rule(
    "lakeformation.grant.direct-version",
    "Granting to a principal of another account takes CROSS_ACCOUNT_VERSION 3 or above with the grantor.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is ours",
)
RULE_ILLEGAL = rule(
    "lakeformation.grant.illegal-combination",
    "Below CROSS_ACCOUNT_VERSION 4 what IAMAllowedPrincipals holds Super on is not shared with other accounts.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html; the error code is inferred",
)
RULE_ORGANISATION = rule(
    "lakeformation.grant.organisation-sharing",
    "Granting to an organisation or a unit takes the owner's own, with RAM's sharing within the organisation enabled.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html",
)
RULE_ORGANISATION_READ = rule(
    "lakeformation.grant.organisation-read",
    "Granting to an organisation or a unit takes IAM's organizations:DescribeOrganization.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html; the error code is inferred",
)
RULE_VERSIONS = rule(
    "lakeformation.grant.versions-meet",
    "A named thing is shared with an account at any CROSS_ACCOUNT_VERSION, from any.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is observed",
)
ACROSS = switch(
    "lakeformation.share-across-versions",
    "Whether an account at CROSS_ACCOUNT_VERSION 1 can share named things with one at 3 or above.",
    positions={
        "any": "it can, as optimize-ram.html says",
        "refuse": "it cannot, as a table of AWS's best practices has it",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; "
    "github.com/aws/aws-lakeformation-best-practices",
    concerns=RULE_VERSIONS,
)


def check_may_share(
    world: World, caller: Caller, place: Place, key: Key, principal: str, permissions: Collection[str]
) -> None:
    """Refuse an owner's grant that may not leave its account; grants within it, and a consumer's, pass."""
    if is_organisation(principal):
        _check_organisation(world, caller, principal)
    if not sharing.leaves(caller, place, principal):
        return
    is_of_databases = isinstance(key, DatabaseKey) or (isinstance(key, PolicyKey) and key.kind == "DATABASE")
    if is_of_databases and matrix.NOT_ABROAD & set(permissions):
        message = "ALL and DROP on a database cannot be granted to another account."
        raise RULE_NOT_ABROAD.refuse("InvalidInputException", message)
    if "SUPER_USER" in permissions:
        message = "SUPER_USER cannot be granted to another account."
        raise RULE_NOT_ABROAD.refuse("InvalidInputException", message)
    version = world.store(Settings).version(place)
    if account_of(principal) and not is_account(principal) and version < DIRECT_VERSION:
        message = (
            f"Invalid cross account grant request: granting to a principal of another account needs "
            f"CROSS_ACCOUNT_VERSION {DIRECT_VERSION} or above, found {version}."
        )
        raise RULE_DIRECT.refuse("InvalidInputException", message)
    _check_versions(world, place, account_of(principal), version)
    if version < HYBRID_VERSION and _is_left_to_iam(world, place, key):
        message = "Insufficient Lake Formation permissions: Illegal combination"
        raise RULE_ILLEGAL.refuse("AccessDeniedException", message)


def _check_versions(world: World, place: Place, recipient: str, version: int) -> None:
    theirs = world.store(Settings).version(Place(recipient, place.region))
    if version == 1 and theirs >= DIRECT_VERSION and ACROSS.stands_at(world) == "refuse":
        message = (
            f"Invalid cross account grant request. Consumer account has opt-in to cross account version: v{theirs}. "
            f"Please update `CrossAccountVersion` in `DataLakeSetting` to minimal version v{DIRECT_VERSION}."
        )
        raise RULE_VERSIONS.refuse("InvalidInputException", message)


def arrivals(world: World, caller: Caller, place: Place, key: Key, principal: str) -> list[sharing.Arrival]:
    """
    Return what an owner's grant to another account, or to its principal, puts into which share.

    Nothing for other grants. Refuses a grantor that may not have RAM do it.
    """
    if not sharing.leaves(caller, place, principal):
        return []
    version = world.store(Settings).version(place)
    if isinstance(key, PolicyKey):
        arriving = tag_shares.arrivals(world, place, key, principal, version)
    elif sharing.resource_arn(place, key) is not None:
        arriving = sharing.arrivals(world, place, key, principal, version)
    else:
        return []
    for each in arriving:
        grantors.check_may_share(world, caller, place, each, version)
        if each.share is None:
            world.store(Shares).check_room(place.account, place.region)
    return arriving


def _check_organisation(world: World, caller: Caller, principal: str) -> None:
    try:
        authorize(world, caller, "organizations:DescribeOrganization")
    except ServiceError as error:
        message = "Access denied to retrieve AWS Organization information"
        raise RULE_ORGANISATION_READ.refuse("AccessDeniedException", message) from error
    if not world.store(Shares).is_within(caller.account, principal):
        organisation = principal.rsplit("/", 1)[-1]
        raise RULE_ORGANISATION.refuse("InvalidInputException", f"Organization {organisation} not found")


def _is_left_to_iam(world: World, place: Place, key: Key) -> bool:
    if isinstance(key, TableKey) and key.is_wildcard:
        database = world.store(Catalogs).database(place, key.database)
        tables = database.tables if database else {}
        return any(effective.is_left_to_iam(world, place, TableKey(key.database, table)) for table in tables)
    return effective.is_left_to_iam(world, place, key)
