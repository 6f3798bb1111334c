"""Finding Connect instances: ListInstances and DescribeInstance, for those that were seeded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.connect.lake import Instance, Instances

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


def list_instances(call: Call) -> Mapping[str, Any]:
    """Answer ListInstances; what was made with CreateInstance is moto's, and not among them."""
    found = call.world.store(Instances).of(call.caller.account, call.region)
    params = call.params
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=10, refusal=invalid_token)
    return with_token({"InstanceSummaryList": [_answer(each) for each in shown]}, token)


def describe_instance(call: Call) -> Mapping[str, Any]:
    """Answer DescribeInstance."""
    return {"Instance": _answer(named_instance(call))}


def named_instance(call: Call) -> Instance:
    """Return the instance that the call names, or refuse."""
    id_ = call.params["InstanceId"].rpartition("/")[2]
    found = call.world.store(Instances).instance(call.caller.account, call.region, id_)
    if found is None:
        message = f"Instance with id {id_} not found"
        raise RULE_INSTANCE.refuse("ResourceNotFoundException", message, status=404)
    return found


def invalid_token() -> ServiceError:
    """Return the refusal of a token that no page gave."""
    return RULE_TOKEN.refuse("InvalidParameterException", "Invalid NextToken")


def _answer(instance: Instance) -> dict[str, Any]:
    alias = f"contact-centre-{instance.account}"
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
    }


OPERATIONS: Operations = {"ListInstances": list_instances, "DescribeInstance": describe_instance}
