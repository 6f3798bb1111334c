"""The places in S3 that an account has put under Lake Formation: RegisterResource and its companions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.listing import invalid_token
from lakeshare.sandbox.services.lakeformation.principals import check_known
from lakeshare.sandbox.services.lakeformation.registrations import Location, Locations, service_role

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


def register_resource(call: Call) -> Mapping[str, Any]:
    """Answer RegisterResource."""
    arn = _arn(call)
    if not arn.startswith("arn:aws:s3:::"):
        raise RULE_S3.refuse("InvalidInputException", f"Invalid S3 resource ARN: {arn}")
    if arn in _known(call):
        raise RULE_ONCE.refuse("AlreadyExistsException", "Resource is already registered")
    is_hybrid = call.params.get("HybridAccessEnabled", False)
    _put(call, Location(arn, _role(call), is_hybrid, call.world.clock.now()))
    return {}


def update_resource(call: Call) -> Mapping[str, Any]:
    """Answer UpdateResource."""
    found = _registered(call)
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
    """Answer ListResources; the filter conditions are not in this sandbox."""
    found, token = page(
        _known(call).values(),
        call.params.get("NextToken"),
        call.params.get("MaxResults"),
        most=1000,
        refusal=invalid_token,
    )
    return with_token({"ResourceInfoList": [_answer(each) for each in found]}, token)


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
