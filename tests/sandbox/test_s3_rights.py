"""Who reaches a bucket: its own policy beside the caller's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import document, keys_of_role, refused

OWNER, OTHER, BUCKET = "111111111111", "222222222222", "lake-of-ours"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"


@pytest.fixture
def s3(client: ClientMaker) -> Any:
    """The owner's S3, with one object in one bucket."""
    made = client("s3", OWNER, "us-east-1")
    made.create_bucket(Bucket=BUCKET)
    made.put_object(Bucket=BUCKET, Key="in/here", Body=b"x")
    return made


def say(s3: Any, effect: str, principal: Any, **more: Any) -> None:
    """Give the bucket a policy of one statement about reading."""
    said = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": OBJECTS, **more}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(said))


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.bucket.allows")
def test_a_bucket_that_trusts_its_own_account_leaves_it_to_iam(s3: Any, client: ClientMaker) -> None:
    """Only naming the role itself lets in one whose own policies are silent."""
    reader = client("s3", keys_of_role(client, OWNER, "reader", "glue:GetTable"))

    say(s3, "Allow", {"AWS": OWNER})
    with refused("AccessDenied", "because no identity-based policy allows the s3:GetObject action"):
        reader.get_object(Bucket=BUCKET, Key="in/here")
    say(s3, "Allow", {"AWS": f"arn:aws:iam::{OWNER}:role/reader"})
    reader.get_object(Bucket=BUCKET, Key="in/here")


@pytest.mark.refuses("iam.bucket.allows")
@pytest.mark.allows("iam.bucket.allows")
def test_a_deny_with_a_condition_denies_whom_it_means(s3: Any, client: ClientMaker) -> None:
    """A bucket that refuses whatever comes without TLS, or one role, is open to the others."""
    keys_of_role(client, OWNER, "writer", "s3:*")
    reader = client("s3", keys_of_role(client, OWNER, "reader", "s3:*"))
    say(s3, "Deny", "*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    reader.get_object(Bucket=BUCKET, Key="in/here")

    say(s3, "Deny", "*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}})

    with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
        reader.get_object(Bucket=BUCKET, Key="in/here")
    s3.get_object(Bucket=BUCKET, Key="in/here")


@pytest.mark.refuses("s3.policy.principal-exists")
@pytest.mark.allows("s3.policy.principal-exists")
def test_a_bucket_policy_names_somebody(s3: Any, client: ClientMaker) -> None:
    """A role that is not there makes the policy malformed, until it is there."""
    with refused("MalformedPolicy", "Invalid principal in policy"):
        say(s3, "Allow", {"AWS": f"arn:aws:iam::{OTHER}:role/reader"})

    keys_of_role(client, OTHER, "reader", "s3:GetObject")
    say(s3, "Allow", {"AWS": f"arn:aws:iam::{OTHER}:role/reader"})


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_what_is_missing_is_told_to_those_who_may_list(s3: Any, client: ClientMaker) -> None:
    """Everybody else is denied, as for an object that is there and may not be read."""
    reader = client("s3", keys_of_role(client, OWNER, "reader", "s3:GetObject"))
    lister = client("s3", keys_of_role(client, OWNER, "lister", "s3:GetObject", "s3:ListBucket"))

    with refused("AccessDenied", "s3:ListBucket"):
        reader.get_object(Bucket=BUCKET, Key="in/no such")
    with refused("NoSuchKey"):
        lister.get_object(Bucket=BUCKET, Key="in/no such")
    s3.put_object(Bucket=BUCKET, Key="in/no such", Body=b"")
    reader.get_object(Bucket=BUCKET, Key="in/no such")
