"""CreateLFTag and its companions: which LF-tags there are, and with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import Rule, rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import effective
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import ANY_VALUE, CatalogKey, TagKey
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.tag_structures import check_letters, shown_pair
from lakeshare.sandbox.services.lakeformation.tags import Tag, Tags
from lakeshare.sandbox.switches import switch

MOST_TAGS: Final = 1000
MOST_VALUES: Final = 1000
SHORT: Final = 50

RULE_CREATE = rule(
    "lakeformation.tag.may-create",
    "Data lake administrators and holders of CREATE_LF_TAG on the catalog make LF-tags, in their own account.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-adding-tag-creator.html; the wording is inferred",
)
RULE_CHANGE = rule(
    "lakeformation.tag.may-change",
    "An LF-tag is updated by its maker, data lake administrators and holders of ALTER on it, and deleted by its maker, "
    "administrators and holders of DROP.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-updating-tags.html; TBAC-deleting-tags.html; the "
    "wording is inferred",
)
RULE_SEE = rule(
    "lakeformation.tag.may-see",
    "One sees the LF-tags and values on which one has any permission; administrators, read-only ones too, see all of "
    "their account.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-listing-tags.html; the wording is inferred",
)
RULE_EXISTS = rule(
    "lakeformation.tag.exists",
    "Only an LF-tag that exists in the catalog can be read, changed, deleted or searched by.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetLFTag.html; the message is that of "
    "assigning one (moto's tests, verified on a real account)",
)
RULE_ONCE = rule(
    "lakeformation.tag.once",
    "A catalog has one LF-tag of a key; keys and values fold to lower case.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-notes.html; the code is inferred from what the "
    "service model declares, and the message is ours",
)
RULE_LIMITS = rule(
    "lakeformation.tag.limits",
    f"A catalog has at most {MOST_TAGS} LF-tags, and each at most {MOST_VALUES} values.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-notes.html; the messages are ours",
)
RULE_LENGTH = rule(
    "lakeformation.tag.length",
    "Keys of LF-tags have up to 128 characters and values up to 256, whatever the notes on them say.",
    tag="documented",
    source="botocore service model, lakeformation LFTagKey and LFTagValue; the message is ours",
)
LENGTH = switch(
    "lakeformation.tag-length",
    "How long keys and values of LF-tags may be.",
    positions={
        "model": "128 and 256 characters, as the service model says",
        "fifty": "50 characters each, as TBAC-notes.html says",
    },
    source="botocore service model, lakeformation LFTagKey and LFTagValue; "
    "https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-notes.html",
    concerns=RULE_LENGTH,
)
RULE_VALUES = rule(
    "lakeformation.tag.values",
    "Updating an LF-tag adds values or deletes some that it has, and leaves at least one.",
    tag="inferred",
    source="botocore service model, lakeformation UpdateLFTagRequest; the messages are ours",
)
RULE_IN_USE = rule(
    "lakeformation.tag.value-in-use",
    "A value that is assigned to something is not deleted from its LF-tag.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateLFTag.html",
)
IN_USE = switch(
    "lakeformation.tag-value-in-use",
    "What becomes of a value that is deleted from its LF-tag while something carries it.",
    positions={
        "refuse": "the update is refused, as API_UpdateLFTag.html says",
        "delete": "nothing is checked, and nothing carries it any more, as TBAC-updating-tags.html says",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateLFTag.html; "
    "https://docs.aws.amazon.com/lake-formation/latest/dg/TBAC-updating-tags.html",
    concerns=RULE_IN_USE,
)


def create_lf_tag(call: Call) -> Mapping[str, Any]:
    """Answer CreateLFTag."""
    place, key, values = place_of(call), call.params["TagKey"].lower(), _folded(call.params["TagValues"])
    is_own = place.account == call.caller.account
    if not is_own or "CREATE_LF_TAG" not in effective.permissions(call.world, call.caller, place, CatalogKey()):
        raise insufficient(RULE_CREATE, "Create LF-Tag", "Catalog")
    check_letters(key, *values)
    _check_length(call, key, *values)
    known = call.world.store(Tags).of(place)
    if key in known:
        raise RULE_ONCE.refuse("InvalidInputException", f"LF-Tag {key} already exists.")
    if len(known) >= MOST_TAGS:
        message = f"The number of LF-Tags cannot exceed {MOST_TAGS}."
        raise RULE_LIMITS.refuse("ResourceNumberLimitExceededException", message)
    known[key] = Tag(key, dict.fromkeys(values), call.caller.principal_arn)
    return {}


def get_lf_tag(call: Call) -> Mapping[str, Any]:
    """Answer GetLFTag, with the values that the caller may see."""
    place = place_of(call)
    tag = existing(call, place, call.params["TagKey"])
    values = _visible_values(call, place, tag)
    if not values:
        raise insufficient(RULE_SEE, "Describe", tag.key)
    return shown_pair(place, tag.key, values)


def list_lf_tags(call: Call) -> Mapping[str, Any]:
    """Answer ListLFTags: those that the caller may see, with ResourceShareType ALL or FOREIGN other accounts' too."""
    params = call.params
    shown, token = page(
        _seen(call), params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token
    )
    return with_token({"LFTags": shown}, token)


