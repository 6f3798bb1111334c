"""
The ARNs that an API call touches, by service and operation: data, from AWS's Service Authorization Reference.

A template such as ``table/{DatabaseName}/{TableInput.Name}`` is filled from the call's parameters; ``{Names[]}`` makes
one ARN for each member of a list. A missing parameter is ``*``, or what the service takes it for (``_DEFAULTS``).
Templates are written without the part of the ARN that all resources of the service share (``PREFIXES``); one that
starts with ``{`` is a whole ARN by itself.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.policy.evaluate import UNKNOWN_RESOURCE

Templates = tuple[str, ...]
EVERYTHING: Templates = ("*",)
"""For operations without resource-level permissions."""

PREFIXES = {
    "athena": "arn:{partition}:athena:{region}:{account}:",
    "connect": "arn:{partition}:connect:{region}:{account}:",
    "glue": "arn:{partition}:glue:{region}:{catalog}:",
    "iam": "arn:{partition}:iam::{account}:",
    "ram": "arn:{partition}:ram:{region}:{account}:",
}

_WORKGROUP = "workgroup/{WorkGroup}"
_ATHENA: Mapping[str, Templates] = {
    "CreateNamedQuery": (_WORKGROUP,),
    "CreatePreparedStatement": (_WORKGROUP,),
    "CreateWorkGroup": ("workgroup/{Name}",),
    "DeletePreparedStatement": (_WORKGROUP,),
    "DeleteWorkGroup": (_WORKGROUP,),
    "GetPreparedStatement": (_WORKGROUP,),
    "GetWorkGroup": (_WORKGROUP,),
    "ListNamedQueries": (_WORKGROUP,),
    "ListPreparedStatements": (_WORKGROUP,),
    "ListQueryExecutions": (_WORKGROUP,),
    "ListDataCatalogs": EVERYTHING,
    "ListEngineVersions": EVERYTHING,
    "ListTagsForResource": ("{ResourceARN}",),
    "ListWorkGroups": EVERYTHING,
    "StartQueryExecution": (_WORKGROUP,),
    "TagResource": ("{ResourceARN}",),
    "UntagResource": ("{ResourceARN}",),
    "UpdatePreparedStatement": (_WORKGROUP,),
    "UpdateWorkGroup": (_WORKGROUP,),
    "GetDataCatalog": ("datacatalog/{Name}",),
    **dict.fromkeys(
        ("GetDatabase", "GetTableMetadata", "ListDatabases", "ListTableMetadata"),
        ("datacatalog/{CatalogName}",),
    ),
}

_INSTANCE = ("instance/{InstanceId}",)
_CONNECT: Mapping[str, Templates] = {
    "ListInstances": EVERYTHING,
    "CreateInstance": EVERYTHING,
    **dict.fromkeys(
        (
            "AssociateAnalyticsDataSet",
            "BatchAssociateAnalyticsDataSet",
            "BatchDisassociateAnalyticsDataSet",
            "DeleteInstance",
            "DescribeInstance",
            "DisassociateAnalyticsDataSet",
            "ListAnalyticsDataAssociations",
            "ListAnalyticsDataLakeDataSets",
        ),
        _INSTANCE,
    ),
}

# "All operations performed on a Data Catalog resource require permission on the resource and all the ancestors of that
# resource", and a deletion on all its children: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
_DATABASE: Templates = ("catalog", "database/{DatabaseName}")
_TABLE: Templates = (*_DATABASE, "table/{DatabaseName}/{TableName}")
_FUNCTION: Templates = (*_DATABASE, "userDefinedFunction/{DatabaseName}/{FunctionName}")
_GLUE: Mapping[str, Templates] = {
    "BatchDeleteTable": (*_DATABASE, "table/{DatabaseName}/{TablesToDelete[]}"),
    "CreateDatabase": ("catalog", "database/{DatabaseInput.Name}"),
    "CreateTable": (*_DATABASE, "table/{DatabaseName}/{TableInput.Name}"),
    "CreateUserDefinedFunction": (*_DATABASE, "userDefinedFunction/{DatabaseName}/{FunctionInput.FunctionName}"),
    "DeleteDatabase": ("catalog", "database/{Name}", "table/{Name}/*", "userDefinedFunction/{Name}/*"),
    "DeleteTable": (*_DATABASE, "table/{DatabaseName}/{Name}"),
    "GetDatabase": ("catalog", "database/{Name}"),
    "GetDatabases": ("catalog", "database/*"),
    "GetTable": (*_DATABASE, "table/{DatabaseName}/{Name}"),
    "GetTables": (*_DATABASE, "table/{DatabaseName}/*"),
    "GetTags": ("{ResourceArn}",),
    "GetUnfilteredTableMetadata": (*_DATABASE, "table/{DatabaseName}/{Name}"),
    "GetUserDefinedFunctions": (*_DATABASE, "userDefinedFunction/{DatabaseName}/*"),
    "SearchTables": ("catalog", "database/*", "table/*/*"),
    "TagResource": ("{ResourceArn}",),
    "UntagResource": ("{ResourceArn}",),
    "UpdateDatabase": ("catalog", "database/{Name}"),
    "UpdateTable": (*_DATABASE, "table/{DatabaseName}/{TableInput.Name}"),
    **dict.fromkeys(("DeleteUserDefinedFunction", "GetUserDefinedFunction", "UpdateUserDefinedFunction"), _FUNCTION),
    **dict.fromkeys(
        (
            "CreateCatalog",
            "DeleteCatalog",
            "DeleteResourcePolicy",
            "GetCatalog",
            "GetCatalogImportStatus",
            "GetCatalogs",
            "GetDataCatalogEncryptionSettings",
            "GetResourcePolicies",
            "GetResourcePolicy",
            "ImportCatalogToGlue",
            "PutDataCatalogEncryptionSettings",
            "PutResourcePolicy",
            "UpdateCatalog",
        ),
        ("catalog",),
    ),
    **dict.fromkeys(
        (
            "BatchCreatePartition",
            "BatchDeletePartition",
            "BatchDeleteTableVersion",
            "BatchGetPartition",
            "BatchUpdatePartition",
            "CreatePartition",
            "CreatePartitionIndex",
            "DeleteColumnStatisticsForPartition",
            "DeleteColumnStatisticsForTable",
            "DeletePartition",
            "DeletePartitionIndex",
            "DeleteTableVersion",
            "GetColumnStatisticsForPartition",
            "GetColumnStatisticsForTable",
            "GetPartition",
            "GetPartitionIndexes",
            "GetPartitions",
            "GetTableVersion",
            "GetTableVersions",
            "GetUnfilteredPartitionMetadata",
            "GetUnfilteredPartitionsMetadata",
            "UpdateColumnStatisticsForPartition",
            "UpdateColumnStatisticsForTable",
            "UpdatePartition",
        ),
        _TABLE,
    ),
}

_SHARE: Templates = ("{resourceShareArn}",)
_ANY_SHARE: Templates = ("resource-share/*",)  # observed: refusals of GetResourceShares name it
_INVITATION: Templates = ("{resourceShareInvitationArn}",)
_RAM: Mapping[str, Templates] = {
    "AcceptResourceShareInvitation": _INVITATION,
    "AssociateResourceShare": _SHARE,
    "AssociateResourceSharePermission": _SHARE,
    "CreateResourceShare": _ANY_SHARE,
    "DeleteResourceShare": _SHARE,
    "DisassociateResourceShare": _SHARE,
    "DisassociateResourceSharePermission": _SHARE,
    "GetResourceShares": _ANY_SHARE,
    "ListPendingInvitationResources": _INVITATION,
    "ListResourceSharePermissions": _SHARE,
    "RejectResourceShareInvitation": _INVITATION,
    "UpdateResourceShare": _SHARE,
}

BY_SERVICE: Mapping[str, Mapping[str, Templates]] = {
    "athena": _ATHENA,
    "connect": _CONNECT,
    "glue": _GLUE,
    "lakeformation": {},
    "ram": _RAM,
}
_WITHOUT_RESOURCES = frozenset({"lakeformation", "ram"})
"""Services whose operations, where nothing is said above, have no resource-level permissions."""

_DEFAULTS = {"WorkGroup": "primary"}
_PLACEHOLDER = re.compile(r"\{([\w.]+)(\[\])?\}")


def resource_arns(service: str, operation: str, account: str, region: str, params: Mapping[str, Any]) -> Templates:
    """Return the ARNs that the call touches; UNKNOWN_RESOURCE alone where nobody has said which."""
    templates = BY_SERVICE.get(service, {}).get(operation)
    if templates is None:
        return EVERYTHING if service in _WITHOUT_RESOURCES else (UNKNOWN_RESOURCE,)
    if templates == EVERYTHING:
        return EVERYTHING
    prefix = PREFIXES.get(service, "").format(
        partition=partition_in(region),
        account=account,
        region=region,
        catalog=params.get("CatalogId", account).partition(":")[0],
    )
    return tuple(_fill(templates, prefix, params))


def _fill(templates: Iterable[str], prefix: str, params: Mapping[str, Any]) -> Iterator[str]:
    for template in templates:
        choices = [_values(found[1], params) for found in _PLACEHOLDER.finditer(template)]
        literal = _PLACEHOLDER.sub("{}", template)
        start = "" if template.startswith("{") else prefix
        yield from (start + literal.format(*chosen) for chosen in product(*choices))


def _values(path: str, params: Mapping[str, Any]) -> list[str]:
    value: Any = params
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is None:
        return [_DEFAULTS.get(path, "*")]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
