"""What Glue shows: databases, tables and links, the catalog's own policy, and the key that it is encrypted with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshare.access.explain.observed import AWS_OWN_KEY, Entry, EntrySeen, Spot
from lakeshare.access.explain.read.asking import tried, tried_or
from lakeshare.access.iam import Kept, Statement, read_statements
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Absent, Place, Unreadable

MOST_PARTITIONS = 1000
"""As many as one call tells."""


def read_database(run: Run, place: Place, spot: Spot, *, sees_all: bool) -> EntrySeen:
    """
    Return a database as the operator of *place* sees it.

    With *sees_all* what is not found is not there; without, Lake Formation may only be hiding it (documented,
    error-message-update: a missing right is told as EntityNotFoundException).
    """

    def read() -> EntrySeen:
        answer = run.aws.call(
            place.alias, spot.region, "glue", "get_database", CatalogId=spot.catalog, Name=spot.database
        )
        row = answer["Database"]
        return Entry(spot.database_spot, _target(row.get("TargetDatabase"), spot), created_by=row.get("CreatedBy", ""))

    return _unless_hidden(tried_or(read, Absent(), "EntityNotFoundException"), place, sees_all=sees_all)


def read_table(run: Run, place: Place, spot: Spot, *, sees_all: bool) -> EntrySeen:
    """Return a table or link as the operator of *place* sees it; of a link, its target's columns if they show."""

    def read() -> EntrySeen:
        answer = run.aws.call(
            place.alias,
            spot.region,
            "glue",
            "get_table",
            CatalogId=spot.catalog,
            DatabaseName=spot.database,
            Name=str(spot.table),
        )
        return _entry(answer["Table"], spot)

    return _unless_hidden(tried_or(read, Absent(), "EntityNotFoundException"), place, sees_all=sees_all)


def _unless_hidden(found: EntrySeen, place: Place, *, sees_all: bool) -> EntrySeen:
    if isinstance(found, Absent) and not sees_all:
        return Unreadable(
            f"it does not show, and the operator is no Lake Formation administrator in {place.account_id}:"
            " it may only be hidden"
        )
    return found


def _entry(row: Mapping[str, Any], spot: Spot) -> Entry:
    storage = row.get("StorageDescriptor") or {}
    keys = tuple(key["Name"].lower() for key in row.get("PartitionKeys", ()))
    return Entry(
        spot,
        _target(row.get("TargetTable"), spot),
        (*(column["Name"].lower() for column in storage.get("Columns", ())), *keys),
        storage.get("Location", ""),
        row.get("IsRegisteredWithLakeFormation"),
        row.get("CreatedBy", ""),
        row.get("TableType") == "VIRTUAL_VIEW",
        frozenset(keys),
        _projected_to(row.get("Parameters") or {}),
    )


def _projected_to(parameters: Mapping[str, str]) -> str | None:
    # (documented: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html)
    is_projected = parameters.get("projection.enabled", "").lower() == "true"
    return parameters.get("storage.location.template") if is_projected else None


def read_partitions(run: Run, place: Place, spot: Spot) -> tuple[str, ...] | Unreadable:
    """Return where the partitions of a table lie, of the first page of them."""

    def read() -> tuple[str, ...]:
        answer = run.aws.call(
            place.alias,
            spot.region,
            "glue",
            "get_partitions",
            CatalogId=spot.catalog,
            DatabaseName=spot.database,
            TableName=str(spot.table),
            MaxResults=MOST_PARTITIONS,
        )
        rows = (row.get("StorageDescriptor") or {} for row in answer["Partitions"])
        return tuple(row["Location"] for row in rows if row.get("Location"))

    return tried(read)


def _target(row: Mapping[str, Any] | None, spot: Spot) -> Spot | None:
    if row is None:
        return None
    return Spot(
        # A link without a catalog leads into its own (observed: cdkd issue 1807).
        row.get("CatalogId") or spot.catalog,
        row.get("Region") or spot.region,
        row.get("DatabaseName", "").lower(),
        row["Name"].lower() if row.get("Name") else None,
        spot.partition,
    )


def read_catalog_policy(run: Run, place: Place, region: str) -> tuple[Statement, ...] | Unreadable:
    """Return the statements of the Data Catalog's own policy; none where it has none."""

    def read() -> tuple[Statement, ...]:
        answer = run.aws.call(place.alias, region, "glue", "get_resource_policy")
        text = answer.get("PolicyInJson")
        source = f"the Data Catalog's policy in {place.account_id}"
        return read_statements(text, source, _kept(place.account_id, region)) if text else ()

    return tried_or(read, (), "EntityNotFoundException")


def _kept(account: str, region: str) -> Kept:
    where = f"--region {region}"
    return Kept(
        account,
        f"aws glue get-resource-policy {where} --query PolicyInJson --output text",
        f"aws glue put-resource-policy {where} --enable-hybrid TRUE --policy-in-json file://policy.json",
        f"aws glue delete-resource-policy {where}",
    )


def read_catalog_key(run: Run, place: Place, region: str) -> tuple[str | Unreadable | None, str | None]:
    """
    Return the KMS key of the catalog, and the role as which Glue uses it; None where there is none.

    With ``SSE-KMS`` callers themselves must be able to use the key, with ``SSE-KMS-WITH-SERVICE-ROLE`` the role
    (documented, https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html).
    """

    def read() -> tuple[str | None, str | None]:
        answer = run.aws.call(place.alias, region, "glue", "get_data_catalog_encryption_settings")
        settings = answer["DataCatalogEncryptionSettings"].get("EncryptionAtRest", {})
        mode = settings.get("CatalogEncryptionMode", "DISABLED")
        if mode == "DISABLED":
            return None, None
        role = settings.get("CatalogEncryptionServiceRole") if mode == "SSE-KMS-WITH-SERVICE-ROLE" else None
        return settings.get("SseAwsKmsKeyId") or AWS_OWN_KEY, role

    found = tried(read)
    return (found, None) if isinstance(found, Unreadable) else found
