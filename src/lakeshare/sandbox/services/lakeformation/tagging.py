"""AddLFTagsToResource and its companions: which databases, tables and columns carry which LF-tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation import access, authority, effective
from lakeshare.sandbox.services.lakeformation.grants import Right
from lakeshare.sandbox.services.lakeformation.keys import ANY_VALUE, DatabaseKey, TableKey
from lakeshare.sandbox.services.lakeformation.lf_tags import insufficient, may_see
from lakeshare.sandbox.services.lakeformation.resources import Named, named
from lakeshare.sandbox.services.lakeformation.settings import Settings
from lakeshare.sandbox.services.lakeformation.tag_structures import shown_pair
from lakeshare.sandbox.services.lakeformation.tags import Carrier, Tags
from lakeshare.sandbox.switches import switch

MOST_ON_ONE: Final = 50

RULE_RESOURCE = rule(
    "lakeformation.tagging.resource",
    "LF-tags are assigned to databases, to tables by name, and to columns that are listed and that the table has.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RemoveLFTagsFromResource.html; the "
    "message about a table without a name is observed (aws-cli issue 6434), the others are ours",
)
RULE_LINK = rule(
    "lakeformation.tagging.links",
    "A resource link can carry LF-tags, and a table link inherits those of the database that it is in; its target's "
    "tags are the target's own.",
    tag="inferred",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/tut-share-tbac-method.html, where a consumer tags the "
    "database that a link is in; of tagging a link itself AWS says nothing",
)
LINKS = switch(
    "lakeformation.tags-on-links",
    "Whether an LF-tag can be assigned to a resource link itself.",
    positions={"take": "it can, like to what it stands beside", "refuse": "it cannot"},
    source="AWS's documents leave it open",
    concerns=RULE_LINK,
)
RULE_ONE_VALUE = rule(
    "lakeformation.tagging.one-value",
    "A thing carries one value of an LF-tag: each key comes once, with one value that is no star.",
    tag="observed",
    source="terraform-provider-aws issue 32172",
)
RULE_TAG = rule(
    "lakeformation.tagging.tag-exists",
    "Only an LF-tag and a value that exist are assigned; one that does not fails by itself, and the others are done.",
    tag="observed",
    source="moto's tests, verified on a real account; that the others are done is inferred",
)
RULE_ASSOCIATE = rule(
    "lakeformation.tagging.associate",
    "Assigning and removing an LF-tag takes ASSOCIATE on its value, or having made it; without it the tag fails by "
    "itself.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-assigning-tags.html; the message is ours",
)
ASSOCIATE = switch(
    "lakeformation.administrators-associate",
    "Whether a data lake administrator needs ASSOCIATE on an LF-tag that somebody else made.",
    positions={
        "granted": "it has to grant it to itself, as TBAC-adding-tag-creator.html says",
        "implicit": "it does not, as the same page says of assigning tags before",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-adding-tag-creator.html",
    concerns=RULE_ASSOCIATE,
)
RULE_MAY = rule(
    "lakeformation.tagging.right-on-resource",
    "Whoever assigns LF-tags to a thing or removes them is an administrator, made it, or holds Super on it, or each of "
    "its permissions, with the grant option.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-assigning-tags.html; the message is observed for "
    "granting",
)
RULE_SAME = rule(
    "lakeformation.tagging.same-account",
    "An LF-tag and what it is assigned to are in the same account's catalog.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-assigning-tags.html; the message is ours",
)
RULE_MOST = rule(
    "lakeformation.tagging.most-tags",
    f"A thing carries at most {MOST_ON_ONE} LF-tags.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-notes.html; the message is ours",
)
RULE_CARRIED = rule(
    "lakeformation.tagging.carried",
    "Only an LF-tag that the thing itself carries, with the value that it carries, is removed.",
    tag="inferred",
    source="botocore service model, lakeformation RemoveLFTagsFromResource; the message is ours",
)
_OF_DATABASE: Final = ("DESCRIBE", "CREATE_TABLE", "ALTER", "DROP")
_OF_DATABASE_ABROAD: Final = ("DESCRIBE", "CREATE_TABLE", "ALTER")
_OF_TABLE: Final = ("DESCRIBE", "ALTER", "DROP", "INSERT", "SELECT", "DELETE")


def add_lf_tags_to_resource(call: Call) -> Mapping[str, Any]:
    """Answer AddLFTagsToResource: each tag by itself, with those that failed in the answer."""
    return _each(call, _assign)


def remove_lf_tags_from_resource(call: Call) -> Mapping[str, Any]:
    """Answer RemoveLFTagsFromResource: each tag by itself, with those that failed in the answer."""
    return _each(call, _remove)


def get_resource_lf_tags(call: Call) -> Mapping[str, Any]:
    """
    Answer GetResourceLFTags: the tags that the caller may see, inherited ones too unless ShowAssignedLFTags is set.

    Of a table those of its database and its columns as well; a level without tags is left out (observed: moto's tests,
    verified on a real account).
    """
    what = _taggable(call)
    place, key = what.place, what.key
    assert isinstance(key, DatabaseKey | TableKey)
    access.check(call.world, call.caller, place, key, "DESCRIBE")
    only_own = bool(call.params.get("ShowAssignedLFTags"))
    return _shown(call, place, key, what.columns, only_own=only_own)


def shown_tags(call: Call, place: Place, key: DatabaseKey | TableKey) -> dict[str, Any]:
    """Return the tags of a thing, inherited ones too, as far as the caller may see them, by level."""
    return _shown(call, place, key, None, only_own=False)


def _shown(
    call: Call, place: Place, key: DatabaseKey | TableKey, columns: Iterable[str] | None, *, only_own: bool
) -> dict[str, Any]:
    tags = call.world.store(Tags)
    carried = tags.assigned if only_own else tags.carried
    levels: dict[str, list[dict[str, Any]]] = {
        "LFTagOnDatabase": _pairs(call, place, carried(place, DatabaseKey(key.database)))
    }
    if isinstance(key, TableKey):
        levels["LFTagsOnTable"] = _pairs(call, place, carried(place, key))
        names = columns if columns is not None else _columns(call, place, key)
        found = [
            {"Name": name, "LFTags": pairs}
            for name in names
            if (pairs := _pairs(call, place, carried(place, (key, name))))
        ]
        levels["LFTagsOnColumns"] = found
    return {level: shown for level, shown in levels.items() if shown}


def _pairs(call: Call, place: Place, carried: Mapping[str, str]) -> list[dict[str, Any]]:
    seen = ((tag, value) for tag, value in carried.items() if may_see(call, place, tag, value))
    return [shown_pair(place, tag, [value]) for tag, value in seen]


def _each(call: Call, act: Callable[[Call, Place, list[Carrier], str, str], None]) -> dict[str, Any]:
    """Do *act* with every tag of the call by itself, and return those that failed with why."""
    what = _taggable(call)
    place, key = what.place, what.key
    assert isinstance(key, DatabaseKey | TableKey)
    given = call.params["LFTags"]
    _check_one_value(given)
    authority.check_glue(call.world, call.caller, place, key)
    if not _may_tag(call, place, key):
        message = "Resource does not exist or requester is not authorized to access requested permissions."
        raise RULE_MAY.refuse("AccessDeniedException", message)
    carriers: list[Carrier] = [(key, name) for name in what.columns or () if isinstance(key, TableKey)] or [key]
    failures = []
    for pair in given:
        owner = pair.get("CatalogId") or call.params.get("CatalogId") or place.account
        try:
            _check_tag(call, place, owner, pair["TagKey"].lower(), pair["TagValues"][0].lower())
            act(call, place, carriers, pair["TagKey"].lower(), pair["TagValues"][0].lower())
        except ServiceError as error:
            reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failures.append({"LFTag": {**pair, "CatalogId": owner}, "Error": reason})
    return {"Failures": failures}


def _assign(call: Call, place: Place, carriers: list[Carrier], tag: str, value: str) -> None:
    tags = call.world.store(Tags)
    if any(len({*tags.assigned(place, carrier), tag}) > MOST_ON_ONE for carrier in carriers):
        raise RULE_MOST.refuse("InvalidInputException", f"A resource cannot have more than {MOST_ON_ONE} LF-Tags.")
    for carrier in carriers:
        tags.assign(place, carrier, tag, value)


def _remove(call: Call, place: Place, carriers: list[Carrier], tag: str, value: str) -> None:
    tags = call.world.store(Tags)
    if any(tags.assigned(place, carrier).get(tag) != value for carrier in carriers):
        message = f"LF-Tag {tag} with the value {value} is not assigned to the resource."
        raise RULE_CARRIED.refuse("EntityNotFoundException", message)
    for carrier in carriers:
        tags.unassign(place, carrier, tag)


def _taggable(call: Call) -> Named:
    """Return what the call is about; refuse what cannot carry LF-tags or is not there."""
    what = named(call.params["Resource"], call.params.get("CatalogId") or call.caller.account, call.region)
    key = what.key
    if isinstance(key, TableKey) and key.is_wildcard:
        raise RULE_RESOURCE.refuse("InvalidInputException", "Table name cannot be empty.")
    if not isinstance(key, DatabaseKey | TableKey) or (what.is_columns and what.columns is None):
        message = "LF-Tags are on databases, tables and the columns in ColumnNames."
        raise RULE_RESOURCE.refuse("InvalidInputException", message)
    kind = effective.kind_of(call.world, what.place, key)
    if kind is None:
        is_viewer = effective.is_viewer(call.world, call.caller, call.region)
        is_own = what.place.account == call.caller.account
        raise authority.not_found(key) if is_viewer and is_own else authority.not_authorised()
    if kind.endswith("link") and LINKS.stands_at(call.world) == "refuse":
        raise RULE_LINK.refuse("InvalidInputException", "LF-Tags cannot be assigned to a resource link.")
    if isinstance(key, TableKey) and set(what.columns or ()) - set(_columns(call, what.place, key)):
        raise RULE_RESOURCE.refuse("InvalidInputException", "The table does not have all of the columns.")
    return what


def _columns(call: Call, place: Place, key: TableKey) -> list[str]:
    table = call.world.store(Catalogs).table(place, key.database, key.table)
    return [name.lower() for name, _ in (*table.columns, *table.partition_keys)] if table else []


def _check_one_value(given: list[dict[str, Any]]) -> None:
    if any(len(pair["TagValues"]) != 1 or ANY_VALUE in pair["TagValues"] for pair in given):
        message = "Tag value wild card was found or input tag value list has size not equal to 1"
        raise RULE_ONE_VALUE.refuse("InvalidInputException", message)
    if len({pair["TagKey"].lower() for pair in given}) < len(given):
        raise RULE_ONE_VALUE.refuse("InvalidInputException", "Provided list of tags contains duplicate tag key")


def _check_tag(call: Call, place: Place, owner: str, tag: str, value: str) -> None:
    """Refuse a tag that is elsewhere or not there, or that the caller may not associate."""
    if owner != place.account:
        message = "The LF-Tag and the resource must be in the same account."
        raise RULE_SAME.refuse("InvalidInputException", message)
    if not call.world.store(Tags).has(place, tag, value):
        raise RULE_TAG.refuse("EntityNotFoundException", "Tag or tag value does not exist.")
    is_admin = call.world.store(Settings).is_admin(place, call.caller.principal_arn)
    if is_admin and place.account == call.caller.account and ASSOCIATE.stands_at(call.world) == "implicit":
        return
    if "ASSOCIATE" not in effective.value_permissions(call.world, call.caller, place, tag, value):
        raise insufficient(RULE_ASSOCIATE, "Associate", tag)


def _may_tag(call: Call, place: Place, key: DatabaseKey | TableKey) -> bool:
    """Whether the caller has the right on the thing itself that tagging it takes."""
    world, caller = call.world, call.caller
    is_foreign = place.account != caller.account
    is_admin = world.store(Settings).is_admin(Place(caller.account, place.region), caller.principal_arn)
    if is_admin and not is_foreign:
        return True
    needed = _OF_TABLE if isinstance(key, TableKey) else _OF_DATABASE_ABROAD if is_foreign else _OF_DATABASE
    rights = [Right(permission) for permission in needed]
    if is_foreign and not effective.has_arrived(world, caller, place, key):
        return False
    if is_admin and all(effective.account_passes_on(world, place, key, caller.account, right) for right in rights):
        return True
    if not is_foreign and _made(call, place, key):
        return True
    return all(effective.may_pass_on(world, caller, place, key, right) for right in rights)


def _made(call: Call, place: Place, key: DatabaseKey | TableKey) -> bool:
    catalogs = call.world.store(Catalogs)
    if isinstance(key, TableKey):
        table = catalogs.table(place, key.database, key.table)
        return table is not None and table.creator == call.caller.principal_arn
    database = catalogs.database(place, key.database)
    return database is not None and database.creator == call.caller.principal_arn


OPERATIONS: Operations = {
    "AddLFTagsToResource": add_lf_tags_to_resource,
    "RemoveLFTagsFromResource": remove_lf_tags_from_resource,
    "GetResourceLFTags": get_resource_lf_tags,
}
