"""Conditions on the tags of what is acted on, who is trusted once deleted, and which keys policies look at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import PRODUCER, document, refused

TRUST_ACCOUNT = document({"Effect": "Allow", "Principal": {"AWS": PRODUCER}, "Action": "sts:AssumeRole"})
REGION = "ap-southeast-2"


def where_team_is_sales(*actions: str) -> str:
    """Allow actions on what is tagged for the sales team."""
    condition = {"StringEquals": {"aws:ResourceTag/Team": "sales"}}
    return document({"Effect": "Allow", "Action": list(actions), "Resource": "*", "Condition": condition})


def keys_with(client: ClientMaker, policy: str) -> Any:
    """Return the keys of a role that has *policy* and no other."""
    iam = client("iam", PRODUCER)
    role = iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=TRUST_ACCOUNT)["Role"]["Arn"]
    iam.put_role_policy(RoleName="tagged", PolicyName="p", PolicyDocument=policy)
    return client("sts", PRODUCER).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]


@pytest.mark.refuses("iam.identity.allows")
def test_a_workgroup_is_reached_by_its_tags(client: ClientMaker) -> None:
    """Those of now: a tag that is taken away closes it."""
    owner = client("athena", PRODUCER)
    tags = [{"Key": "Team", "Value": "sales"}]
    owner.create_work_group(Name="sales", Tags=tags)
    owner.create_work_group(Name="other")
    athena = client("athena", keys_with(client, where_team_is_sales("athena:GetWorkGroup")))

    assert athena.get_work_group(WorkGroup="sales")["WorkGroup"]["Name"] == "sales"
    with refused("AccessDeniedException", "because no identity-based policy allows the athena:GetWorkGroup action"):
        athena.get_work_group(WorkGroup="other")
    arn = f"arn:aws:athena:{REGION}:{PRODUCER}:workgroup/sales"
    owner.untag_resource(ResourceARN=arn, TagKeys=["Team"])
    with refused("AccessDeniedException"):
        athena.get_work_group(WorkGroup="sales")


@pytest.mark.refuses("iam.identity.allows")
def test_an_instance_is_reached_by_its_tags(client: ClientMaker) -> None:
    """Connect's instances carry tags as well."""
    owner = client("connect", PRODUCER)
    asked = {
        "IdentityManagementType": "CONNECT_MANAGED",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
    }
    tagged, other = (owner.create_instance(Tags={"Team": team}, **asked)["Id"] for team in ("sales", "other"))
    connect = client("connect", keys_with(client, where_team_is_sales("connect:DescribeInstance")))

    assert connect.describe_instance(InstanceId=tagged)["Instance"]["Id"] == tagged
    with refused("AccessDeniedException"):
        connect.describe_instance(InstanceId=other)


@pytest.mark.refuses("iam.identity.allows")
def test_a_role_is_reached_by_its_tags(client: ClientMaker) -> None:
    """By the key of IAM's own, too."""
    iam = client("iam", PRODUCER)
    tags = [{"Key": "Team", "Value": "sales"}]
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST_ACCOUNT, Tags=tags)
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=TRUST_ACCOUNT)
    acting = client("iam", keys_with(client, where_team_is_sales("iam:GetRole")))

    assert acting.get_role(RoleName="mine")["Role"]["RoleName"] == "mine"
    with refused("AccessDenied"):
        acting.get_role(RoleName="theirs")


@pytest.mark.refuses("iam.identity.allows")
def test_a_database_is_reached_by_its_tags(client: ClientMaker) -> None:
    """The catalog above it has none, and is allowed apart."""
    owner = client("glue", PRODUCER)
    for name, team in (("mine", "sales"), ("theirs", "other")):
        owner.create_database(DatabaseInput={"Name": name}, Tags={"Team": team})
    condition = {"StringEquals": {"aws:ResourceTag/Team": "sales"}}
    statements = [
        {"Effect": "Allow", "Action": "glue:GetDatabase", "Resource": f"arn:aws:glue:*:{PRODUCER}:catalog"},
        {"Effect": "Allow", "Action": "glue:GetDatabase", "Resource": "*", "Condition": condition},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    glue = client("glue", keys_with(client, policy))

    assert glue.get_database(Name="mine")["Database"]["Name"] == "mine"
    with refused("AccessDeniedException", "database/theirs because no identity-based policy allows"):
        glue.get_database(Name="theirs")


def test_a_role_that_is_made_again_is_not_trusted_as_the_one_before(client: ClientMaker) -> None:
    """The trust policy shows the id of who is gone; naming the new one trusts it."""
    iam = client("iam", PRODUCER)
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})

    def make_again() -> Any:
        made = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=TRUST_ACCOUNT)["Role"]
        iam.put_role_policy(RoleName="guest", PolicyName="p", PolicyDocument=everything)
        return made

    def visit() -> None:
        keys = client("sts", PRODUCER).assume_role(RoleArn=guest["Arn"], RoleSessionName="test")["Credentials"]
        client("sts", keys).assume_role(RoleArn=host["Arn"], RoleSessionName="test")

    guest = make_again()
    trust = document({"Effect": "Allow", "Principal": {"AWS": guest["Arn"]}, "Action": "sts:AssumeRole"})
    host = iam.create_role(RoleName="host", AssumeRolePolicyDocument=trust)["Role"]
    visit()
    iam.delete_role_policy(RoleName="guest", PolicyName="p")
    iam.delete_role(RoleName="guest")
    shown = iam.get_role(RoleName="host")["Role"]["AssumeRolePolicyDocument"]
    make_again()

    assert shown["Statement"][0]["Principal"] == {"AWS": guest["RoleId"]}
    with refused("AccessDenied"):
        visit()
    iam.update_assume_role_policy(RoleName="host", PolicyDocument=trust)
    visit()


def test_the_keys_that_policies_look_at_are_told(client: ClientMaker) -> None:
    """Those of conditions and those that stand as variables, each once."""
    iam = client("iam", PRODUCER)
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::lake/${aws:username}/*",
            "Condition": {
                "StringEquals": {"aws:PrincipalTag/Team": "${AWS:userid}"},
                "Bool": {"aws:SecureTransport": "true"},
            },
        },
    }
    iam.create_user(UserName="ana")
    iam.put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=json.dumps(policy))
    more = where_team_is_sales("s3:*")
    told = ["aws:PrincipalTag/Team", "aws:SecureTransport", "aws:username", "AWS:userid"]

    custom = iam.get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(policy)])
    principal = iam.get_context_keys_for_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{PRODUCER}:user/ana", PolicyInputList=[more]
    )

    assert custom["ContextKeyNames"] == told
    assert principal["ContextKeyNames"] == [*told, "aws:ResourceTag/Team"]
