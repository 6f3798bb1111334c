"""The IAM actions that an API call needs, each on its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.context import Given
from lakeshare.sandbox.policy.iam_keys import iam_keys
from lakeshare.sandbox.policy.resources import EVERYTHING, PREFIXES, resource_arns
from lakeshare.sandbox.policy.s3 import s3_context, s3_needs
from lakeshare.sandbox.wire.http import Request

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and its neighbours: no permissions are
# required; AssumeRole asks both sides itself.
_FREE = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
    }
)
_CALLED_OTHERWISE = {
    "glue:GetUnfilteredPartitionMetadata": "glue:GetPartition",
    "glue:GetUnfilteredPartitionsMetadata": "glue:GetPartitions",
    "glue:GetUnfilteredTableMetadata": "glue:GetTable",
    "lakeformation:GetTemporaryDataLocationCredentials": "lakeformation:GetDataAccess",
    "lakeformation:GetTemporaryGluePartitionCredentials": "lakeformation:GetDataAccess",
    "lakeformation:GetTemporaryGlueTableCredentials": "lakeformation:GetDataAccess",
}
"""Calls whose action in IAM has another name, as their own documentation says."""

_ACTION_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""The prefixes of services whose actions are not called as the service signs."""
_PASSED_ROLES = {"lakeformation:RegisterResource": "RoleArn", "lakeformation:UpdateResource": "RoleArn"}
"""Calls that hand a role to the service, for which the caller needs iam:PassRole on it."""

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html, dependent actions.
_DEPENDENT = {"connect:ListInstances": "ds:DescribeDirectories"}
"""Calls that read from another service as their caller, and what of it they do, on everything."""

_IAM_ENTITIES = (("RoleName", "role"), ("UserName", "user"), ("GroupName", "group"))


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A call, as far as IAM looks at it.

    Its parameters are there for our own services; ``path_values`` (Bucket, Key) and ``request`` for all.
    """

    call: Call
    path_values: Mapping[str, str]
    request: Request


@dataclass(frozen=True, slots=True)
class Need:
    """An action that must be allowed on every one of ``arns``, with the condition keys of the call."""

    action: str
    arns: tuple[str, ...]
    context: Given = field(default_factory=dict)


def needs(asked: Asked) -> Iterator[Need]:
    """Yield what IAM must allow for the call to be admitted."""
    call = asked.call
    action = f"{_ACTION_PREFIXES.get(call.service, call.service)}:{call.operation}"
    where: dict[str, str | tuple[str, ...]] = {"aws:RequestedRegion": call.region}
    if action in _FREE:
        return
    if call.service == "s3":
        bucket, key = asked.path_values.get("Bucket", ""), asked.path_values.get("Key", "")
        for s3_action, arn in s3_needs(call.operation, bucket, key, call.region, asked.request):
            yield Need(s3_action, (arn,), where | s3_context(asked.request))
    elif call.service == "iam":
        arns = _iam_arns(asked)
        yield Need(action, arns, where | iam_keys(call.world, call.operation, asked.request.form, arns[0]))
    else:
        arns = resource_arns(call.service, call.operation, call.caller.account, call.region, call.params)
        yield Need(_CALLED_OTHERWISE.get(action, action), arns, where)
    if action in _DEPENDENT:
        yield Need(_DEPENDENT[action], EVERYTHING, where)
    if (role := call.params.get(_PASSED_ROLES.get(action, ""))) is not None:
        yield Need("iam:PassRole", (role,), where | {"iam:PassedToService": f"{call.service}.amazonaws.com"})


def _iam_arns(asked: Asked) -> tuple[str, ...]:
    """A role's ARN has its path, which only the store knows of an existing one and only the call of a new one."""
    form, account = asked.request.form, asked.call.caller.account
    prefix = PREFIXES["iam"].format(partition=partition_in(asked.call.region), account=account)
    for parameter, kind in _IAM_ENTITIES:
        if name := form.get(parameter):
            known = asked.call.world.store(Moto).entity_arn(account, kind, name)
            return (known or f"{prefix}{kind}{form.get('Path', '/')}{name}",)
    if "PolicyArn" in form:
        return (form["PolicyArn"],)
    if "PolicyName" in form:
        return (f"{prefix}policy{form.get('Path', '/')}{form['PolicyName']}",)
    return EVERYTHING
