"""
The steps that Athena takes in the caller's name to read a table, each of which can refuse.

They are those of a query over a link (documented: athena/latest/ug/lf-athena-user-permissions.html,
lake-formation/latest/dg/cross-account-read-data.html), in this order: the database ``default``; IAM on the names that
the query uses; Lake Formation's decision, which also follows the link; IAM on what the link leads to; the data itself.
"""

from __future__ import annotations

from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.policy import authorize
from lakeshare.sandbox.policy.data import authorize_reading
from lakeshare.sandbox.policy.forwarded import in_the_callers_name
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.asking import ATHENA
from lakeshare.sandbox.services.athena.failures import (
    QueryFailure,
    failure,
    lake_formation_failure,
    metastore_failure,
    permission_failure,
    s3_failure,
    s3_permission_failure,
)
from lakeshare.sandbox.services.athena.statements import TableName
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.glue.encryption import check_key
from lakeshare.sandbox.services.lakeformation.access import OpenTable, default_database_refusal, open_table
from lakeshare.sandbox.services.lakeformation.registered_roles import role_for
from lakeshare.sandbox.world import World

RULE_GLUE = rule(
    "athena.query.glue-on-link-and-target",
    "A query needs glue:GetDatabase, glue:GetTable and glue:GetPartitions on catalog, database and table, those of the "
    "link and those of its target.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/lf-athena-user-permissions.html",
)
RULE_GET_DATA_ACCESS = rule(
    "athena.query.get-data-access",
    "Reading what Lake Formation rules takes IAM's lakeformation:GetDataAccess.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/cross-account-read-data.html",
)
RULE_OWN_S3 = rule(
    "athena.query.own-s3-rights",
    "What Lake Formation leaves to IAM, or what lies in no registered place, is read with the caller's own "
    "s3:ListBucket, s3:GetObject and kms:Decrypt.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html; the wording is observed; of places that "
    "are not registered it is inferred",
)
RULE_ROLE_S3 = rule(
    "athena.query.registered-role-s3-rights",
    "What Lake Formation rules is read with the s3:ListBucket, s3:GetObject and kms:Decrypt of the role that the place "
    "was registered with, whatever the caller's own.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/registration-role.html; the wording is that of S3's "
    "refusals in Athena, observed",
)
RULE_WITHIN = rule(
    "athena.query.partitions-within-table",
    "Where Lake Formation vends the credentials they are for the table's location, and a partition elsewhere is out of "
    "their reach.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/limitations.html; the wording is that of S3's "
    "refusals in Athena",
)

_METADATA = ("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions")


def probe_default(world: World, caller: Caller, region: str) -> None:
    """Look at the database ``default`` before anything else, as the engine does; raises QueryFailure."""
    refusal = default_database_refusal(world, caller, region, caller.account)
    if refusal is not None:
        raise lake_formation_failure(refusal.message)


def open_named(world: World, caller: Caller, region: str, name: TableName, catalog: str | None = None) -> OpenTable:
    """
    Return the table that *name*, whose database is known, leads to, as far as *caller* may read it; QueryFailure.

    It is looked for in the Data Catalog of the account *catalog*, by default the caller's own.
    """
    assert name.database is not None
    here = Place(catalog or caller.account, region)
    near = (here.catalog_arn, here.database_arn(name.database), here.table_arn(name.database, name.table))
    try:
        _authorize_metadata(world, caller, region, near)
        check_key(world, caller, here, via=ATHENA)
        table = open_table(world, caller, region, here.account, name.database, name.table)
        _authorize_metadata(world, caller, region, tuple(arn for arn in table.glue_arns if arn not in near))
        if (there := Place(table.owner, table.region)) != here:
            check_key(world, caller, there, via=ATHENA)
    except ServiceError as error:
        raise _refused(world, here, name, error) from error
    _authorize_reading(world, caller, table)
    return table


def _authorize_metadata(world: World, caller: Caller, region: str, arns: tuple[str, ...]) -> None:
    for action in _METADATA if arns else ():
        wanted = arns if action != "glue:GetDatabase" else tuple(arn for arn in arns if ":table/" not in arn)
        try:
            authorize(world, caller, action, *wanted, context=in_the_callers_name(ATHENA, region))
        except ServiceError as error:
            raise RULE_GLUE.refuse(error.code, error.message) from error


def _authorize_reading(world: World, caller: Caller, table: OpenTable) -> None:
    if table.is_governed:
        try:
            authorize(world, caller, "lakeformation:GetDataAccess", context=in_the_callers_name(ATHENA, table.region))
        except ServiceError as error:
            refusal = RULE_GET_DATA_ACCESS.refuse(error.code, error.message)
            raise permission_failure(refusal.message) from error
    if table.view_text is None and table.location:
        check_location(world, caller, table, table.location)


def check_location(world: World, caller: Caller, table: OpenTable, location: str) -> None:
    """Refuse data of *table* that neither Lake Formation nor the caller itself may read; raises QueryFailure."""
    try:
        role = role_for(world, caller, Place(table.owner, table.region), location) if table.is_governed else None
    except ServiceError as error:
        raise s3_failure(location, error.message) from error
    try:
        authorize_reading(world, role or caller, table.region, location, via="" if role else ATHENA)
    except ServiceError as error:
        if role is None:
            raise s3_permission_failure(location) from RULE_OWN_S3.refuse(error.code, error.message)
        raise s3_failure(location, error.message) from RULE_ROLE_S3.refuse(error.code, error.message)
    if role is not None and not f"{location.rstrip('/')}/".startswith(f"{table.location.rstrip('/')}/"):
        message = f"{location} is not within {table.location}"
        raise s3_failure(location, message) from RULE_WITHIN.refuse("AccessDeniedException", message)


def _refused(world: World, here: Place, name: TableName, error: ServiceError) -> QueryFailure:
    """Return how the query fails when the catalog, Lake Formation or IAM refuse."""
    assert name.database is not None
    if error.code == "EntityNotFoundException":
        if world.store(Catalogs).database(here, name.database) is None:
            return failure("SCHEMA_NOT_FOUND", f"Schema '{name.database}' does not exist", name.at)
        return failure(
            "TABLE_NOT_FOUND",
            f"Table '{name.catalog or 'awsdatacatalog'}.{name.database}.{name.table}' does not exist",
            name.at,
        )
    if error.code == "InvalidInputException":
        return metastore_failure(error.message)
    if "is not authorized to perform" in error.message:
        return permission_failure(error.message)
    return lake_formation_failure(error.message)
