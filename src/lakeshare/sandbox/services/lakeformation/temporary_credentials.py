"""
Keys for engines outside AWS: GetTemporaryGlueTableCredentials and its companions.

The keys are a session of the role that the place was registered with, narrowed to the one path that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lakeshare.sandbox.arns import s3_arn, s3_url
from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import Identities
from lakeshare.sandbox.policy.data import bucket_and_prefix
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Catalogs, Place, Table
from lakeshare.sandbox.services.lakeformation import access, by_tags, effective, matrix
from lakeshare.sandbox.services.lakeformation.engines import RULE_LET, check_engine, sight
from lakeshare.sandbox.services.lakeformation.keys import TableKey
from lakeshare.sandbox.services.lakeformation.registered_roles import role_for
from lakeshare.sandbox.services.lakeformation.settings import Settings

RULE_NAMED = rule(
    "lakeformation.credentials.table",
    "Credentials are for a table, which its ARN names, with permissions that tables have, and for a path within it.",
    tag="inferred",
    source="botocore service model, lakeformation GetTemporaryGlueTableCredentials; the messages are ours",
)
RULE_REGISTERED = rule(
    "lakeformation.credentials.registered",
    "Lake Formation vends credentials for what lies in a registered place, and nothing else.",
    tag="documented",
    source="botocore service model, lakeformation GetTemporaryDataLocationCredentials; the message is ours",
)
RULE_PARTITION = rule(
    "lakeformation.credentials.partition",
    "A partition that credentials are for is there, within its table's location.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/"
    "API_GetTemporaryGluePartitionCredentials.html; the message is ours",
)
RULE_LOCATION = rule(
    "lakeformation.credentials.location",
    "A location that credentials are for is that of a table, or below it, on which the caller has SELECT or Super, "
    "and engines are let to read whole tables.",
    tag="documented",
    source="botocore service model, lakeformation GetTemporaryDataLocationCredentials; the messages are ours",
)
_HOUR: Final = 3600
_WRITES: Final = frozenset({"INSERT", "DELETE", "ALL"})


@dataclass(frozen=True, slots=True)
class _Found:
    """A table that no link stands for, and the catalog that it is in."""

    place: Place
    table: Table

    @property
    def key(self) -> TableKey:
        return TableKey(self.table.database, self.table.name)

    @property
    def location(self) -> str:
        return str(self.table.definition.get("StorageDescriptor", {}).get("Location", ""))


def get_temporary_glue_table_credentials(call: Call) -> Mapping[str, Any]:
    """Answer GetTemporaryGlueTableCredentials: keys for the table's location, or for a path within it."""
    found = _table(call)
    path = call.params.get("S3Path") or found.location
    if not _is_within(path, found.location):
        raise RULE_NAMED.refuse("InvalidInputException", f"{path} is not within {found.location}.")
    return {**_vend_for_table(call, found, path), "VendedS3Path": [path]}


def get_temporary_glue_partition_credentials(call: Call) -> Mapping[str, Any]:
    """Answer GetTemporaryGluePartitionCredentials: keys for one partition's location."""
    found, values = _table(call), tuple(call.params["Partition"]["Values"])
    partition = found.table.partitions.get(values)
    if partition is None:
        raise RULE_PARTITION.refuse("EntityNotFoundException", f"Cannot find partition with values {list(values)}.")
    path = str(partition.definition.get("StorageDescriptor", {}).get("Location", "")) or found.location
    if not _is_within(path, found.location):
        raise RULE_PARTITION.refuse("AccessDeniedException", f"{path} is not within {found.location}.")
    return _vend_for_table(call, found, path)


def get_temporary_data_location_credentials(call: Call) -> Mapping[str, Any]:
    """Answer GetTemporaryDataLocationCredentials: keys for a location, by the rights on the table that is there."""
    locations = [s3_url(each) for each in call.params.get("DataLocations", [])]
    if len(locations) != 1:
        raise RULE_LOCATION.refuse("InvalidInputException", "Exactly one data location must be given.")
    (location,) = locations
    scope = call.params.get("CredentialsScope", "READ")
    found = _table_at(call, location)
    key, wanted = found.key, {"READ": ("SELECT",), "READWRITE": ("SELECT", "INSERT", "DELETE")}[scope]
    for permission in wanted:
        if not access.may(call.world, call.caller, found.place, key, permission):
            message = access.insufficient(key, permission).message
            raise RULE_LOCATION.refuse("AccessDeniedException", message)
    is_whole = sight(call.world, call.caller, found.place, found.table).is_whole
    if not (is_whole and call.world.store(Settings).lets_read_whole_tables(found.place)):
        raise RULE_LET.refuse("AccessDeniedException", "Access is not allowed.")
    keys = _issue(call, found, location, writes=scope == "READWRITE")
    return {"Credentials": keys, "AccessibleDataLocations": [location], "CredentialsScope": scope}


