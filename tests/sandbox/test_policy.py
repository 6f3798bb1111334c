"""IAM: what a caller's policies allow, and how AWS says no."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.identity import administrator
from lakeshare.sandbox.policy import authorize, principal_known
from lakeshare.sandbox.policy.conditions import hold
from lakeshare.sandbox.policy.context import Context
from lakeshare.sandbox.policy.documents import Condition, parse_policy
from lakeshare.sandbox.policy.evaluate import UNKNOWN_RESOURCE, Verdict, evaluate
from lakeshare.sandbox.policy.resources import BY_SERVICE, resource_arns
from lakeshare.sandbox.wire.models import operation_model
from lakeshare.sandbox.world import World

OWNER, OTHER = "111111111111", "222222222222"
REGION = "ap-southeast-2"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/reader/test"
GLUE = f"arn:aws:glue:{REGION}:{OWNER}"


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """One statement of an identity policy."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    """A policy as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role_keys(client: Any, *statements: dict[str, Any], account: str = OWNER, **assumed: Any) -> Any:
    """Keys of a fresh role ``reader`` with one inline policy."""
    iam = client("iam", account)
    trust = document({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName="reader", PolicyName="inline", PolicyDocument=document(*statements))
    return client("sts", account).assume_role(RoleArn=arn, RoleSessionName="test", **assumed)["Credentials"]


def refusal(call: Any, **arguments: Any) -> dict[str, Any]:
    """The error and the status with which *call* is refused."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response: Any = refused.value.response
    return {**response["Error"], "Status": response["ResponseMetadata"]["HTTPStatusCode"]}


# --- over HTTP -------------------------------------------------------------------------------------------------------


def test_a_role_without_policies_may_nothing_but_say_who_it_is(client: Any) -> None:
    """GetCallerIdentity needs no permission; everything else is refused in the service's own form."""
    keys = role_keys(client)

    assert client("sts", keys).get_caller_identity()["Arn"] == SESSION
    assert refusal(client("glue", keys).get_table, DatabaseName="d", Name="t") == {
        "Code": "AccessDeniedException",
        "Message": (
            f"User: {SESSION} is not authorized to perform: glue:GetTable on resource: {GLUE}:catalog "
            "because no identity-based policy allows the glue:GetTable action"
        ),
        "Status": 400,
    }
    assert refusal(client("s3", keys).get_object, Bucket="lake", Key="k") == {
        "Code": "AccessDenied",
        "Message": (
            f'User: {SESSION} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/k" '
            "because no identity-based policy allows the s3:GetObject action"
        ),
        "Status": 403,
    }
    assert refusal(client("lakeformation", keys).list_permissions)["Status"] == 403
    assert refusal(client("iam", keys).list_roles)["Code"] == "AccessDenied"
    assert refusal(client("sqs", keys).list_queues)["Code"] == "AccessDeniedException"


def test_every_ancestor_of_a_table_is_needed(client: Any) -> None:
    """With the table and its database allowed, the catalog is what is missing."""
    keys = role_keys(client, statement("glue:Get*", [f"{GLUE}:database/d", f"{GLUE}:table/d/*"]))

    assert f"{GLUE}:catalog" in refusal(client("glue", keys).get_table, DatabaseName="d", Name="t")["Message"]


def test_a_deny_wins_over_an_allow(client: Any) -> None:
    """An explicit deny is told as one."""
    keys = role_keys(client, statement("*"), statement("iam:List*", effect="Deny"))

    assert client("iam", keys).get_role(RoleName="reader")
    assert refusal(client("iam", keys).list_roles)["Message"].endswith(
        "with an explicit deny in an identity-based policy"
    )


def test_a_session_policy_only_narrows(client: Any) -> None:
    """What the role allows and the session's policy does not is refused, and the other way round."""
    keys = role_keys(client, statement("iam:GetRole"), Policy=document(statement(["iam:ListRoles", "iam:GetRole"])))

    assert client("iam", keys).get_role(RoleName="reader")
    assert "no identity-based policy allows" in refusal(client("iam", keys).list_roles)["Message"]
    iam = client("iam")
    iam.put_role_policy(RoleName="reader", PolicyName="inline", PolicyDocument=document(statement("iam:*")))
    assert client("iam", keys).list_roles()
    assert "no session policy allows" in refusal(client("iam", keys).list_users)["Message"]


def test_a_boundary_only_narrows(client: Any) -> None:
    """A role that may everything within a boundary may what the boundary allows."""
    keys = role_keys(client, statement("*"))
    iam = client("iam")
    boundary = iam.create_policy(PolicyName="edge", PolicyDocument=document(statement("iam:GetRole")))["Policy"]["Arn"]

    iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=boundary)

    assert client("iam", keys).get_role(RoleName="reader")
    assert "no permissions boundary allows" in refusal(client("iam", keys).list_roles)["Message"]


