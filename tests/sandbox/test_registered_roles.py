"""Whose rights read the data: the registered role's where Lake Formation vends, the reader's own elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused
from tests.sandbox.queries import READER, READER_POLICY, Consumer, Query, run
from tests.sandbox.test_data_cells_filters import COLUMNS, SERDE, TABLE, Lake

ROLE = f"arn:aws:iam::{CONSUMER}:role/registrar"
SERVICE_ROLE = "AWSServiceRoleForLakeFormationDataAccess"
TRUSTED = {"Effect": "Allow", "Principal": {"Service": "lakeformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
OBJECTS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/calls/*"}
BUCKET = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::calls"}
ELSEWHERE = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}
COUNT = "SELECT count(*) FROM calls"
ONE_AND_ALL = [["_col0"], ["3"]]


def policy_of(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Registry:
    """A lake that a reader may read by its grants, and not by its own rights in S3; nothing is registered yet."""

    def __init__(self, box: Sandbox, client: ClientMaker) -> None:
        self.client, self.lake = client, Lake(client)
        client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket="results-bucket")
        self.athena = Consumer(box, client, owner=CONSUMER).reader()
        self.lake.grant(READER, "DESCRIBE", Database={"Name": "lake"})
        self.lake.grant(READER, "SELECT", Table=TABLE)

    def ask(self, sql: str = COUNT) -> Query:
        """Ask as the reader."""
        return run(self.athena, sql, database="lake")

    def let_reader(self, *statements: dict[str, Any]) -> None:
        """Give the reader more rights of its own."""
        policy = policy_of(*READER_POLICY, *statements)
        self.client("iam", CONSUMER).put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=policy)

    def create_role(self, *statements: dict[str, Any], trust: dict[str, Any] = TRUSTED) -> None:
        """Make the role that locations are registered with."""
        iam = self.client("iam", CONSUMER)
        iam.create_role(RoleName="registrar", AssumeRolePolicyDocument=policy_of(trust))
        iam.put_role_policy(RoleName="registrar", PolicyName="reach", PolicyDocument=policy_of(*statements))

    def register(self, arn: str = "arn:aws:s3:::calls", role: str | None = ROLE) -> None:
        """Register a place, with the service-linked role for None."""
        how: dict[str, Any] = {"UseServiceLinkedRole": True} if role is None else {"RoleArn": role}
        self.lake.formation.register_resource(ResourceArn=arn, **how)

    def set_bucket_policy(self, *statements: dict[str, Any]) -> None:
        """Put the policy of the bucket that holds the data."""
        s3 = self.client("s3", CONSUMER, region="us-east-1")
        s3.put_bucket_policy(Bucket="calls", Policy=policy_of(*statements))


@pytest.fixture
def registry(box: Sandbox, client: ClientMaker) -> Registry:
    return Registry(box, client)


@pytest.mark.allows("athena.query.registered-role-s3-rights", "lakeformation.location.role-assumable")
def test_the_registered_role_s_rights_are_enough(registry: Registry) -> None:
    """The reader itself may not touch the bucket; the role that the place was registered with may."""
    registry.create_role(OBJECTS, BUCKET)
    registry.register()

    assert registry.ask().rows == ONE_AND_ALL


@pytest.mark.refuses("athena.query.own-s3-rights")
@pytest.mark.allows("athena.query.own-s3-rights")
def test_where_nothing_is_registered_the_reader_s_own_rights_decide(registry: Registry) -> None:
    """Lake Formation has nothing to vend: with SELECT and no rights in S3 the query fails, with them it does not."""
    refused = registry.ask()
    registry.let_reader(OBJECTS, BUCKET)

    assert refused.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://calls/calls/"
    assert registry.ask().rows == ONE_AND_ALL


@pytest.mark.parametrize("statements", [[OBJECTS], [BUCKET], [ELSEWHERE]])
@pytest.mark.refuses("athena.query.registered-role-s3-rights")
def test_a_role_that_reaches_nothing_reads_nothing(registry: Registry, statements: list[dict[str, Any]]) -> None:
    """Listing the bucket and getting the objects takes both, and the reader's own rights are no help."""
    registry.create_role(*statements)
    registry.register()
    registry.let_reader(OBJECTS, BUCKET)

    failed = registry.ask()

    assert failed.execution["Status"]["AthenaError"]["ErrorType"] == 1501
    assert "Access Denied (Service: Amazon S3; Status Code: 403" in failed.reason