def _table(call: Call) -> _Found:
    """Return the table that TableArn names, which another account's share must have brought."""
    arn = call.params["TableArn"]
    prefix, _, path = arn.partition(":table/")
    service, (database, _, name) = prefix.split(":"), path.partition("/")
    if service[:4] != ["arn", "aws", "glue", call.region] or len(service) != 5 or not (database and name):
        raise RULE_NAMED.refuse("InvalidInputException", f"{arn} is not the ARN of a table in {call.region}.")
    place = Place(service[4], call.region)
    key = TableKey(database.lower(), name.lower())
    access.check_arrived(call.world, call.caller, place, key)
    table = access.find_table(call.world, place, database, name)
    if table.target is not None:
        raise RULE_NAMED.refuse("InvalidInputException", f"{arn} is a resource link; the target's ARN is asked for.")
    return _Found(place, table)


def _vend_for_table(call: Call, found: _Found, path: str) -> dict[str, Any]:
    """Return keys for *path*, once the caller's permissions and the engine are found to be in order."""
    asked = frozenset(call.params.get("Permissions") or ["SELECT"])
    kind = effective.kind_of(call.world, found.place, found.key)
    assert kind is not None
    if unknown := sorted(asked - matrix.GRANTABLE[kind]):
        message = f"Permissions {', '.join(unknown)} are not those of a {kind}."
        raise RULE_NAMED.refuse("InvalidInputException", message)
    # Rights on metadata alone open no data, whatever is asked for.
    for permission in sorted(asked if asked & matrix.READS else asked | {"SELECT"}):
        access.check(call.world, call.caller, found.place, found.key, permission)
    seen = sight(call.world, call.caller, found.place, found.table)
    check_engine(call.world, call.caller, found.place, seen, call.params.get("SupportedPermissionTypes", ()))
    return _issue(call, found, path, writes=bool(asked & _WRITES))


def _issue(call: Call, found: _Found, path: str, *, writes: bool) -> dict[str, Any]:
    session = role_for(call.world, call.caller, found.place, path, _policy(path, call.region, writes=writes))
    if session is None:
        raise _not_registered(path)
    if effective.is_hybrid(call.world, found.place, found.key) and effective.is_iams_for(
        call.world, call.caller, found.place, found.key
    ):
        # Whom nobody has opted in reads with its own rights.
        raise RULE_LET.refuse("AccessDeniedException", "Access is not allowed.")
    keys = call.world.store(Identities).issue(session, call.params.get("DurationSeconds", _HOUR))
    return {
        "AccessKeyId": keys.access_key,
        "SecretAccessKey": keys.secret_key,
        "SessionToken": keys.token,
        "Expiration": datetime.fromtimestamp(keys.expires_at, UTC),
    }


def _policy(path: str, region: str, *, writes: bool) -> str:
    """Return the policy that narrows the role's session to one path (documented: to a single prefix)."""
    bucket, prefix = bucket_and_prefix(path)
    actions = ["s3:GetObject", "s3:GetObjectVersion"] + (["s3:PutObject", "s3:DeleteObject"] if writes else [])
    listing: dict[str, Any] = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": s3_arn(bucket, region)}
    if prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": [prefix.rstrip("/"), f"{prefix}*"]}}
    objects = {"Effect": "Allow", "Action": actions, "Resource": s3_arn(f"{bucket}/{prefix}*", region)}
    keys = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [listing, objects, keys]})


def _table_at(call: Call, location: str) -> _Found:
    """Return the table with the longest location that holds *location*, of this account's or of those it can see."""
    here = Place(call.caller.account, call.region)
    holding = [each for each in _tables(call, here) if each.location and _is_within(location, each.location)]
    registered = {each.place for each in holding} | {here}
    if not any(role_for(call.world, call.caller, place, location) for place in registered):
        raise _not_registered(location)
    if not holding:
        raise RULE_LOCATION.refuse("EntityNotFoundException", f"No table is associated with {location}.")
    return max(holding, key=lambda each: len(each.location))


def _tables(call: Call, here: Place) -> Iterator[_Found]:
    catalogs = call.world.store(Catalogs)
    yield from (_Found(here, table) for home in catalogs.databases(here) for table in home.tables.values())
    for owner, key in dict.fromkeys(by_tags.shared_with(call.world, here)):
        if isinstance(key, TableKey):
            home = catalogs.database(owner, key.database)
            tables = home.tables.values() if home else ()
            yield from (_Found(owner, table) for table in tables if key.is_wildcard or key.table == table.name)


def _is_within(path: str, location: str) -> bool:
    return f"{path.rstrip('/')}/".startswith(f"{location.rstrip('/')}/")


def _not_registered(path: str) -> ServiceError:
    message = f"{path} is not registered with Lake Formation; please register the S3 path."
    return RULE_REGISTERED.refuse("InvalidInputException", message)


OPERATIONS: Operations = {
    "GetTemporaryGlueTableCredentials": get_temporary_glue_table_credentials,
    "GetTemporaryGluePartitionCredentials": get_temporary_glue_partition_credentials,
    "GetTemporaryDataLocationCredentials": get_temporary_data_location_credentials,
}
