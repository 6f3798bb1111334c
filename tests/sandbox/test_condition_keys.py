"""The condition keys that calls bring themselves: tags, boundaries, policies, and what S3 is told in headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import ACCOUNT, ClientMaker
from tests.sandbox.lakes import document, refused

TRUST = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
BOUND = f"arn:aws:iam::{ACCOUNT}:policy/bound"
TAGS = [{"Key": "team", "Value": "lake"}]
BY_TAG = {"StringEquals": {"aws:ResourceTag/team": "lake"}}
BY_REQUEST = {"StringEquals": {"aws:RequestTag/team": "lake"}}
BY_KEYS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
BY_BOUND = {"StringEquals": {"iam:PermissionsBoundary": BOUND}}
BY_POLICY = {"ArnEquals": {"iam:PolicyARN": BOUND}}
BY_ENCRYPTION = {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}


@pytest.fixture
def allowed_if(client: ClientMaker) -> Callable[[str, dict[str, Any]], Any]:
    """Makes a client of a role that may do everything of a service under a condition; there are things to act on."""
    iam = client("iam")
    iam.create_policy(PolicyName="bound", PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    iam.create_role(RoleName="plain", AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=TRUST, Tags=TAGS, PermissionsBoundary=BOUND)
    client("athena").create_work_group(Name="tagged", Tags=TAGS)
    client("s3", region="us-east-1").create_bucket(Bucket="lake")

    def make(service: str, condition: dict[str, Any]) -> Any:
        arn = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        policy = document({"Effect": "Allow", "Action": f"{service}:*", "Resource": "*", "Condition": condition})
        iam.put_role_policy(RoleName="caller", PolicyName="if", PolicyDocument=policy)
        return client(service, client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"])

    return make


def made(**more: Any) -> Callable[[Any], Any]:
    """Make a role with these parameters."""
    return lambda iam: iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST, **more)


def inline(name: str) -> Callable[[Any], Any]:
    """Give a role a policy of its own."""
    policy = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    return lambda iam: iam.put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=policy)


@pytest.mark.parametrize(
    ("service", "condition", "let", "not_let"),
    [
        ("iam", BY_TAG, lambda iam: iam.get_role(RoleName="tagged"), lambda iam: iam.get_role(RoleName="plain")),
        ("iam", BY_REQUEST, made(Tags=TAGS), made()),
        (
            "iam",
            BY_KEYS,
            lambda iam: iam.untag_role(RoleName="tagged", TagKeys=["team"]),
            lambda iam: iam.tag_role(RoleName="tagged", Tags=[{"Key": "cost", "Value": "1"}]),
        ),
        ("iam", BY_BOUND, made(PermissionsBoundary=BOUND), made()),
        ("iam", BY_BOUND, inline("tagged"), inline("plain")),
        (
            "iam",
            BY_POLICY,
            lambda iam: iam.attach_role_policy(RoleName="plain", PolicyArn=BOUND),
            lambda iam: iam.attach_role_policy(RoleName="plain", PolicyArn=f"{BOUND}less"),
        ),
        (
            "athena",
            BY_TAG,
            lambda athena: athena.get_work_group(WorkGroup="tagged"),
            lambda athena: athena.get_work_group(WorkGroup="primary"),
        ),
        (
            "athena",
            BY_REQUEST,
            lambda athena: athena.create_work_group(Name="new", Tags=TAGS),
            lambda athena: athena.create_work_group(Name="other"),
        ),
        (
            "s3",
            BY_ENCRYPTION,
            lambda s3: s3.put_object(Bucket="lake", Key="a", Body=b"", ServerSideEncryption="AES256"),
            lambda s3: s3.put_object(Bucket="lake", Key="b", Body=b""),
        ),
    ],
)
@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_a_policy_asks_for_what_the_call_brings(
    allowed_if: Callable[[str, dict[str, Any]], Any],
    service: str,
    condition: dict[str, Any],
    let: Callable[[Any], Any],
    not_let: Callable[[Any], Any],
) -> None:
    """A condition on tags, a boundary, a policy or encryption lets the call that meets it, and no other."""
    caller = allowed_if(service, condition)

    let(caller)

    with refused("AccessDeniedException" if service == "athena" else "AccessDenied", "no identity-based policy"):
        not_let(caller)


@pytest.mark.allows("iam.identity.allows")
@pytest.mark.parametrize("service", ["athena", "glue", "lakeformation"])
def test_every_call_brings_its_region(allowed_if: Callable[[str, dict[str, Any]], Any], service: str) -> None:
    """A role that may do something in one Region alone may do it there, whatever service is asked."""
    here = {"StringEquals": {"aws:RequestedRegion": "ap-southeast-2"}}
    caller = allowed_if(service, here)
    calls = {"athena": "list_query_executions", "glue": "get_databases", "lakeformation": "get_data_lake_settings"}

    getattr(caller, calls[service])()
