"""Where a query's results go: the object in S3, its companion with the columns, and who may write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lakeshare.sandbox.arns import s3_arn
from lakeshare.sandbox.calls import Call
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.decide import authorize_key
from lakeshare.sandbox.policy.forwarded import in_the_callers_name, to_kms
from lakeshare.sandbox.services.athena.asking import ATHENA, authorize_through_athena
from lakeshare.sandbox.services.athena.failures import results_failure
from lakeshare.sandbox.services.athena.refusals import (
    RULE_BUCKET,
    RULE_ENCRYPTION,
    RULE_LOCATION,
    RULE_RESULTS_KEY,
    invalid,
)
from lakeshare.sandbox.services.athena.rendering import ResultColumn
from lakeshare.sandbox.services.athena.workgroups import WorkGroup, is_s3_location
from lakeshare.sandbox.world import World

_ON_THE_SERVER = {"SSE_S3": "AES256", "SSE_KMS": "aws:kms"}
"""What S3 calls the encryption; what Athena encrypts itself, CSE_KMS, S3 does not know of."""


def result_configuration(call: Call, group: WorkGroup, file: str) -> dict[str, Any]:
    """
    Return where and how the results are written, the location being the object *file* itself.

    The workgroup's settings win where it enforces them, and stand in for what the query leaves out. Refuses a location
    that is none, a bucket that is not there, and a caller who may not see it.
    """
    own, shared = call.params.get("ResultConfiguration") or {}, group.configuration.get("ResultConfiguration") or {}
    chosen = dict(shared) if group.is_enforced and shared.get("OutputLocation") else {**shared, **own}
    location = chosen.get("OutputLocation")
    if not location:
        message = (
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
        raise invalid(RULE_LOCATION, message)
    if not is_s3_location(location):
        raise invalid(RULE_LOCATION, "outputLocation is not a valid S3 path.")
    _check_encryption(chosen.get("EncryptionConfiguration", {}))
    _check_bucket(call, location.removeprefix("s3://").partition("/")[0], chosen.get("ExpectedBucketOwner"))
    return {**chosen, "OutputLocation": f"{location.rstrip('/')}/{file}"}


def _check_encryption(encryption: Mapping[str, str]) -> None:
    option = encryption.get("EncryptionOption", "SSE_S3")
    if option != "SSE_S3" and "KmsKey" not in encryption:
        raise invalid(RULE_ENCRYPTION, f"KmsKey is required for encryption option {option}")


def _check_bucket(call: Call, bucket: str, expected: str | None) -> None:
    owner = call.world.store(Moto).bucket_owner(bucket)
    if owner is None or expected not in (None, owner):
        raise _no_bucket(bucket)
    try:
        authorize_through_athena(call, "s3:GetBucketLocation", s3_arn(bucket, call.region))
    except ServiceError as error:
        raise _no_bucket(bucket) from error


def _no_bucket(bucket: str) -> ServiceError:
    return invalid(RULE_BUCKET, f"Unable to verify/create output bucket {bucket}", "INSUFFICIENT_PERMISSIONS")


def check_writable(call: Call, configuration: Mapping[str, Any]) -> None:
    """Fail a query whose results the caller may not write, or not encrypt as asked; raises QueryFailure."""
    url: str = configuration["OutputLocation"]
    try:
        authorize_through_athena(call, "s3:PutObject", object_arn(url, call.region))
    except ServiceError as error:
        raise results_failure(url) from error
    try:
        authorize_key_of(call, configuration, "kms:GenerateDataKey")
    except ServiceError as error:
        raise results_failure(url) from RULE_RESULTS_KEY.refuse("AccessDeniedException", error.message)


def authorize_key_of(call: Call, configuration: Mapping[str, Any], action: str) -> None:
    """Raise KMS's refusal when the caller may not do *action* with the key of its results; an unknown key is free."""
    named = configuration.get("EncryptionConfiguration", {}).get("KmsKey")
    key = call.world.store(Moto).kms_key(named, call.caller.account, call.region) if named else None
    if key is not None:
        via_athena = in_the_callers_name(ATHENA, call.region)
        through_s3 = to_kms("s3", call.caller.account, call.region)
        authorize_key(call.world, call.caller, action, key, {**via_athena, **through_s3})


def object_arn(url: str, region: str) -> str:
    """Return the ARN of the S3 object at *url*."""
    return s3_arn(url.removeprefix("s3://"), region)


def put(world: World, account: str, url: str, body: bytes, encryption: Mapping[str, str] | None = None) -> None:
    """Put an object into S3, under Athena's EncryptionConfiguration where there is one."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    how = _ON_THE_SERVER.get((encryption or {}).get("EncryptionOption", ""))
    world.store(Moto).put_object(account, bucket, key, body, how, (encryption or {}).get("KmsKey"))


def put_metadata(world: World, account: str, url: str, columns: Sequence[ResultColumn], execution: str) -> None:
    """Put the companion of the result at *url* into S3."""
    put(world, account, f"{url}.metadata", b"".join(_metadata(columns, execution)))


def _metadata(columns: Sequence[ResultColumn], execution: str) -> Iterator[bytes]:
    """
    Yield the companion object: protobuf, as JDBC drivers read it.

    There is no official schema; the field numbers are those that burtcorp's athena-jdbc reads [observed].
    """
    yield _field(1, execution.encode())
    for column in columns:
        yield _field(4, b"".join(_described(column.describe())))


def _described(column: Mapping[str, Any]) -> Iterator[bytes]:
    for number, name in ((1, "CatalogName"), (4, "Name"), (5, "Label"), (6, "Type")):
        yield _field(number, column[name].encode())
    for number, name in ((7, "Precision"), (8, "Scale")):
        yield _varint(number << 3) + _varint(column[name])
    yield _varint(9 << 3) + _varint(3)  # nullable: unknown
    yield _varint(10 << 3) + _varint(column["CaseSensitive"])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