def update_lf_tag(call: Call) -> Mapping[str, Any]:
    """Answer UpdateLFTag; who was granted something on a value that goes has it no more."""
    place = place_of(call)
    tag = existing(call, place, call.params["TagKey"])
    _check_may(call, place, tag, "ALTER")
    added, deleted = _folded(call.params.get("TagValuesToAdd", [])), _folded(call.params.get("TagValuesToDelete", []))
    left = [value for value in dict.fromkeys([*tag.values, *added]) if value not in deleted]
    _check_update(call, place, tag, added, deleted, left)
    check_letters(*added)
    _check_length(call, *added)
    tag.values = dict.fromkeys(left)
    for value in deleted:
        _forget_value(call, place, tag, value)
    return {}


def delete_lf_tag(call: Call) -> Mapping[str, Any]:
    """
    Answer DeleteLFTag: nothing carries it any more, and nobody holds anything on it or by it.

    What carries it is not looked at before (documented: TBAC-deleting-tags.html; observed: aws-cli issue 6393).
    """
    place = place_of(call)
    tag = existing(call, place, call.params["TagKey"])
    _check_may(call, place, tag, "DROP")
    call.world.store(Tags).delete(place, tag.key)
    call.world.store(Grants).forget_tag(place, tag.key)
    return {}


def place_of(call: Call) -> Place:
    """Return the catalog that a call on LF-tags is about."""
    return Place(call.params.get("CatalogId") or call.caller.account, call.region)


def existing(call: Call, place: Place, key: str) -> Tag:
    """Return an LF-tag, or refuse with EntityNotFoundException."""
    found = call.world.store(Tags).of(place).get(key.lower())
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", "Tag or tag value does not exist.")
    return found


def may_see(call: Call, place: Place, tag: str, value: str) -> bool:
    """Whether the caller may see one value of an LF-tag."""
    return bool(effective.value_permissions(call.world, call.caller, place, tag, value))


def insufficient(broken: Rule, required: str, name: str) -> ServiceError:
    """Return the refusal of a caller that lacks a permission, in the words that Glue has for others."""
    message = f"Insufficient Lake Formation permission(s): Required {required} on {name}"
    return broken.refuse("AccessDeniedException", message)


def _seen(call: Call) -> Iterator[dict[str, Any]]:
    kind, place = call.params.get("ResourceShareType"), place_of(call)
    tags = call.world.store(Tags)
    found = [(place, tag) for tag in tags.of(place).values()] if kind in {None, "ALL"} else []
    if kind in {"ALL", "FOREIGN"}:
        home = Place(call.caller.account, call.region)
        abroad = [(owner, key) for owner, key in call.world.store(Grants).abroad(home) if owner != home]
        found += [(owner, tags.of(owner)[key.tag]) for owner, key in abroad if isinstance(key, TagKey)]
    for owner, tag in found:
        if values := _visible_values(call, owner, tag):
            yield shown_pair(owner, tag.key, values)


def _visible_values(call: Call, place: Place, tag: Tag) -> list[str]:
    # Whoever sees all values is the common case, and needs one look.
    if may_see(call, place, tag.key, ANY_VALUE):
        return list(tag.values)
    return [value for value in tag.values if may_see(call, place, tag.key, value)]


def _check_may(call: Call, place: Place, tag: Tag, permission: str) -> None:
    if permission not in effective.permissions(call.world, call.caller, place, TagKey(tag.key)):
        raise insufficient(RULE_CHANGE, permission.title(), tag.key)


def _check_update(
    call: Call, place: Place, tag: Tag, added: Sequence[str], deleted: Sequence[str], left: Sequence[str]
) -> None:
    if not left or not (added or deleted) or set(added) & set(deleted) or set(deleted) - set(tag.values):
        message = "TagValuesToAdd or TagValuesToDelete must be given; what is deleted must be there, and a value stay."
        raise RULE_VALUES.refuse("InvalidInputException", message)
    if len(left) > MOST_VALUES:
        message = f"The number of values of an LF-Tag cannot exceed {MOST_VALUES}."
        raise RULE_LIMITS.refuse("InvalidInputException", message)
    carried = any(call.world.store(Tags).is_carried(place, tag.key, value) for value in deleted)
    if carried and IN_USE.stands_at(call.world) == "refuse":
        raise RULE_IN_USE.refuse("InvalidInputException", "Update not allowed")


def _forget_value(call: Call, place: Place, tag: Tag, value: str) -> None:
    tags, grants, key = call.world.store(Tags), call.world.store(Grants), TagKey(tag.key)
    for carrier in list(tags.carriers(place, tag.key)):
        if tags.assigned(place, carrier)[tag.key] == value:
            tags.unassign(place, carrier, tag.key)
    for holder, rights in list(grants.on(place, key).items()):
        grants.remove(place, key, holder, [right for right in rights if right.column == value])


def _check_length(call: Call, *words: str) -> None:
    if LENGTH.stands_at(call.world) == "fifty" and any(len(word) > SHORT for word in words):
        message = f"Keys and values of LF-Tags cannot exceed {SHORT} characters."
        raise RULE_LENGTH.refuse("InvalidInputException", message)


def _folded(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.lower() for value in values))


OPERATIONS: Operations = {
    "CreateLFTag": create_lf_tag,
    "GetLFTag": get_lf_tag,
    "ListLFTags": list_lf_tags,
    "UpdateLFTag": update_lf_tag,
    "DeleteLFTag": delete_lf_tag,
}
