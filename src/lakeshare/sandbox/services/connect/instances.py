"""Connect instances: making, finding and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.policy.resource_tags import tells_tags
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.connect.lake import Instance, Instances
from lakeshare.sandbox.world import World

RULE_INSTANCE = rule(
    "connect.instance.exists",
    "An instance is found by its id, by its own account, in its own Region.",
    tag="documented",
    source="https://docs.aws.amazon.com/connect/latest/APIReference/API_DescribeInstance.html",
)
RULE_TOKEN = rule(
    "connect.list.token",
    "A NextToken is one that an earlier page gave.",
    tag="inferred",
    source="the code and the message are ours",
)


_ALIAS: Final[str] = "InstanceAlias"
_DESCRIBED: Final[tuple[str, ...]] = (
    "IdentityManagementType",
    _ALIAS,
    "InboundCallsEnabled",
    "OutboundCallsEnabled",
    "Tags",
)


def create_instance(call: Call) -> Mapping[str, Any]:
    """Answer CreateInstance; the instance has a part of the Region's lake at once, without records (inferred)."""
    from lakeshare.sandbox.seed import make_lake

    data_sets = make_lake(call.world, call.region)
    described = {member: call.params[member] for member in _DESCRIBED if member in call.params}
    made = call.world.store(Instances).create(call.caller.account, call.region, data_sets, described)
    return {"Id": made.id, "Arn": made.arn}


def delete_instance(call: Call) -> Mapping[str, Any]:
    """Answer DeleteInstance; what it shared is taken back."""
    call.world.store(Instances).delete(named_instance(call))
    return {}


def list_instances(call: Call) -> Mapping[str, Any]:
    """Answer ListInstances."""
    found = call.world.store(Instances).of(call.caller.account, call.region)
    params = call.params
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=10, refusal=invalid_token)
    return with_token({"InstanceSummaryList": [_summary(each) for each in shown]}, token)


def describe_instance(call: Call) -> Mapping[str, Any]:
    """Answer DescribeInstance."""
    return {"Instance": _answer(named_instance(call))}


def tag_resource(call: Call) -> Mapping[str, Any]:
    """Answer TagResource for an instance."""
    _tags(call).update(call.params["tags"])
    return {}


def untag_resource(call: Call) -> Mapping[str, Any]:
    """Answer UntagResource for an instance."""
    tags = _tags(call)
    for key in call.params["tagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(call: Call) -> Mapping[str, Any]:
    """Answer ListTagsForResource for an instance."""
    return {"tags": dict(_tags(call))}


def named_instance(call: Call) -> Instance:
    """Return the instance that the call names, or refuse."""
    id_ = call.params["InstanceId"].rpartition("/")[2]
    found = call.world.store(Instances).instance(call.caller.account, call.region, id_)
    if found is None:
        message = f"Instance with id {id_} not found"
        raise RULE_INSTANCE.refuse("ResourceNotFoundException", message, status=404)
    return found


@tells_tags("connect")
def _tags_of(world: World, arn: str) -> Mapping[str, str]:
    _, _, _, region, account, thing = arn.split(":", 5)
    here = world.store(Instances).of(account, region)
    found = next((each for each in here if thing.split("/")[:2] == ["instance", each.id]), None)
    return {} if found is None else found.described.get("Tags", {})


def _tags(call: Call) -> dict[str, str]:
    """Return the tags of the instance whose ARN the call gives; what is in an instance is moto's to tag."""
    arn = call.params["resourceArn"]
    found = call.world.store(Instances).instance(call.caller.account, call.region, arn.rpartition("/")[2])
    if found is None or found.arn != arn:
        raise MotosError
    tags: dict[str, str] = found.described.setdefault("Tags", {})
    return tags


def invalid_token() -> ServiceError:
    """Return the refusal of a token that no page gave."""
    return RULE_TOKEN.refuse("InvalidParameterException", "Invalid NextToken")


def _summary(instance: Instance) -> dict[str, Any]:
    """Return an instance as a list shows it, without its tags."""
    return {member: value for member, value in _answer(instance).items() if member != "Tags"}


def _answer(instance: Instance) -> dict[str, Any]:
    alias = instance.described.get(_ALIAS, f"contact-centre-{instance.account}")
    service_role = "aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect"
    return {
        "Id": instance.id,
        "Arn": instance.arn,
        "IdentityManagementType": "CONNECT_MANAGED",
        "InstanceAlias": alias,
        "CreatedTime": datetime.fromtimestamp(instance.created_at, UTC),
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
        "InstanceAccessUrl": f"https://{alias}.my.connect.aws",
        "ServiceRole": f"arn:aws:iam::{instance.account}:role/{service_role}",
        **instance.described,
    }


OPERATIONS: Operations = {
    "CreateInstance": create_instance,
    "DeleteInstance": delete_instance,
    "ListInstances": list_instances,
    "DescribeInstance": describe_instance,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