@pytest.mark.parametrize(
    "trust",
    [
        TRUSTED | {"Principal": {"Service": "glue.amazonaws.com"}},
        TRUSTED | {"Principal": {"AWS": CONSUMER}},
        TRUSTED | {"Condition": {"StringEquals": {"aws:SourceAccount": PRODUCER}}},
    ],
)
@pytest.mark.refuses("lakeformation.location.role-assumable")
def test_a_role_that_does_not_trust_lake_formation_is_no_use(registry: Registry, trust: dict[str, Any]) -> None:
    """Its rights in S3 do not matter then."""
    registry.create_role(OBJECTS, BUCKET, trust=trust)
    registry.register()

    assert "unable to assume the role" in registry.ask().reason


@pytest.mark.allows("lakeformation.location.role-assumable")
def test_a_trust_may_name_the_account_whose_catalog_it_serves(registry: Registry) -> None:
    """Conditions on aws:SourceAccount are met by the catalog's own account."""
    condition = {"StringEquals": {"aws:SourceAccount": CONSUMER}}
    registry.create_role(OBJECTS, BUCKET, trust=TRUSTED | {"Condition": condition})
    registry.register()

    assert registry.ask().rows == ONE_AND_ALL


@pytest.mark.refuses("lakeformation.location.role-assumable")
def test_a_role_that_is_gone_is_no_use(registry: Registry) -> None:
    """A registration outlives its role."""
    registry.create_role(OBJECTS, BUCKET)
    registry.register()
    iam = registry.client("iam", CONSUMER)
    iam.delete_role_policy(RoleName="registrar", PolicyName="reach")
    iam.delete_role(RoleName="registrar")

    assert "unable to assume the role" in registry.ask().reason


def test_the_longest_registered_path_decides(registry: Registry) -> None:
    """Above it a role that reaches nothing is registered; deregistering the longer path brings that one to bear."""
    registry.create_role(ELSEWHERE)
    registry.register("arn:aws:s3:::calls", ROLE)
    registry.register("arn:aws:s3:::calls/calls", None)

    found = registry.ask()
    registry.lake.formation.deregister_resource(ResourceArn="arn:aws:s3:::calls/calls")

    assert found.rows == ONE_AND_ALL
    assert registry.ask().state == "FAILED"


@pytest.mark.allows("athena.query.registered-role-s3-rights", "iam.bucket.allows")
def test_the_service_linked_role_reaches_what_was_registered_with_it(registry: Registry) -> None:
    """Nobody has to give it any rights."""
    registry.register(role=None)

    assert registry.ask().rows == ONE_AND_ALL


def test_the_service_linked_role_can_be_named_once_it_is_there(registry: Registry) -> None:
    """By its ARN it is as good as asked for by its flag; before the first registration there is no such role."""
    arn = f"arn:aws:iam::{CONSUMER}:role/aws-service-role/lakeformation.amazonaws.com/{SERVICE_ROLE}"

    with refused("InvalidInputException", "Invalid principal"):
        registry.register(role=arn)
    registry.register("arn:aws:s3:::elsewhere", role=None)
    registry.register(role=arn)

    assert registry.ask().rows == ONE_AND_ALL


