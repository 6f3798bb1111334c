"""CreateLFTagExpression and its companions: expressions over LF-tags that are saved under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation import authority, effective
from lakeshare.sandbox.services.lakeformation.grants import Grants
from lakeshare.sandbox.services.lakeformation.keys import CatalogKey, Expression, ExpressionKey, PolicyKey, TagKey
from lakeshare.sandbox.services.lakeformation.lf_tags import insufficient, place_of
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.tag_structures import read_expression, shown_expression
from lakeshare.sandbox.services.lakeformation.tags import SavedExpression, Tags

MOST_EXPRESSIONS: Final = 1000

RULE_CREATE = rule(
    "lakeformation.tag-expression.may-create",
    "Expressions over LF-tags are saved by data lake administrators and by holders of CREATE_LF_TAG_EXPRESSION on the "
    "catalog, in their own account.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLFTagExpression.html; the wording "
    "is inferred",
)
RULE_TAGS = rule(
    "lakeformation.tag-expression.may-grant-with-tags",
    "Saving an expression takes GRANT_WITH_LF_TAG_EXPRESSION on every tag and value in it, which must exist.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLFTagExpression.html; the wording "
    "is inferred",
)
RULE_ONCE = rule(
    "lakeformation.tag-expression.once",
    f"A catalog has one saved expression of a name, and at most {MOST_EXPRESSIONS} of them.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateLFTagExpression.html; "
    "lake-formation/latest/dg/managing-tag-expressions.html; the messages are ours",
)
RULE_EXISTS = rule(
    "lakeformation.tag-expression.exists",
    "Only a saved expression that exists can be read, changed or deleted.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetLFTagExpression.html; the message is "
    "ours",
)
RULE_MAY = rule(
    "lakeformation.tag-expression.may",
    "A saved expression is read with DESCRIBE on it, changed with ALTER and deleted with DROP; its maker and data lake "
    "administrators have all of these, read-only ones see it.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/managing-tag-expressions.html; the wording is ours",
)


def create_lf_tag_expression(call: Call) -> Mapping[str, Any]:
    """Answer CreateLFTagExpression."""
    place, name = place_of(call), call.params["Name"]
    is_own = place.account == call.caller.account
    held = effective.permissions(call.world, call.caller, place, CatalogKey())
    if not is_own or "CREATE_LF_TAG_EXPRESSION" not in held:
        raise insufficient(RULE_CREATE, "Create LF-Tag Expression", "Catalog")
    expression = _checked(call, place)
    saved = call.world.store(Tags).expressions(place)
    if name in saved:
        raise RULE_ONCE.refuse("InvalidInputException", f"LF-Tag expression {name} already exists.")
    if len(saved) >= MOST_EXPRESSIONS:
        message = f"The number of LF-Tag expressions cannot exceed {MOST_EXPRESSIONS}."
        raise RULE_ONCE.refuse("ResourceNumberLimitExceededException", message)
    saved[name] = SavedExpression(name, call.params.get("Description"), expression, call.caller.principal_arn)
    return {}


def get_lf_tag_expression(call: Call) -> Mapping[str, Any]:
    """Answer GetLFTagExpression."""
    place = place_of(call)
    return _answer(place, _permitted(call, place, "DESCRIBE"))


def update_lf_tag_expression(call: Call) -> Mapping[str, Any]:
    """Answer UpdateLFTagExpression; what was granted by its name means the new expression from then on."""
    place = place_of(call)
    saved = _permitted(call, place, "ALTER")
    saved.expression = _checked(call, place)
    saved.description = call.params.get("Description")
    return {}


def delete_lf_tag_expression(call: Call) -> Mapping[str, Any]:
    """Answer DeleteLFTagExpression: with all that was granted on it and by it (documented: its API reference)."""
    place = place_of(call)
    saved = _permitted(call, place, "DROP")
    del call.world.store(Tags).expressions(place)[saved.name]
    grants = call.world.store(Grants)
    for key in list(grants.things(place)):
        if key == ExpressionKey(saved.name) or (isinstance(key, PolicyKey) and key.name == saved.name):
            grants.forget_whole(place, key)
    return {}


def list_lf_tag_expressions(call: Call) -> Mapping[str, Any]:
    """Answer ListLFTagExpressions: those that the caller may describe."""
    place, params = place_of(call), call.params
    saved = call.world.store(Tags).expressions(place).values()
    seen = (each for each in saved if _may(call, place, each.name, "DESCRIBE"))
    shown, token = page(seen, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"LFTagExpressions": [_answer(place, each) for each in shown]}, token)


def _permitted(call: Call, place: Place, permission: str) -> SavedExpression:
    """Return the saved expression that the call names, on which the caller must have *permission*."""
    name = call.params["Name"]
    found = call.world.store(Tags).expressions(place).get(name)
    if found is None:
        raise RULE_EXISTS.refuse("EntityNotFoundException", f"LF-Tag expression {name} not found.")
    if not _may(call, place, name, permission):
        raise insufficient(RULE_MAY, permission.title(), name)
    return found


def _may(call: Call, place: Place, name: str, permission: str) -> bool:
    return permission in effective.permissions(call.world, call.caller, place, ExpressionKey(name))


def _checked(call: Call, place: Place) -> Expression:
    """Return the expression that the call gives, if its tags are there and the caller may grant with them."""
    expression = read_expression(call.params["Expression"])
    tags = call.world.store(Tags)
    for tag, values in expression:
        if not all(tags.has(place, tag, value) for value in values):
            raise authority.not_found(TagKey(tag))
    if not effective.grants_by_tags(call.world, call.caller, place, PolicyKey("TABLE", expression)):
        names = ", ".join(tag for tag, _ in expression)
        raise insufficient(RULE_TAGS, "Grant With LF-Tag Expression", names)
    return expression


def _answer(place: Place, saved: SavedExpression) -> dict[str, Any]:
    described = {} if saved.description is None else {"Description": saved.description}
    return {
        "Name": saved.name,
        **described,
        "CatalogId": place.account,
        "Expression": shown_expression(saved.expression),
    }


OPERATIONS: Operations = {
    "CreateLFTagExpression": create_lf_tag_expression,
    "GetLFTagExpression": get_lf_tag_expression,
    "UpdateLFTagExpression": update_lf_tag_expression,
    "DeleteLFTagExpression": delete_lf_tag_expression,
    "ListLFTagExpressions": list_lf_tag_expressions,
}
