"""S3 as moto keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.moto_bridge.insides import PARTITION, backends


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """
    An S3 object in a listing: ``size`` in bytes, ``etag`` without quotes.

    ``modified`` is when it was put, in seconds since the epoch. ``kms_key`` is the customer's key that it is encrypted
    with, as it was named when it was put; None for others.
    """

    key: str
    size: int
    etag: str
    kms_key: str | None = None
    modified: float = 0.0


class ObjectStore:
    """Buckets and objects, whoever owns them: rights are looked at elsewhere."""

    def put_object(
        self,
        account: str,
        bucket: str,
        key: str,
        body: bytes,
        encryption: str | None = None,
        kms_key: str | None = None,
    ) -> None:
        """Store *body*, in a bucket of *account* that is made when it is missing; *encryption* as S3 calls it."""
        with backends("s3") as s3:
            if bucket not in s3.bucket_accounts:
                s3[account][PARTITION].create_bucket(bucket, "us-east-1")
            _, owner = s3.bucket_accounts[bucket]
            s3[owner][PARTITION].put_object(bucket, key, body, encryption=encryption, kms_key_id=kms_key)

    def get_object(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes; KeyError when there is no such bucket or key."""
        with _store_of(bucket) as store:
            found = None if store is None else store.get_object(bucket, key)
            if found is None:
                raise KeyError(f"{bucket}/{key}")
            body: bytes = found.value
            return body

    def has_object(self, bucket: str, key: str) -> bool:
        """Say whether *bucket* has an object *key*; a bucket that is not there, and a version, are for moto to tell."""
        with _store_of(bucket) as store:
            return store is None or store.get_object(bucket, key) is not None

    def list_objects(self, bucket: str, prefix: str) -> list[ObjectEntry]:
        """Return the objects under *prefix* in key order; nothing when there is no such bucket."""
        with _store_of(bucket) as store:
            if store is None:
                return []
            keys, *_ = store.list_objects(store.get_bucket(bucket), prefix, None, None, None)
            return [ObjectEntry(key.name, key.size, key.etag.strip('"'), _kms_key(key), _modified(key)) for key in keys]

    def bucket_owner(self, bucket: str) -> str | None:
        """Return the account that owns *bucket*; None when it does not exist."""
        with backends("s3") as s3:
            found = s3.bucket_accounts.get(bucket)
            return None if found is None else found[1]

    def bucket_policy(self, bucket: str) -> str | None:
        """Return the bucket's policy as the JSON it was put as; None when it has none."""
        with _store_of(bucket) as store:
            policy = None if store is None else store.get_bucket(bucket).policy
            return None if policy is None else policy.decode()


def _kms_key(key: Any) -> str | None:
    """The key that AWS manages for S3 is open to whoever may read the bucket, so it is left out."""
    named = key.kms_key_id if key.encryption in {"aws:kms", "aws:kms:dsse"} else None
    return None if named is None or named.endswith("alias/aws/s3") else str(named)


def _modified(key: Any) -> float:
    """Moto tells times in UTC without saying so."""
    moment: datetime = key.last_modified
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@contextmanager
def _store_of(bucket: str) -> Iterator[Any]:
    """Give the backend that holds *bucket*, with the lock held; None when there is no such bucket."""
    with backends("s3") as s3:
        owner = s3.bucket_accounts.get(bucket)
        yield None if owner is None else s3[owner[1]][PARTITION]
