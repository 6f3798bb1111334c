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


@pytest.mark.refuses("iam.bucket.allows")
@pytest.mark.allows("iam.bucket.allows")
def test_of_many_deletes_only_the_denied_fail(s3: Any, client: ClientMaker) -> None:
    """S3 answers 200 and tells key by key, in a quiet answer too; a bucket that is not there is another matter."""
    for key in ("in/more", "out/a", "out/b & c"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    keep = f"arn:aws:s3:::{BUCKET}/out/*"
    s3.put_bucket_policy(
        Bucket=BUCKET,
        Policy=document({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": keep}),
    )

    def delete(*keys: str, bucket: str = BUCKET, quiet: bool = False) -> Any:
        return s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": quiet})

    some = delete("in/here", "out/b & c", "in/more")
    none = delete("out/a", "out/b & c", quiet=True)

    assert [each["Key"] for each in some["Deleted"]] == ["in/here", "in/more"]
    assert [(each["Key"], each["Code"]) for each in some["Errors"]] == [("out/b & c", "AccessDenied")]
    assert "with an explicit deny in a resource-based policy" in some["Errors"][0]["Message"]
    assert "Deleted" not in none
    assert [each["Key"] for each in none["Errors"]] == ["out/a", "out/b & c"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["out/a", "out/b & c"]
    with refused("NoSuchBucket"):
        delete("out/a", bucket="nowhere-to-be-found")


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_many_deletes_are_allowed_by_key(s3: Any, client: ClientMaker) -> None:
    """Each key takes the caller's own leave."""
    within = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{BUCKET}/in/*"}
    keys = keys_of_role(client, OWNER, "cleaner", "s3:ListBucket")
    client("iam", OWNER).put_role_policy(RoleName="cleaner", PolicyName="within", PolicyDocument=document(within))
    cleaner = client("s3", keys)

    done = cleaner.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "in/here"}, {"Key": "out/a"}]})

    assert [each["Key"] for each in done["Deleted"]] == ["in/here"]
    assert [each["Key"] for each in done["Errors"]] == ["out/a"]
