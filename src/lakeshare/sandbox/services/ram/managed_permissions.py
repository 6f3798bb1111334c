"""
The managed permissions for what is in Data Catalogs: data, and which of them a share has.

Names, types and versions are those that ListPermissions tells (observed: moto, which recorded them). Lake Formation's
shares have had the ``AWSRAMLFEnabled`` ones since July 2023 (documented: hybrid-access-mode-update.html); what is
shared with RAM itself has the default of its type (documented: CreateResourceShare).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.ram.associations import Share
from lakeshare.sandbox.services.ram.refusals import malformed
from lakeshare.sandbox.services.ram.resource_types import type_of

RULE_KNOWN = rule(
    "ram.permission.known",
    "A permission is one that AWS manages for the Data Catalog; the sandbox has no others, and no older versions.",
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
        return datetime(2023, 6, 27, tzinfo=UTC) if "LFEnabled" in self.name else datetime(2022, 6, 30, tzinfo=UTC)

    @property
    def template(self) -> str:
        """What it allows, as GetPermission tells it (the actions are inferred, but for tables: optimize-ram.html)."""
        return json.dumps({"Effect": "Allow", "Action": list(ACTIONS[self.resource_type])})


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
_DEFAULTS: Final = {each.resource_type: each for each in PERMISSIONS.values() if each.is_default}


def known_permission(arn: str, version: int | None = None) -> Permission:
    """Return the permission of that ARN, which there must be, in the version that it is asked for in."""
    if not arn.startswith("arn:") or ":permission/" not in arn:
        raise malformed("permission", arn)
    found = PERMISSIONS.get(arn)
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
    chosen = [PERMISSIONS[arn] for arn in share.permissions.values()]
    held = [arn for arn in share.resources if type_of(arn) in _DEFAULTS and type_of(arn) not in share.permissions]
    if share.purpose:
        return dict.fromkeys([*chosen, *(lake_permission(arn) for arn in held)])
    return dict.fromkeys([*chosen, *(_DEFAULTS[type_of(arn)] for arn in held)])
