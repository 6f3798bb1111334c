"""The front door: any AWS client can talk to it, in each protocol."""

from __future__ import annotations

import io
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox


def test_a_twelve_digit_key_is_the_administrator_of_that_account(client: Any) -> None:
    """A 12-digit access key N is the user administrator of account N."""
    told = client("sts", "222222222222").get_caller_identity()

    assert told["Account"] == "222222222222"
    assert told["Arn"] == "arn:aws:iam::222222222222:user/administrator"
    assert told["UserId"].startswith("AIDA")


def test_an_unknown_key_is_the_default_account(client: Any) -> None:
    """Any other key is the administrator of moto's default account."""
    told = client("sts", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}).get_caller_identity()

    assert told["Account"] == "123456789012"


def test_what_is_not_ours_goes_to_moto_as_the_callers_account(client: Any) -> None:
    """A bucket made with one account's key belongs to that account alone."""
    client("s3", "111111111111").create_bucket(
        Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"}
    )

    assert [bucket["Name"] for bucket in client("s3", "111111111111").list_buckets()["Buckets"]] == ["lake"]
    assert client("s3", "222222222222").list_buckets()["Buckets"] == []


def test_objects_survive_the_streaming_upload_and_come_back_whole(client: Any) -> None:
    """A multipart upload with trailing checksums, a HEAD and a ranged GET agree on the object's bytes."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    body = bytes(range(256)) * 40_000

    s3.upload_fileobj(io.BytesIO(body), "lake", "a b/ü+c.parquet", ExtraArgs={"Metadata": {"my_key": "kept"}})

    assert s3.head_object(Bucket="lake", Key="a b/ü+c.parquet")["ContentLength"] == len(body)
    found = s3.get_object(Bucket="lake", Key="a b/ü+c.parquet")
    assert found["Body"].read() == body
    assert found["Metadata"] == {"my_key": "kept"}
    assert s3.get_object(Bucket="lake", Key="a b/ü+c.parquet", Range="bytes=1-3")["Body"].read() == b"\x01\x02\x03"


def test_a_presigned_url_works_without_headers(client: Any) -> None:
    """The key, Region and service of a presigned URL are read from its query."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"seen")

    url = s3.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "k"})

    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own loopback URL
        assert answer.read() == b"seen"


def test_a_reset_empties_moto_too(client: Any, box: Sandbox) -> None:
    """After a reset there are no roles."""
    client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')

    box.reset()

    with pytest.raises(ClientError, match="NoSuchEntity"):
        client("iam").get_role(RoleName="reader")


def test_only_one_sandbox_is_open_in_a_process(box: Sandbox) -> None:
    """A second Sandbox would share moto's state with the first, so it is refused."""
    with pytest.raises(RuntimeError, match="another Sandbox"), Sandbox():
        pass