def test_a_user_has_the_policies_of_its_groups(client: Any) -> None:
    """A user is allowed what a group of theirs is allowed, by an AWS managed policy too."""
    iam = client("iam")
    iam.create_user(UserName="ana")
    keys = iam.create_access_key(UserName="ana")["AccessKey"]
    assert refusal(client("iam", keys).list_roles)["Code"] == "AccessDenied"

    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam.add_user_to_group(GroupName="readers", UserName="ana")

    assert client("iam", keys).list_roles()["Roles"] == []
    assert refusal(client("iam", keys).delete_user, UserName="ana")["Code"] == "AccessDenied"


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_s3_is_allowed_by_prefix_and_by_key(client: Any) -> None:
    """Listing is allowed under one prefix, reading under one path, and both halves of a copy are looked at."""
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket="lake")
    for key in ("in/a", "out/b"):
        s3.put_object(Bucket="lake", Key=key, Body=b"x")
    keys = role_keys(
        client,
        statement("s3:ListBucket", "arn:aws:s3:::lake", Condition={"StringLike": {"s3:prefix": "in/*"}}),
        statement(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "arn:aws:s3:::lake/in/*"),
    )
    reader = client("s3", keys, region="us-east-1")

    assert [one["Key"] for one in reader.list_objects_v2(Bucket="lake", Prefix="in/")["Contents"]] == ["in/a"]
    assert refusal(reader.list_objects_v2, Bucket="lake", Prefix="out/")["Code"] == "AccessDenied"
    assert reader.get_object(Bucket="lake", Key="in/a")["Body"].read() == b"x"
    assert refusal(reader.get_object, Bucket="lake", Key="out/b")["Code"] == "AccessDenied"
    assert refusal(reader.head_object, Bucket="lake", Key="out/b")["Status"] == 403
    assert (
        "s3:GetObject"
        in refusal(reader.copy_object, Bucket="lake", Key="in/c", CopySource={"Bucket": "lake", "Key": "out/b"})[
            "Message"
        ]
    )


@pytest.mark.refuses("iam.bucket.allows")
@pytest.mark.allows("iam.bucket.allows")
def test_a_bucket_of_another_account_needs_its_policy_too(client: Any) -> None:
    """An administrator elsewhere is let in by the bucket's policy alone, and put out by its deny."""
    owner, other = client("s3", OWNER, region="us-east-1"), client("s3", OTHER, region="us-east-1")
    owner.create_bucket(Bucket="lake")
    owner.put_object(Bucket="lake", Key="k", Body=b"x")
    assert "no resource-based policy allows" in refusal(other.get_object, Bucket="lake", Key="k")["Message"]

    let_in = statement("s3:GetObject", "arn:aws:s3:::lake/*", Principal={"AWS": OTHER})
    owner.put_bucket_policy(Bucket="lake", Policy=document(let_in))
    assert other.get_object(Bucket="lake", Key="k")["Body"].read() == b"x"

    put_out = statement("s3:GetObject", "arn:aws:s3:::lake/*", "Deny", Principal="*")
    owner.put_bucket_policy(Bucket="lake", Policy=document(let_in, put_out))
    assert "explicit deny in a resource-based policy" in refusal(owner.get_object, Bucket="lake", Key="k")["Message"]


def test_a_buckets_name_is_taken_for_everybody(client: Any) -> None:
    """Making a bucket that another account has is S3's refusal, not IAM's."""
    client("s3", OWNER, region="us-east-1").create_bucket(Bucket="lake")

    assert (
        refusal(client("s3", OTHER, region="us-east-1").create_bucket, Bucket="lake")["Code"] == "BucketAlreadyExists"
    )


def test_a_new_role_is_a_stranger_for_a_while(client: Any, box: Sandbox) -> None:
    """A role is known ``iam_s`` seconds of sandbox time after it was made, also when the clock was moved before."""
    box.clock.advance(86_400)
    client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=document())
    arn = f"arn:aws:iam::{OWNER}:role/reader"
    assert principal_known(box.world, arn)

    from lakeshare.sandbox.trouble import Delays, Trouble

    box.world.store(Trouble).delays = Delays(iam_s=5)
    assert not principal_known(box.world, arn)
    box.clock.advance(5)
    assert principal_known(box.world, arn)
    assert principal_known(box.world, f"arn:aws:iam::{OTHER}:user/administrator")
    assert not principal_known(box.world, f"arn:aws:iam::{OWNER}:role/nobody")


def test_registering_a_location_needs_the_role_to_be_passed(client: Any) -> None:
    """RegisterResource with a role is refused to those who may not pass it."""
    keys = role_keys(client, statement("lakeformation:*"))
    role = f"arn:aws:iam::{OWNER}:role/reader"

    refused = refusal(client("lakeformation", keys).register_resource, ResourceArn="arn:aws:s3:::lake", RoleArn=role)

    assert f"iam:PassRole on resource: {role}" in refused["Message"]


# --- the evaluation by itself ----------------------------------------------------------------------------------------