@pytest.mark.refuses("athena.query.registered-role-s3-rights", "iam.bucket.allows")
def test_a_bucket_s_deny_holds_for_the_role_too(registry: Registry) -> None:
    """The bucket's policy is asked about the role, not about the reader."""
    registry.register(role=None)
    role = f"arn:aws:iam::{CONSUMER}:role/aws-service-role/lakeformation.amazonaws.com/*"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/*"}
    registry.set_bucket_policy(deny | {"Condition": {"ArnLike": {"aws:PrincipalArn": role}}})

    assert "explicit deny in a resource-based policy" in registry.ask().reason


@pytest.mark.refuses("iam.key.allows", "athena.query.registered-role-s3-rights")
def test_an_encrypted_object_takes_the_role_s_right_to_the_key(registry: Registry) -> None:
    """kms:Decrypt is asked of the registered role; the key's default policy leaves it to IAM."""
    kms, s3 = registry.client("kms", CONSUMER), registry.client("s3", CONSUMER, region="us-east-1")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.put_object(
        Bucket="calls", Key="calls/b.csv", Body=b"a,b,c\nx,y,1\n", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    registry.create_role(OBJECTS, BUCKET)
    registry.register()

    refused = registry.ask()
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    registry.client("iam", CONSUMER).put_role_policy(
        RoleName="registrar", PolicyName="key", PolicyDocument=policy_of(decrypt)
    )
    read = registry.ask()
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy_of())

    assert f"not authorized to perform: kms:Decrypt on resource: {key}" in refused.reason
    assert read.rows == [["_col0"], ["4"]]
    assert "no resource-based policy allows the kms:Decrypt action" in registry.ask().reason


@pytest.mark.allows("iam.key.allows")
def test_a_key_s_policy_that_names_the_role_is_enough(registry: Registry) -> None:
    """In one account the role then needs nothing of its own; the bucket encrypts by default, by the key's alias."""
    kms, s3 = registry.client("kms", CONSUMER), registry.client("s3", CONSUMER, region="us-east-1")
    registry.create_role(OBJECTS, BUCKET)
    registry.register()
    named = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}
    key = kms.create_key(Policy=policy_of(named))["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/lake", TargetKeyId=key)
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{REGION}:{CONSUMER}:alias/lake"}
    s3.put_bucket_encryption(
        Bucket="calls",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    s3.put_object(Bucket="calls", Key="calls/b.csv", Body=b"a,b,c\nx,y,1\n")

    assert registry.ask().rows == [["_col0"], ["4"]]


def partitioned(registry: Registry, location: str) -> None:
    """Make ``lake.days`` by day, with one partition at *location* that holds one call."""
    glue, s3 = registry.client("glue", CONSUMER), registry.client("s3", CONSUMER, region="us-east-1")
    storage = {"Columns": COLUMNS, "Location": "s3://calls/days/", "SerdeInfo": SERDE}
    keys = [{"Name": "day", "Type": "string"}]
    glue.create_table(
        DatabaseName="lake", TableInput={"Name": "days", "StorageDescriptor": storage, "PartitionKeys": keys}
    )
    at = {**storage, "Location": location}
    glue.create_partition(
        DatabaseName="lake", TableName="days", PartitionInput={"Values": ["1"], "StorageDescriptor": at}
    )
    s3.put_object(Bucket="calls", Key=f"{location.removeprefix('s3://calls/')}/a.csv", Body=b"sales,ann,10\n")
    registry.lake.grant(READER, "SELECT", Table={"DatabaseName": "lake", "Name": "days"})


@pytest.mark.allows("athena.query.partitions-within-table")
def test_partitions_within_the_table_are_read(registry: Registry) -> None:
    """Wherever below the table's location they lie."""
    registry.register(role=None)
    partitioned(registry, "s3://calls/days/first/1")

    assert registry.ask("SELECT agent, day FROM days").rows == [["agent", "day"], ["ann", "1"]]


@pytest.mark.refuses("athena.query.partitions-within-table")
def test_a_partition_outside_the_table_s_location_is_out_of_reach(registry: Registry) -> None:
    """Though the role reaches it: what Lake Formation vends is for the table's location."""
    registry.register(role=None)
    partitioned(registry, "s3://calls/elsewhere/1")

    assert "Access Denied" in registry.ask("SELECT agent FROM days").reason


@pytest.mark.refuses("athena.query.own-s3-rights")
def test_a_partition_elsewhere_is_read_with_one_s_own_rights_in_iam_mode(registry: Registry) -> None:
    """Where nothing is registered each place is a question of its own."""
    partitioned(registry, "s3://calls/elsewhere/1")
    within = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/days/*"}
    registry.let_reader(BUCKET, within)
    refused = registry.ask("SELECT agent FROM days")
    registry.let_reader(BUCKET, within | {"Resource": "arn:aws:s3:::calls/*"})

    assert refused.reason == "PERMISSION_DENIED: Permission denied on S3 path: s3://calls/elsewhere/1"
    assert registry.ask("SELECT agent FROM days").rows == [["agent"], ["ann"]]
