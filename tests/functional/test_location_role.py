"""The role by which Lake Formation reaches registered places: whom it trusts, what it may do, and that it works."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare import app
from tests.functional.accounts import OPERATOR, PRODUCER, REGION, Accounts, apply_all, destroy_all, steps
from tests.functional.own_tables import make_own_tables, share

DEFAULT_NAME = "AmazonConnectAnalyticsConsumerLFRole"
ARN = f"arn:aws:iam::{PRODUCER}:role/{DEFAULT_NAME}"
KEY = f"arn:aws:kms:{REGION}:{PRODUCER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def own_tables(bare: Accounts) -> Accounts:
    """A producer with two tables of its own, in a bucket that is registered."""
    make_own_tables(bare)
    return bare


def asking(accounts: Accounts, **role: Any) -> app.Settings:
    """Write a spec whose producer has its Lake Formation role made."""
    producer = {"id": PRODUCER, "region": REGION, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}
    wanted = {"locations": ["s3://producer-bucket/contacts/"], **role}
    return accounts.write({"own": share(accounts)}, producer={**producer, "location_role": wanted})


def register(accounts: Accounts) -> None:
    """Have the producer's administrator register the bucket with the role."""
    lake = accounts.client("lakeformation", PRODUCER)
    lake.deregister_resource(ResourceArn="arn:aws:s3:::producer-bucket")
    lake.register_resource(ResourceArn="arn:aws:s3:::producer-bucket", RoleArn=ARN)


def test_lake_formation_reads_by_it_what_it_reaches(own_tables: Accounts) -> None:
    """Readers get what lies in the places that the spec names, and of other places nothing; destroy takes the role."""
    before = own_tables.everything()
    settings = asking(own_tables)
    apply_all(settings)
    register(own_tables)

    proofs = {proof.table: (proof.method, proof.status) for proof in app.verify(settings).proofs}
    again = app.plan(settings).plan
    destroy_all(settings)

    assert proofs["contacts"] == ("query", "pass")
    assert proofs["queues"] == ("query", "fail")
    assert steps(again) == []
    assert own_tables.everything() == before


def test_it_trusts_lake_formation_for_its_own_account_alone(own_tables: Accounts) -> None:
    """The service is let in for this account and Region, and nobody else is, ExternalId or not."""
    apply_all(asking(own_tables))
    iam, sts = own_tables.client("iam", PRODUCER), own_tables.client("sts", PRODUCER)

    (statement,) = iam.get_role(RoleName=DEFAULT_NAME)["Role"]["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "lakeformation.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": PRODUCER},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:lakeformation:{REGION}:{PRODUCER}:*"},
    }
    for given in ({}, {"ExternalId": "a-secret-external-id"}):
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=ARN, RoleSessionName="tester", **given)


@pytest.mark.parametrize(
    ("access", "objects", "keys"),
    [
        ("read", {"s3:GetObject"}, {"kms:Decrypt", "kms:DescribeKey"}),
        (
            "write",
            {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
            {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
        ),
    ],
)
def test_it_may_do_the_least_on_the_named_places(
    own_tables: Accounts, access: str, objects: set[str], keys: set[str]
) -> None:
    """Objects below each place, the list of each bucket, and the named keys: nothing else."""
    locations = ["s3://producer-bucket/contacts", "s3://archive"]
    apply_all(asking(own_tables, name="lake", locations=locations, access=access, kms_keys=[KEY]))

    policy = own_tables.client("iam", PRODUCER).get_role_policy(
        RoleName="lake", PolicyName="lakeshare-connect-analytics"
    )["PolicyDocument"]
    allowed = {one["Sid"]: (set(one["Action"]), set(one["Resource"])) for one in policy["Statement"]}

    assert allowed == {
        "Objects": (objects, {"arn:aws:s3:::producer-bucket/contacts/*", "arn:aws:s3:::archive/*"}),
        "Buckets": ({"s3:ListBucket"}, {"arn:aws:s3:::producer-bucket", "arn:aws:s3:::archive"}),
        "Keys": (keys, {KEY}),
    }


def test_a_consumer_of_links_needs_none(own_tables: Accounts) -> None:
    """Without the field no such role is made anywhere, and readers read through links all the same."""
    settings = own_tables.write({"own": share(own_tables)})

    apply_all(settings)
    roles = [name for account in own_tables.everything().values() for name in account["roles"]]

    assert DEFAULT_NAME not in roles
    assert app.verify(settings).failed == ()
