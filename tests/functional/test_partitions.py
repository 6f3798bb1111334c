"""Partitions beside ``aws``: the whole story in GovCloud and in China, with exactly the printed policies."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
import yaml

from lakeshare import app
from tests.functional.accounts import (
    BASE,
    CONSUMER,
    OPERATOR,
    PRODUCER,
    READER,
    SECRET,
    Accounts,
    apply_all,
    destroy_all,
)

REGIONS = {"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
NUMBERS = {"producer": PRODUCER, "consumer": CONSUMER}


def iam_of(accounts: Accounts, account: str, region: str) -> Any:
    """Return a client of IAM in the partition that *region* is in."""
    untyped: Any = boto3
    keys = {"aws_access_key_id": account, "aws_secret_access_key": "x"}
    return untyped.client("iam", region_name=region, endpoint_url=accounts.box.endpoint_url, **keys)


def make_operators(accounts: Accounts, region: str) -> None:
    """Make the operator roles in the partition of *region*; they may do nothing yet."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:user/administrator"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": SECRET}},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for account in NUMBERS.values():
        iam_of(accounts, account, region).create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=trust)


def write(accounts: Accounts, region: str) -> app.Settings:
    """Write a spec of two accounts in *region*."""
    seeded = accounts.box.seed(instance_account=PRODUCER, region=region, tables=["users"], rows=5)
    accounts.instance = seeded["instance_id"]

    def account(number: str) -> dict[str, str]:
        return {"id": number, "region": region, "role": OPERATOR, "external_id": "${EXTERNAL_ID}"}

    document = {
        "version": 1,
        "name": "elsewhere",
        "accounts": {alias: account(number) for alias, number in NUMBERS.items()},
        "shares": {"lake": accounts.share("users")},
    }
    path = accounts.folder / "lakeshare.yaml"
    path.write_text(yaml.safe_dump(document))
    return app.Settings(path, endpoint_url=accounts.box.endpoint_url, environ=accounts.environ)


@pytest.mark.parametrize("partition", REGIONS)
def test_the_whole_story_in_another_partition(bare: Accounts, partition: str) -> None:
    """Every ARN that is printed, sent and granted is of the partition, and a query by the reader is answered."""
    region = REGIONS[partition]
    make_operators(bare, region)
    settings = write(bare, region)

    def allow(purpose: str) -> None:
        for alias, number in NUMBERS.items():
            document = json.dumps(app.policy(settings, alias, purpose))
            assert "arn:aws:" not in document
            iam = iam_of(bare, number, region)
            iam.put_role_policy(RoleName=OPERATOR, PolicyName="least", PolicyDocument=document)

    allow("apply")
    apply_all(settings)
    reader = iam_of(bare, CONSUMER, region).get_role(RoleName=READER)["Role"]
    again = app.plan(settings).plan
    allow("verify")
    proofs = app.verify(settings).proofs
    allow("destroy")
    destroy_all(settings)

    assert reader["Arn"] == f"arn:{partition}:iam::{CONSUMER}:role/{READER}"
    assert not again.has_changes
    assert [(proof.method, proof.status) for proof in proofs] == [("query", "pass")]
    assert READER not in [row["RoleName"] for row in iam_of(bare, CONSUMER, region).list_roles()["Roles"]]
