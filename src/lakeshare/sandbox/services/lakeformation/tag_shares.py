"""
How what carries certain LF-tags comes to another account: by the catalog's policy, or by RAM.

Documented: optimize-ram.html. Below CROSS_ACCOUNT_VERSION 3 the Data Catalog's resource policy opens it, and nobody is
invited; from 3 on RAM shares the catalog, in one share for what is granted by tags on databases and one for tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.catalog_policies import CatalogPolicies
from lakeshare.sandbox.policy.context import Context
from lakeshare.sandbox.policy.evaluate import Verdict
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import matrix, sharing
from lakeshare.sandbox.services.lakeformation.grants import Grants, Holder, Right
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, ExpressionKey, Key, PolicyKey, Tagged, TagKey
from lakeshare.sandbox.services.lakeformation.principals import is_account, is_organisation, receiver_of
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.shares import Shares
from lakeshare.sandbox.switches import switch
from lakeshare.sandbox.world import World

RAM_VERSION: Final = 3
_PURPOSES: Final[dict[Tagged, str]] = {"DATABASE": "tagged-databases", "TABLE": "tagged-tables"}
_MAKING: Final = {"CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION"}

RULE_PERMISSIONS = rule(
    "lakeformation.tag.permissions-abroad",
    "On LF-tags only DESCRIBE and ASSOCIATE are granted to other accounts and their principals, and making tags and "
    "expressions is not.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-adding-tag-creator.html; the message is ours",
)
RULE_OPTION = rule(
    "lakeformation.tag.option-abroad",
    "What is granted on LF-tags to another account, or to an organisation, is granted with the grant option.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-granting-tags.html; the message is ours",
)
OPTION = switch(
    "lakeformation.tag-option-abroad",
    "Whether permissions on LF-tags can be granted to another account without the grant option.",
    positions={
        "must": "they cannot, as TBAC-granting-tags.html says",
        "may": "they can, as the example of cascade-cross-account-permission-procedures.html does",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-granting-tags.html; "
    "https://docs.aws.amazon.com/lake-formation/latest/dg/cascade-cross-account-permission-procedures.html",
    concerns=RULE_OPTION,
)
RULE_ORGANISATION = rule(
    "lakeformation.tag.organisation-version",
    "Granting by LF-tags to an organisation or a unit takes CROSS_ACCOUNT_VERSION 3 or above.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is ours",
)
RULE_VERSIONS = rule(
    "lakeformation.tag.versions-meet",
    "Below CROSS_ACCOUNT_VERSION 3 nothing is granted by LF-tags to an account that is at 3 or above.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is observed",
)
RULE_POLICY = rule(
    "lakeformation.tag.put-resource-policy",
    "Below CROSS_ACCOUNT_VERSION 3 granting by LF-tags to another account takes IAM's glue:PutResourcePolicy, for it "
    "is the Data Catalog's policy that lets that account in.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is inferred",
)
POLICY = switch(
    "lakeformation.tag-catalog-policy",
    "Who puts the statement about glue:EvaluatedByLakeFormationTags into the Data Catalog's policy below version 3.",
    positions={
        "granting": "granting by tags does it, unseen, with the grantor's glue:PutResourcePolicy",
        "by-hand": "its owner has to, as TBAC-prereqs.html says; without it the other account is not let in",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; "
    "https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-prereqs.html",
    concerns=RULE_POLICY,
)


class OpenedByPolicy:
    """The accounts that a Data Catalog's policy lets in to what carries the tags that they were granted by."""

    def __init__(self, _world: World) -> None:
        self.accounts: dict[Place, dict[str, None]] = {}


def check_may_share(
    world: World, caller: Caller, place: Place, key: Key, principal: str, permissions: Iterable[str], options: set[str]
) -> None:
    """Refuse an owner's grant on or by LF-tags that may not leave its account; all others pass."""
    if not sharing.leaves(caller, place, principal):
        return
    if isinstance(key, CatalogKey):
        _check_permissions(set(permissions) & _MAKING)
    if not isinstance(key, TagKey | ExpressionKey | PolicyKey):
        return
    if not isinstance(key, PolicyKey):
        _check_tag(world, principal, set(permissions), options)
        return
    version = world.store(Settings).version(place)
    if version >= RAM_VERSION:
        return
    if is_organisation(principal):
        message = (
            f"Invalid cross account grant request: granting by LF-Tags to an organization needs "
            f"CROSS_ACCOUNT_VERSION {RAM_VERSION} or above, found {version}."
        )
        raise RULE_ORGANISATION.refuse("InvalidInputException", message)
    theirs = world.store(Settings).version(Place(receiver_of(principal), place.region))
    if theirs >= RAM_VERSION:
        message = (
            f"Invalid cross account grant request. Consumer account has opt-in to cross account version: v{theirs}. "
            f"Please update `CrossAccountVersion` in `DataLakeSetting` to minimal version v{RAM_VERSION}."
        )
        raise RULE_VERSIONS.refuse("InvalidInputException", message)
    try:
        authorize(world, caller, "glue:PutResourcePolicy", place.catalog_arn)
    except ServiceError as error:
        raise RULE_POLICY.refuse("AccessDeniedException", error.message) from error


