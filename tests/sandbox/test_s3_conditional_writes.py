"""Writing an object on a condition, with which several writers can agree who is first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import keys_of_role, refused

OWNER, BUCKET = "111111111111", "ledgers"


@pytest.fixture
def s3(client: ClientMaker) -> Any:
    """The owner's S3, with an empty bucket."""
    made = client("s3", OWNER, "us-east-1")
    made.create_bucket(Bucket=BUCKET)
    return made


def test_of_many_writers_one_finds_the_place_empty(s3: Any) -> None:
    """If-None-Match lets the first put through and no other, however many come at once; what it wrote stays."""

    def put(number: int) -> str:
        try:
            s3.put_object(Bucket=BUCKET, Key="1", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return str(number)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(put, range(8)))

    (winner,) = [answer for answer in answers if answer != "PreconditionFailed"]
    assert s3.get_object(Bucket=BUCKET, Key="1")["Body"].read().decode() == winner


def test_only_who_knows_what_is_there_writes_over_it(s3: Any) -> None:
    """If-Match wants the ETag of the object as it is: an older one is refused, and so is any where nothing is."""
    first = s3.put_object(Bucket=BUCKET, Key="lease", Body=b"a")["ETag"]
    second = s3.put_object(Bucket=BUCKET, Key="lease", Body=b"b", IfMatch=first)["ETag"]

    with refused("PreconditionFailed"):
        s3.put_object(Bucket=BUCKET, Key="lease", Body=b"c", IfMatch=first)
    with refused("NoSuchKey"):
        s3.put_object(Bucket=BUCKET, Key="nothing", Body=b"c", IfMatch=first)

    assert s3.get_object(Bucket=BUCKET, Key="lease")["ETag"] == second != first


def test_a_key_that_was_deleted_is_free_again(s3: Any) -> None:
    """In a bucket with versions too: what counts is whether the current version is an object."""
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="1", Body=b"a", IfNoneMatch="*")
    s3.delete_object(Bucket=BUCKET, Key="1")

    s3.put_object(Bucket=BUCKET, Key="1", Body=b"b", IfNoneMatch="*")

    assert s3.get_object(Bucket=BUCKET, Key="1")["Body"].read() == b"b"


@pytest.mark.refuses("s3.put.if-none-match-any")
def test_a_put_cannot_ask_for_another_etag(s3: Any) -> None:
    """S3 knows If-None-Match on a put with a star only; nothing is written then."""
    etag = s3.put_object(Bucket=BUCKET, Key="1", Body=b"a")["ETag"]

    with refused("NotImplemented", "A header you provided implies functionality"):
        s3.put_object(Bucket=BUCKET, Key="1", Body=b"b", IfNoneMatch=etag)

    assert s3.get_object(Bucket=BUCKET, Key="1")["ETag"] == etag


@pytest.mark.allows("s3.put.if-none-match-any")
@pytest.mark.refuses("iam.identity.allows")
def test_if_match_takes_the_right_to_read(s3: Any, client: ClientMaker) -> None:
    """Who may only put can find a place empty, and cannot learn by trying what an object's ETag is."""
    writer = client("s3", keys_of_role(client, OWNER, "writer", "s3:PutObject"))
    etag = writer.put_object(Bucket=BUCKET, Key="1", Body=b"a", IfNoneMatch="*")["ETag"]

    with refused("AccessDenied", "because no identity-based policy allows the s3:GetObject action"):
        writer.put_object(Bucket=BUCKET, Key="1", Body=b"b", IfMatch=etag)
    client("s3", keys_of_role(client, OWNER, "both", "s3:PutObject", "s3:GetObject")).put_object(
        Bucket=BUCKET, Key="1", Body=b"b", IfMatch=etag
    )
