"""Regions of other partitions: their ARNs, and EC2, which says no in words of its own."""

from __future__ import annotations

import json

import pytest

from lakeshare.sandbox.arns import partition_in
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, document, keys_of_role, refused

PARTITIONS = [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")]


@pytest.mark.parametrize(("region", "partition"), PARTITIONS)
def test_arns_have_the_partition_of_their_region(client: ClientMaker, region: str, partition: str) -> None:
    """Shares, instances, and what a share of a table holds."""
    ram, glue = client("ram", PRODUCER, region), client("glue", PRODUCER, region)
    glue.create_database(DatabaseInput={"Name": "sales"})
    table = f"arn:{partition}:glue:{region}:{PRODUCER}:table/sales/orders"
    glue.create_table(DatabaseName="sales", TableInput={"Name": "orders"})
    share = ram.create_resource_share(name="s", resourceArns=[table], principals=[CONSUMER])["resourceShare"]
    receiver = client("ram", CONSUMER, region)
    invited = receiver.get_resource_share_invitations()["resourceShareInvitations"]
    receiver.accept_resource_share_invitation(resourceShareInvitationArn=invited[0]["resourceShareInvitationArn"])
    instance = client("connect", PRODUCER, region).create_instance(
        IdentityManagementType="CONNECT_MANAGED", InboundCallsEnabled=True, OutboundCallsEnabled=True
    )
    (policy,) = ram.get_resource_policies(resourceArns=[table])["policies"]

    assert partition_in(region) == partition
    assert share["resourceShareArn"].startswith(f"arn:{partition}:ram:{region}:{PRODUCER}:resource-share/")
    assert invited[0]["resourceShareInvitationArn"].startswith(f"arn:{partition}:ram:")
    assert instance["Arn"].startswith(f"arn:{partition}:connect:{region}:")
    assert json.loads(policy)["Statement"][0]["Principal"] == {"AWS": [f"arn:{partition}:iam::{CONSUMER}:root"]}


@pytest.mark.refuses("iam.identity.allows")
def test_policies_name_what_is_in_their_partition(client: ClientMaker) -> None:
    """A role that may read one workgroup in GovCloud may read no other."""
    region = "us-gov-west-1"
    iam = client("iam", PRODUCER, region)
    trust = document({"Effect": "Allow", "Principal": {"AWS": PRODUCER}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    own = {
        "Effect": "Allow",
        "Action": "athena:*",
        "Resource": f"arn:aws-us-gov:athena:{region}:{PRODUCER}:workgroup/primary",
    }
    iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=document(own))
    keys = client("sts", PRODUCER, region).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    athena = client("athena", keys, region)

    assert athena.get_work_group(WorkGroup="primary")["WorkGroup"]["Name"] == "primary"
    with refused("AccessDeniedException", f"arn:aws-us-gov:athena:{region}:{PRODUCER}:workgroup/other"):
        athena.get_work_group(WorkGroup="other")


@pytest.mark.refuses("iam.identity.allows")
def test_ec2_says_that_the_operation_is_unauthorized(client: ClientMaker) -> None:
    """Its code and its words are its own (documented: EC2's error codes)."""
    keys = keys_of_role(client, PRODUCER, "nobody", "s3:ListAllMyBuckets")
    with refused(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. User: .*assumed-role/nobody/.* is not authorized to "
        "perform: ec2:DescribeVpcs on resource: .* because no identity-based policy allows the ec2:DescribeVpcs action",
    ):
        client("ec2", keys).describe_vpcs()