READER = Caller(OWNER, SESSION, f"arn:aws:iam::{OWNER}:role/reader", "role")


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "is_met"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a.c", "abc", False),
        ("StringNotLike", "a*", "ba", True),
        ("ArnLike", "arn:aws:iam::*:role/x*", "arn:aws:iam::1:role/xy", True),
        ("ArnLike", "arn:aws:*", "arn:aws:iam::1:role/x", False),
        ("Bool", "TRUE", "true", True),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("NumericLessThanEquals", "10", "9.5", True),
        ("NumericGreaterThan", "10", "9.5", False),
        ("NumericEquals", "10", "ten", False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-23T10:00:00+00:00", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "1798000000", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("ForAnyValue:StringEquals", "a", "a", True),
        ("ForAnyValue:StringNotEquals", "a", None, False),
        ("ForAllValues:StringEquals", "a", None, True),
        ("ForAllValues:StringEquals", "a", "b", False),
        ("StringNearly", "a", "a", False),
    ],
)
def test_condition_operators(operator: str, wanted: str, found: str | None, *, is_met: bool) -> None:
    """Each operator compares as IAM's reference says, a missing key included."""
    context = Context(World(), READER, {} if found is None else {"x:key": found})

    assert hold([Condition(operator, "X:Key", (wanted,))], context) is is_met


@pytest.mark.parametrize(
    ("body", "action", "resource", "verdict"),
    [
        (statement("glue:get*"), "glue:GetTable", "arn:x", Verdict.ALLOW),
        (statement(["s3:*", "glue:GetTable"]), "glue:GetTables", "arn:x", Verdict.SILENT),
        (statement("glue:*", "arn:aws:glue:*:*:table/d/*"), "glue:GetTable", f"{GLUE}:table/d/t", Verdict.ALLOW),
        (statement("glue:*", "arn:aws:glue:*:*:table/d/*"), "glue:GetTable", f"{GLUE}:table/e/t", Verdict.SILENT),
        (statement("*", "*", "Deny"), "glue:GetTable", "arn:x", Verdict.DENY),
        (statement("glue:*", "arn:x"), "glue:GetJob", UNKNOWN_RESOURCE, Verdict.ALLOW),
        (statement("glue:*", "arn:x", "Deny"), "glue:GetJob", UNKNOWN_RESOURCE, Verdict.SILENT),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "glue:GetTable", "arn:x", Verdict.ALLOW),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "iam:GetRole", "arn:x", Verdict.SILENT),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:x"}, "glue:GetTable", "arn:y", Verdict.DENY),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:x"}, "glue:GetTable", "arn:x", Verdict.SILENT),
        (statement("*", "arn:${aws:PrincipalAccount}"), "glue:GetTable", f"arn:{OWNER}", Verdict.ALLOW),
        (statement("*", "arn:${aws:username}"), "glue:GetTable", "arn:reader", Verdict.SILENT),
        (statement("*", Condition={"Bool": {"aws:SecureTransport": True}}), "glue:GetTable", "arn:x", Verdict.ALLOW),
    ],
)
def test_statements(body: dict[str, Any], action: str, resource: str, verdict: Verdict) -> None:
    """Actions know no case, resources do; the Not forms turn round; a variable without a value matches nothing."""
    assert evaluate(parse_policy(document(body)), action, resource, Context(World(), READER)) is verdict


def test_the_administrator_may_everything() -> None:
    """The user behind a 12-digit key needs no policy."""
    authorize(World(), administrator(OWNER), "glue:GetTable", f"{GLUE}:catalog")

    with pytest.raises(ServiceError, match="not authorized"):
        authorize(World(), READER, "glue:GetTable", f"{GLUE}:catalog")


def test_the_owners_catalog_stands_in_the_arns() -> None:
    """A call that names another account's catalog is asked about on that account's ARNs, a list on each entry's."""
    params = {"CatalogId": OTHER, "DatabaseName": "d", "TablesToDelete": ["t", "u"]}
    prefix = f"arn:aws:glue:{REGION}:{OTHER}"

    assert resource_arns("glue", "BatchDeleteTable", OWNER, REGION, params) == (
        f"{prefix}:catalog",
        f"{prefix}:database/d",
        f"{prefix}:table/d/t",
        f"{prefix}:table/d/u",
    )
    assert resource_arns("athena", "StartQueryExecution", OWNER, REGION, {}) == (
        f"arn:aws:athena:{REGION}:{OWNER}:workgroup/primary",
    )
    assert resource_arns("lakeformation", "GrantPermissions", OWNER, REGION, {}) == ("*",)
    assert resource_arns("glue", "GetJob", OWNER, REGION, {}) == (UNKNOWN_RESOURCE,)


def test_every_operation_in_the_table_is_one_of_the_service_model() -> None:
    """No misspelt operation waits in the table of resources."""
    strangers = [
        f"{service}:{operation}"
        for service, operations in BY_SERVICE.items()
        for operation in operations
        if operation_model(service, operation) is None
    ]

    assert strangers == []
