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
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.athena.failures import (
    QueryFailure,
    failure,
    lake_formation_failure,
    metastore_failure,
    permission_failure,
    s3_permission_failure,
)
from lakeshare.sandbox.services.athena.statements import TableName
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place
from lakeshare.sandbox.services.lakeformation.access import OpenTable, default_database_refusal, open_table
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
    "What Lake Formation leaves to IAM is read with the caller's own s3:ListBucket and s3:GetObject.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html; the wording is inferred",
)

_METADATA = ("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions")


def probe_default(world: World, caller: Caller, region: str) -> None:
    """Look at the database ``default`` before anything else, as the engine does; raises QueryFailure."""
    refusal = default_database_refusal(world, caller, region, caller.account)
    if refusal is not None:
        raise lake_formation_failure(refusal.message)


def open_named(world: World, caller: Caller, region: str, name: TableName) -> OpenTable:
    """Return the table that *name*, whose database is known, leads to, as far as *caller* may read it; QueryFailure."""
    assert name.database is not None
    here = Place(caller.account, region)
    near = (here.catalog_arn, here.database_arn(name.database), here.table_arn(name.database, name.table))
    try:
        _authorize_metadata(world, caller, near)
        table = open_table(world, caller, region, caller.account, name.database, name.table)
        _authorize_metadata(world, caller, tuple(arn for arn in table.glue_arns if arn not in near))
    except ServiceError as error:
        raise _refused(world, here, name, error) from error
    _authorize_reading(world, caller, table)
    return table


def _authorize_metadata(world: World, caller: Caller, arns: tuple[str, ...]) -> None:
    for action in _METADATA if arns else ():
        wanted = arns if action != "glue:GetDatabase" else tuple(arn for arn in arns if ":table/" not in arn)
        try:
            authorize(world, caller, action, *wanted)
        except ServiceError as error:
            raise RULE_GLUE.refuse(error.code, error.message) from error


def _authorize_reading(world: World, caller: Caller, table: OpenTable) -> None:
    if table.is_governed:
        try:
            authorize(world, caller, "lakeformation:GetDataAccess")
        except ServiceError as error:
            refusal = RULE_GET_DATA_ACCESS.refuse(error.code, error.message)
            raise permission_failure(refusal.message) from error
        return
    if table.view_text is not None:
        return
    bucket, _, prefix = table.location.removeprefix("s3://").partition("/")
    try:
        authorize(world, caller, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
        authorize(world, caller, "s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix.rstrip('/')}/*")
    except ServiceError as error:
        failed = s3_permission_failure(table.location)
        raise failed from RULE_OWN_S3.refuse(error.code, error.message)


def _refused(world: World, here: Place, name: TableName, error: ServiceError) -> QueryFailure:
    """Return how the query fails when the catalog, Lake Formation or IAM refuse."""
    assert name.database is not None
    if error.code == "EntityNotFoundException":
        if world.store(Catalogs).database(here, name.database) is None:
            return failure("SCHEMA_NOT_FOUND", f"Schema '{name.database}' does not exist", name.at)
        return failure(
            "TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{name.database}.{name.table}' does not exist", name.at
        )
    if error.code == "InvalidInputException":
        return metastore_failure(error.message)
    if "is not authorized to perform" in error.message:
        return permission_failure(error.message)
    return lake_formation_failure(error.message)