def arrivals(world: World, place: Place, key: PolicyKey, principal: str, version: int) -> list[sharing.Arrival]:
    """Return what granting by tags puts into which share: below version 3 nothing, from 3 on the catalog."""
    if version < RAM_VERSION:
        return []
    return [sharing.arrival(world, place, CatalogKey(), principal, _PURPOSES[key.kind], version)]


def open_by_policy(world: World, caller: Caller, place: Place, principal: str) -> None:
    """Let another account in by the catalog's policy to what was granted to it by tags, below version 3."""
    if sharing.leaves(caller, place, principal) and world.store(Settings).version(place) < RAM_VERSION:
        world.store(OpenedByPolicy).accounts.setdefault(place, {})[receiver_of(principal)] = None


def departures(
    world: World, place: Place, key: PolicyKey, holder: Holder, taken: Iterable[Right]
) -> list[sharing.Departure]:
    """Return what leaves which share once *taken* is gone: the catalog, where nothing by tags of that sort is left."""
    grants, receiver = world.store(Grants), receiver_of(holder.principal)
    left = {
        sharing.known_as(other.principal)
        for other in grants.policy_holders(place, receiver)
        if other.via == place.account
        for policy in grants.policies_of(place, other)
        if policy.kind == key.kind
        and ((other, policy) != (holder, key) or set(grants.on(place, policy)[other]) - set(taken))
    }
    known = sharing.known_as(holder.principal)
    if known in left:
        return []
    kept = shares_of(world, place, key, receiver)
    return [sharing.Departure(each, place.catalog_arn, known, leaves_share=not left) for each in kept]


def close_policy(world: World, place: Place, principal: str) -> None:
    """Let the catalog's policy let nobody in who was left nothing by tags."""
    receiver = receiver_of(principal)
    if not any(holder.via == place.account for holder in world.store(Grants).policy_holders(place, receiver)):
        world.store(OpenedByPolicy).accounts.get(place, {}).pop(receiver, None)


def shares_of(world: World, place: Place, key: PolicyKey, receiver: str) -> Iterator[Share]:
    """Yield the share that brings *receiver* what policies of that sort mean, accepted or not."""
    kept = world.store(Shares).kept_for(place.account, place.region, _PURPOSES[key.kind], receiver)
    yield from () if kept is None else (kept,)


def have_arrived(world: World, caller: Caller, place: Place, kind: Tagged) -> bool:
    """Whether what carries tags in another account's catalog has been opened to the account of *caller*."""
    if caller.account in world.store(OpenedByPolicy).accounts.get(place, {}) and _policy_allows(world, caller, place):
        return True
    shares = world.store(Shares)
    for name in shares.names_of(caller.account):
        kept = shares.kept_for(place.account, place.region, _PURPOSES[kind], name)
        there = kept.resources.get(place.catalog_arn) if kept else None
        if kept is None or there is None or shares.status(kept, there) != "ASSOCIATED":
            continue
        if any(shares.status(kept, each) == "ASSOCIATED" for each in kept.received_as(name)):
            return True
    return False


def _check_tag(world: World, principal: str, permissions: set[str], options: set[str]) -> None:
    _check_permissions(permissions - matrix.TAGS_ABROAD)
    is_whole = is_account(principal) or is_organisation(principal)
    if is_whole and options != permissions and OPTION.stands_at(world) == "must":
        message = "Permissions on LF-Tags must be granted to an external account with the grant option."
        raise RULE_OPTION.refuse("InvalidInputException", message)


def _check_permissions(wrong: set[str]) -> None:
    if wrong:
        message = f"Permissions {sorted(wrong)} on LF-Tags cannot be granted to another account."
        raise RULE_PERMISSIONS.refuse("InvalidInputException", message)


def _policy_allows(world: World, caller: Caller, place: Place) -> bool:
    """Whether the catalog's policy lets the caller in, where its owner has to have said so."""
    if POLICY.stands_at(world) == "granting":
        return True
    context = Context(world, caller, {"glue:EvaluatedByLakeFormationTags": "true"})
    said = world.store(CatalogPolicies).says(caller, "glue:GetDatabase", place.catalog_arn, context)
    return said.verdict is Verdict.ALLOW
