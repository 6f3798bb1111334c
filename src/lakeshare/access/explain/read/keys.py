"""The KMS keys that catalogs and files are encrypted with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.access.explain.observed import AWS_OWN_KEY, Encryption, Key
from lakeshare.access.explain.read.asking import REFUSED, tried, tried_or
from lakeshare.access.iam import Kept, read_statements
from lakeshare.errors import CallError
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place, Unreadable

SAMPLE = 3
"""How many of a table's files are asked for their key: the first ones, and the last of S3's first thousand."""


def read_key(run: Run, places: Sequence[Place], home: Place, region: str, key: str) -> Key:
    """
    Return a KMS key (an id, ARN or alias) with its policy, as the account sees it that it is in, by default *home*.

    A key in none of *places* is Unreadable: its policy shows in its own account only (documented: GetKeyPolicy).
    """
    if key == AWS_OWN_KEY or key.endswith(f":{AWS_OWN_KEY}"):
        return _aws_own(home, region)
    place: Place | None = home
    if key.startswith("arn:"):
        _arn, _partition, _kms, region, account, _key = key.split(":", 5)
        place = next((each for each in places if each.account_id == account), None)
    if place is None:
        return Key(key, Unreadable(f"the key {key} is in an account that the spec does not lead into"))
    return _read(run, place, region, key)


def _read(run: Run, place: Place, region: str, key: str) -> Key:
    def read() -> Key:
        about = run.aws.call(place.alias, region, "kms", "describe_key", KeyId=key)["KeyMetadata"]
        known = Key(about["Arn"], Unreadable("its policy was not read"), about.get("KeyState", "Enabled"))
        return replace(known, policy=tried(lambda: policy(known.arn)), grants=tried(lambda: grants(known.arn)))

    def policy(arn: str) -> Any:
        answer = run.aws.call(place.alias, region, "kms", "get_key_policy", KeyId=arn, PolicyName="default")
        which = f"--region {region} --key-id {arn} --policy-name default"
        kept = Kept(
            place.account_id,
            f"aws kms get-key-policy {which} --query Policy --output text",
            f"aws kms put-key-policy {which} --policy file://policy.json",
        )
        return read_statements(answer["Policy"], f"the policy of the key {arn}", kept)

    def grants(arn: str) -> frozenset[tuple[str, str]]:
        rows = run.aws.pages(place.alias, region, "kms", "list_grants", "Grants", KeyId=arn)
        each = ((row.get("GranteePrincipal", ""), row.get("Operations", ())) for row in rows)
        return frozenset((who, f"kms:{operation}") for who, operations in each for operation in operations)

    found = tried(read)
    return Key(key, found) if isinstance(found, Unreadable) else found


def _aws_own(home: Place, region: str) -> Key:
    """Return AWS's own key: it lets everybody of its account in who comes through Glue, and nobody else."""
    source = "the policy that AWS gives the key aws/glue"
    only = {"StringEquals": {"kms:CallerAccount": home.account_id, "kms:ViaService": f"glue.{region}.amazonaws.com"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": only}
    arn = f"arn:{home.partition}:kms:{region}:{home.account_id}:{AWS_OWN_KEY}"
    return Key(arn, read_statements({"Statement": statement}, source))


def read_encryption(run: Run, place: Place, location: str) -> Encryption:
    """Return which keys the files at *location* (``s3://bucket/prefix``) are encrypted with, as far as they show."""
    bucket, _, prefix = location.partition("://")[2].partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    try:
        return Encryption(tuple(dict.fromkeys(_keys(run, place, bucket, prefix))))
    except CallError as error:
        may = "may not call" if error.aws_code in REFUSED else f"got {error.aws_code} from"
        why = f"the operator in account {place.account_id} {may} {error.operation} on {location}"
        return Encryption(unseen=why, default=_default(run, place, bucket))


def _keys(run: Run, place: Place, bucket: str, prefix: str) -> Iterator[str]:
    rows = run.aws.call(place.alias, place.region, "s3", "list_objects_v2", Bucket=bucket, Prefix=prefix)
    names = [row["Key"] for row in rows.get("Contents", ()) if row["Size"]]
    for name in dict.fromkeys((*names[: SAMPLE - 1], *names[-1:])):
        about = run.aws.call(place.alias, place.region, "s3", "head_object", Bucket=bucket, Key=name)
        if about.get("ServerSideEncryption", "").startswith("aws:kms"):
            yield about.get("SSEKMSKeyId") or "alias/aws/s3"


def _default(run: Run, place: Place, bucket: str) -> str | Unreadable | None:
    """Return the key that new objects get; None where that is no key of KMS."""

    def read() -> str | None:
        answer = run.aws.call(place.alias, place.region, "s3", "get_bucket_encryption", Bucket=bucket)
        rules: Sequence[Mapping[str, Any]] = answer["ServerSideEncryptionConfiguration"].get("Rules", ())
        defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
        named = [row for row in defaults if row.get("SSEAlgorithm", "").startswith("aws:kms")]
        return (named[0].get("KMSMasterKeyID") or "alias/aws/s3") if named else None

    return tried_or(read, None, "ServerSideEncryptionConfigurationNotFoundError")
