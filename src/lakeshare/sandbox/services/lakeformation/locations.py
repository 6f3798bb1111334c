"""The places in S3 that an account has put under Lake Formation: RegisterResource and its companions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.arns import s3_path, s3_url
from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.keys import LocationKey
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.principals import check_known
from lakeshare.sandbox.services.lakeformation.registrations import Location, Locations, service_role
from lakeshare.sandbox.world import World

RULE_ONCE = rule(
    "lakeformation.location.once",
    "A location is registered once.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RegisterResource.html",
)
RULE_REGISTERED = rule(
    "lakeformation.location.registered",
    "Only a registered location can be described, changed or deregistered.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeregisterResource.html",
)
RULE_S3 = rule(
    "lakeformation.location.s3",
    "What is registered is a place in S3, with a role or the service-linked one to reach it; a table is no place.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RegisterResource.html",
)
RULE_CONDITION = rule(
    "lakeformation.location.condition",
    "A condition of ListResources compares with a value, or BETWEEN two of them.",
    tag="inferred",
    source="botocore service model, lakeformation FilterCondition; the message is ours",
)
RULE_GRANTABLE = rule(
    "lakeformation.location.granted-on",
    "DATA_LOCATION_ACCESS is granted on a registered location, or below one.",
    tag="observed",
    source="terraform-provider-aws, lakeformation/permissions.go, which waits for it; the rest of the message is ours",
)
RULE_SERVICE_LINKED = rule(
    "lakeformation.location.service-linked",
    "A location that was registered with the service-linked role cannot be edited.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html; the message is ours",
)

_COMPARISONS: Final[Mapping[str, Callable[[str, list[str]], bool]]] = {
    "EQ": lambda found, values: found == values[0],
    "NE": lambda found, values: found != values[0],
    "LE": lambda found, values: found <= values[0],
    "LT": lambda found, values: found < values[0],
    "GE": lambda found, values: found >= values[0],
    "GT": lambda found, values: found > values[0],
    "CONTAINS": lambda found, values: values[0] in found,
    "NOT_CONTAINS": lambda found, values: values[0] not in found,
    "BEGINS_WITH": lambda found, values: found.startswith(values[0]),
    "IN": lambda found, values: found in values,
    "BETWEEN": lambda found, values: values[0] <= found <= values[-1],
}


def register_resource(call: Call) -> Mapping[str, Any]:
    """Answer RegisterResource."""
    arn = _arn(call)
    if s3_path(arn) is None:
        raise RULE_S3.refuse("InvalidInputException", f"Invalid S3 resource ARN: {arn}")
    if arn in _known(call):
        raise RULE_ONCE.refuse("AlreadyExistsException", "Resource is already registered")
    is_hybrid = call.params.get("HybridAccessEnabled", False)
    _put(call, Location(arn, _role(call), is_hybrid, call.world.clock.now()))
    return {}


def update_resource(call: Call) -> Mapping[str, Any]:
    """Answer UpdateResource."""
    found = _registered(call)
    if found.role == service_role(call.caller.account):
        message = "A location that is registered with the service-linked role cannot be updated."
        raise RULE_SERVICE_LINKED.refuse("InvalidInputException", message)
    is_hybrid = call.params.get("HybridAccessEnabled", found.is_hybrid)
    _put(call, replace(found, role=_role(call), is_hybrid=is_hybrid, changed_at=call.world.clock.now()))
    return {}


def deregister_resource(call: Call) -> Mapping[str, Any]:
    """Answer DeregisterResource."""
    call.world.store(Locations).remove(_place(call), _registered(call).arn)
    return {}


def describe_resource(call: Call) -> Mapping[str, Any]:
    """Answer DescribeResource."""
    return {"ResourceInfo": _answer(_registered(call))}


def list_resources(call: Call) -> Mapping[str, Any]:
    """Answer ListResources: those that meet every one of the conditions."""
    conditions = call.params.get("FilterConditionList", [])
    found, token = page(
        [each for each in _known(call).values() if all(_meets(each, condition) for condition in conditions)],
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=1000,
        refusal=invalid_token,
    )
    return with_token({"ResourceInfoList": [_answer(each) for each in found]}, token)


def _meets(location: Location, condition: Mapping[str, Any]) -> bool:
    """Whether a location meets one condition, which compares as strings; times as ISO 8601 spells them."""
    changed = datetime.fromtimestamp(location.changed_at, UTC).isoformat()
    fields = {"RESOURCE_ARN": location.arn, "ROLE_ARN": location.role, "LAST_MODIFIED": changed}
    compare = _COMPARISONS.get(condition.get("ComparisonOperator", "EQ"))
    values = condition.get("StringValueList", [])
    if compare is None or not values:
        raise RULE_CONDITION.refuse("InvalidInputException", "Invalid filter condition.")
    return compare(fields[condition.get("Field", "RESOURCE_ARN")], values)


def _place(call: Call) -> Place:
    return Place(call.caller.account, call.region)


def _known(call: Call) -> Mapping[str, Location]:
    return call.world.store(Locations).of(_place(call))


def _put(call: Call, location: Location) -> None:
    call.world.store(Locations).put(_place(call), location)


def _arn(call: Call) -> str:
    return str(call.params["ResourceArn"]).rstrip("/")


def _registered(call: Call) -> Location:
    found = _known(call).get(_arn(call))
    if found is None:
        raise RULE_REGISTERED.refuse("EntityNotFoundException", "Entity not found")
    return found


def _role(call: Call) -> str:
    """Return the role that will reach the place: the one named, or the service-linked one."""
    role = call.params.get("RoleArn")
    if role is None and not call.params.get("UseServiceLinkedRole"):
        raise RULE_S3.refuse("InvalidInputException", "Either RoleArn or UseServiceLinkedRole must be given.")
    if role is None:
        return service_role(call.caller.account)
    check_known(call.world, role)
    return str(role)


def check_registered(world: World, place: Place, key: LocationKey) -> None:
    """Refuse a place in S3 that is neither registered with the Lake Formation of *place* nor below what is."""
    if world.store(Locations).governing(place, s3_url(key.arn)) is None:
        message = f"Data location {key.arn} is not registered; register the S3 path with Lake Formation first."
        raise RULE_GRANTABLE.refuse("InvalidInputException", message)


def _answer(location: Location) -> dict[str, Any]:
    return {
        "ResourceArn": location.arn,
        "RoleArn": location.role,
        "HybridAccessEnabled": location.is_hybrid,
        "WithFederation": False,
        "LastModified": datetime.fromtimestamp(location.changed_at, UTC),
    }


OPERATIONS: Operations = {
    "RegisterResource": register_resource,
    "UpdateResource": update_resource,
    "DeregisterResource": deregister_resource,
    "DescribeResource": describe_resource,
    "ListResources": list_resources,
}
