"""Sharing the data sets of an instance with an account: the six operations of Connect's analytics lake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.connect.instances import invalid_token, named_instance
from lakeshare.sandbox.services.connect.lake import Instance, Instances

RULE_OFFERED = rule(
    "connect.data-set.offered",
    "An instance shares the data sets that ListAnalyticsDataLakeDataSets names, which are those of its Region's "
    "features, and no others.",
    tag="documented",
    source="https://docs.aws.amazon.com/connect/latest/APIReference/API_AssociateAnalyticsDataSet.html, "
    "https://docs.aws.amazon.com/connect/latest/adminguide/regions.html; the code and the message are inferred",
)
RULE_ASSOCIATED = rule(
    "connect.association.exists",
    "Only an association that exists is taken back.",
    tag="inferred",
    source="https://docs.aws.amazon.com/connect/latest/APIReference/API_DisassociateAnalyticsDataSet.html",
)
RULE_ACCOUNT = rule(
    "connect.association.account",
    "The target is an account, twelve digits.",
    tag="documented",
    source="botocore service model, connect AWSAccountId",
)
_ACCOUNT: Final = re.compile(r"\d{12}")


def associate_analytics_data_set(call: Call) -> Mapping[str, Any]:
    """Answer AssociateAnalyticsDataSet, whose answer has no status."""
    result = _associate(call, named_instance(call), call.params["DataSetId"], _target(call))
    return {key: value for key, value in result.items() if key != "ResourceShareStatus"}


def batch_associate_analytics_data_set(call: Call) -> Mapping[str, Any]:
    """Answer BatchAssociateAnalyticsDataSet: what is shared already is among what was created (inferred)."""
    instance, target = named_instance(call), _target(call)
    created, errors = [], []
    for data_set in call.params["DataSetIds"]:
        try:
            created.append(_associate(call, instance, data_set, target))
        except ServiceError as error:
            errors.append(_without_id(error))
    return {"Created": created, "Errors": errors}


def disassociate_analytics_data_set(call: Call) -> Mapping[str, Any]:
    """Answer DisassociateAnalyticsDataSet."""
    _disassociate(call, named_instance(call), call.params["DataSetId"], _target(call))
    return {}


def batch_disassociate_analytics_data_set(call: Call) -> Mapping[str, Any]:
    """Answer BatchDisassociateAnalyticsDataSet."""
    instance, target = named_instance(call), _target(call)
    deleted, errors = [], []
    for data_set in call.params["DataSetIds"]:
        try:
            _disassociate(call, instance, data_set, target)
            deleted.append(data_set)
        except ServiceError as error:
            errors.append(_without_id(error))
    return {"Deleted": deleted, "Errors": errors}


def list_analytics_data_associations(call: Call) -> Mapping[str, Any]:
    """Answer ListAnalyticsDataAssociations: of one instance, over all receiving accounts."""
    instance, wanted = named_instance(call), call.params.get("DataSetId")
    found = [pair for pair in instance.associations if wanted in {None, pair[0]}]
    params = call.params
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"Results": [_result(call, instance, *pair) for pair in shown]}, token)


def list_analytics_data_lake_data_sets(call: Call) -> Mapping[str, Any]:
    """Answer ListAnalyticsDataLakeDataSets."""
    found = [{"DataSetId": id_, "DataSetName": name} for id_, name in named_instance(call).data_sets.items()]
    params = call.params
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults"), most=1000, refusal=invalid_token)
    return with_token({"Results": shown}, token)


def _associate(call: Call, instance: Instance, data_set: str, target: str) -> dict[str, Any]:
    if data_set not in instance.data_sets:
        message = f"Data set {data_set} is not available for instance {instance.id}"
        raise RULE_OFFERED.refuse("InvalidParameterException", message)
    call.world.store(Instances).associate(instance, data_set, target)
    return _result(call, instance, data_set, target)


def _disassociate(call: Call, instance: Instance, data_set: str, target: str) -> None:
    if (data_set, target) not in instance.associations:
        message = f"Data set {data_set} is not associated with account {target}"
        raise RULE_ASSOCIATED.refuse("ResourceNotFoundException", message, status=404)
    call.world.store(Instances).disassociate(instance, data_set, target)


def _target(call: Call) -> str:
    """Return the receiving account; left out, it is the instance's own (documented)."""
    target = str(call.params.get("TargetAccountId", call.caller.account))
    if not _ACCOUNT.fullmatch(target):
        raise RULE_ACCOUNT.refuse("InvalidParameterException", f"Invalid TargetAccountId: {target}")
    return target


def _result(call: Call, instance: Instance, data_set: str, target: str) -> dict[str, Any]:
    share = call.world.store(Instances).share_of(instance, data_set, target)
    result = {"DataSetId": data_set, "TargetAccountId": target}
    if share is None:
        return result
    # The owner's view of a share, whatever its receiver has made of the invitation (inferred: AWS lists no values).
    return result | {
        "ResourceShareId": share.arn.rpartition("/")[2],
        "ResourceShareArn": share.arn,
        "ResourceShareStatus": "ACTIVE",
    }


def _without_id(error: ServiceError) -> dict[str, str]:
    """Return a failure as a batch shows it: with no word on which data set it was (the model has no member for it)."""
    return {
        "ErrorCode": error.code,
        "ErrorMessage": "The request for a data set failed; ask for it singly to know why.",
    }


OPERATIONS: Operations = {
    "AssociateAnalyticsDataSet": associate_analytics_data_set,
    "BatchAssociateAnalyticsDataSet": batch_associate_analytics_data_set,
    "DisassociateAnalyticsDataSet": disassociate_analytics_data_set,
    "BatchDisassociateAnalyticsDataSet": batch_disassociate_analytics_data_set,
    "ListAnalyticsDataAssociations": list_analytics_data_associations,
    "ListAnalyticsDataLakeDataSets": list_analytics_data_lake_data_sets,
}
