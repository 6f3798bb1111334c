"""
The permissions that AWS manages: data, and which of those for what is in Data Catalogs a share has.

Names, types, versions and days are those that ListPermissions tells (observed: moto, which recorded them). Lake
Formation's shares have had the ``AWSRAMLFEnabled`` ones since July 2023 (documented: hybrid-access-mode-update.html);
what is shared with RAM itself has the default of its type (documented: CreateResourceShare).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.refusals import malformed
from lakeshare.sandbox.services.ram.resource_types import type_of

RULE_KNOWN = rule(
    "ram.permission.known",
    "A permission is one that AWS manages; the sandbox has no others, and no older versions.",
    tag="documented",
    source="https://docs.aws.amazon.com/ram/latest/APIReference/API_GetPermission.html; the message is inferred",
)
PREFIX: Final = "arn:aws:ram::aws:permission/"


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that AWS manages, for one type of resource."""

    name: str
    resource_type: str
    version: int = 1
    made: date = date(2022, 6, 30)

    @property
    def arn(self) -> str:
        """The ARN, which names no account."""
        return f"{PREFIX}{self.name}"

    @property
    def is_default(self) -> bool:
        """Whether a share has it where nobody chooses another."""
        return self.name.startswith("AWSRAMDefault")

    @property
    def since(self) -> datetime:
        """When AWS made it, as far as is known."""
        made = date(2023, 6, 27) if "LFEnabled" in self.name else self.made
        return datetime(made.year, made.month, made.day, tzinfo=UTC)

    @property
    def template(self) -> str:
        """
        What it allows, as GetPermission tells it (the actions are inferred, but for tables: optimize-ram.html).

        What the permissions of other services allow is not known here, and left out.
        """
        return json.dumps({"Effect": "Allow", "Action": list(ACTIONS.get(self.resource_type, ()))})


