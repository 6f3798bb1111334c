"""What IAM must allow the operator for a grant."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.rights import Right, glue_arns, rights

_SHARED_BY_LAKE_FORMATION = "resource-share/*"


def asked_about(item: LakeGrant) -> Hashable:
    """Return all that the rights for a grant hang on: the thing, and whether it goes to an account; not the grantee."""
    return "lake_grant", item.place, item.catalog, item.database, item.table, item.is_to_account


def rights_for(item: LakeGrant) -> Iterator[Right]:
    """
    Yield the rights.

    Lake Formation knows no resources in IAM (documented), and asks IAM whether the grantor may see the thing
    (reference, 3.3). A grant to another account calls RAM, and writes the Glue policy, in the grantor's name
    (documented: the managed policy AWSLakeFormationCrossAccountManager).
    """
    thing = glue_arns(item.place, item.database, item.table, owner=item.catalog)
    sight = "GetDatabase" if item.table is None else "GetTable"
    yield from rights("look", "lakeformation", "ListPermissions")
    yield from rights(("make", "mend", "take away"), "glue", sight, *thing)
    yield from rights(("make", "mend"), "lakeformation", "BatchGrantPermissions GrantPermissions")
    yield from rights(("change", "take away"), "lakeformation", "BatchRevokePermissions RevokePermissions")
    if item.is_to_account:
        yield from _across_accounts(item)


def _across_accounts(item: LakeGrant) -> Iterator[Right]:
    shares = item.place.arn("ram", _SHARED_BY_LAKE_FORMATION)
    catalog = item.place.arn("glue", "catalog")
    on = "CreateResourceShare AssociateResourceShare AssociateResourceSharePermission"
    yield from rights(("make", "mend"), "ram", on, shares)
    yield from rights(("make", "mend"), "glue", "PutResourcePolicy", catalog)
    yield from rights("take away", "ram", "DisassociateResourceShare DeleteResourceShare", shares)