ACTIONS: Final = {
    "glue:Catalog": ("glue:GetCatalog", "glue:GetDatabases"),
    "glue:Database": ("glue:GetDatabase", "glue:GetDatabases"),
    "glue:Table": (
        "glue:GetTable",
        "glue:GetTables",
        "glue:GetTableVersion",
        "glue:GetTableVersions",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:BatchGetPartition",
        "glue:SearchTables",
    ),
}
_CATALOG, _DATABASE, _TABLE = ACTIONS
DATABASE: Final = Permission("AWSRAMLFEnabledGlueDatabaseReadWrite", _DATABASE)
ALL_TABLES: Final = Permission("AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase", _DATABASE)
TABLE: Final = Permission("AWSRAMLFEnabledGlueTableReadWrite", _TABLE)
CATALOG: Final = Permission("AWSRAMDefaultPermissionGlueCatalog", _CATALOG)
PERMISSIONS: Final = {
    each.arn: each
    for each in (
        CATALOG,
        Permission("AWSRAMPermissionGlueAllTablesReadWriteForCatalog", _CATALOG, 3),
        Permission("AWSRAMPermissionGlueDatabaseReadWriteForCatalog", _CATALOG, 3),
        Permission("AWSRAMPermissionGlueTableReadWriteForCatalog", _CATALOG, 3),
        Permission("AWSRAMPermissionLFTagGlueDatabaseReadWriteForCatalog", _CATALOG),
        Permission("AWSRAMPermissionLFTagGlueTableReadWriteForCatalog", _CATALOG),
        Permission("AWSRAMDefaultPermissionGlueDatabase", _DATABASE),
        ALL_TABLES,
        DATABASE,
        Permission("AWSRAMPermissionGlueAllTablesReadWriteForDatabase", _DATABASE, 3),
        Permission("AWSRAMPermissionGlueDatabaseReadWrite", _DATABASE, 3),
        Permission("AWSRAMPermissionGlueTableReadWriteForDatabase", _DATABASE, 3),
        Permission("AWSRAMPermissionLFTagGlueDatabaseReadWrite", _DATABASE),
        Permission("AWSRAMPermissionLFTagGlueTableReadWriteForDatabase", _DATABASE),
        Permission("AWSRAMDefaultPermissionGlueTable", _TABLE),
        Permission("AWSRAMLFEnabledGlueDatabaseReadWriteForTable", _TABLE),
        TABLE,
        Permission("AWSRAMPermissionGlueDatabaseReadWriteForTable", _TABLE, 2),
        Permission("AWSRAMPermissionGlueTableReadWrite", _TABLE, 2),
        Permission("AWSRAMPermissionLFTagGlueDatabaseReadWriteForTable", _TABLE),
        Permission("AWSRAMPermissionLFTagGlueTableReadWrite", _TABLE),
    )
}
_OF_OTHERS: Final = (
    Permission("AWSRAMDefaultPermissionAppMesh", "appmesh:Mesh", 3, date(2023, 3, 28)),
    Permission("AWSRAMDefaultPermissionCodeBuildProject", "codebuild:Project"),
    Permission("AWSRAMDefaultPermissionCodeBuildReportGroup", "codebuild:ReportGroup"),
    Permission("AWSRAMDefaultPermissionImageBuilderComponent", "imagebuilder:Component"),
    Permission("AWSRAMDefaultPermissionImageBuilderImage", "imagebuilder:Image"),
    Permission("AWSRAMDefaultPermissionImageBuilderImageRecipe", "imagebuilder:ImageRecipe"),
    Permission(
        "AWSRAMDefaultPermissionLicenseConfiguration", "license-manager:LicenseConfiguration", 1, date(2024, 1, 31)
    ),
    Permission("AWSRAMDefaultPermissionPrefixList", "ec2:PrefixList"),
    Permission("AWSRAMDefaultPermissionRDSCluster", "rds:Cluster"),
    Permission("AWSRAMDefaultPermissionResolverRule", "route53resolver:ResolverRule"),
    Permission("AWSRAMDefaultPermissionResourceGroup", "resource-groups:Group"),
    Permission("AWSRAMDefaultPermissionSubnet", "ec2:Subnet", 1, date(2024, 10, 30)),
    Permission("AWSRAMDefaultPermissionTransitGatewayMulticastDomain", "ec2:TransitGatewayMulticastDomain"),
    Permission(
        "AWSRAMDefaultPermissionsNetworkManagerCoreNetwork", "networkmanager:CoreNetwork", 3, date(2024, 10, 23)
    ),
    Permission("AWSRAMTransitGatewayPermissionsNetworkManagerCoreNetwork", "networkmanager:CoreNetwork"),
    Permission("AWSRAMVPCPermissionsNetworkManagerCoreNetwork", "networkmanager:CoreNetwork"),
)
EVERY_PERMISSION: Final = {**{each.arn: each for each in _OF_OTHERS}, **PERMISSIONS}
"""Those of other services too, which ListPermissions tells and shares of theirs can have."""
_DEFAULTS: Final = {each.resource_type: each for each in PERMISSIONS.values() if each.is_default}


def known_permission(arn: str, version: int | None = None) -> Permission:
    """Return the permission of that ARN, which there must be, in the version that it is asked for in."""
    if not arn.startswith("arn:") or ":permission/" not in arn:
        raise malformed("permission", arn)
    found = EVERY_PERMISSION.get(arn)
    if found is None or version not in {None, found.version}:
        raise unknown_permission(arn)
    return found


def unknown_permission(arn: str) -> ServiceError:
    """Return the refusal of a permission that there is not, or not where it is looked for."""
    return RULE_KNOWN.refuse("UnknownResourceException", f"Permission {arn} could not be found.")


def lake_permission(resource: str) -> Permission:
    """Return the permission under which Lake Formation shares a resource, or a pattern of them."""
    kind = type_of(resource)
    if kind == _TABLE:
        is_all_of_one = resource.endswith("/*") and not resource.endswith("/*/*")
        return ALL_TABLES if is_all_of_one else TABLE
    return DATABASE if kind == _DATABASE else CATALOG


def permissions_of(share: Share) -> Iterable[Permission]:
    """Return the permissions of a share: those that were chosen, and those of what is in it, each once."""
    chosen = [EVERY_PERMISSION[arn] for arn in share.permissions.values()]
    held = [arn for arn in share.resources if type_of(arn) in _DEFAULTS and type_of(arn) not in share.permissions]
    if share.purpose:
        return dict.fromkeys([*chosen, *(lake_permission(arn) for arn in held)])
    return dict.fromkeys([*chosen, *(_DEFAULTS[type_of(arn)] for arn in held)])
