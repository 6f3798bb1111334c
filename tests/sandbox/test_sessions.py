"""Sessions of roles: their tags, when they began, and why they are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import document, refused

OWNER, OTHER = "111111111111", "222222222222"
TAGS = [{"Key": "team", "Value": "blue"}]


def make_role(client: ClientMaker, name: str, *statements: dict[str, Any], actions: Any = "sts:AssumeRole") -> str:
    """Make a role that trusts its account, with an inline policy; return its ARN."""
    iam = client("iam", OWNER)
    trust = document({"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": actions})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if statements:
        said = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=said)
    return arn


def assume(client: ClientMaker, arn: str, caller: Any = OWNER, **more: Any) -> Any:
    """Assume a role; return its keys."""
    return client("sts", caller).assume_role(RoleArn=arn, RoleSessionName="test", **more)["Credentials"]


def may(action: str, **condition: Any) -> dict[str, Any]:
    """Return a statement that allows, under a condition where one is given."""
    said = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def user_keys(client: ClientMaker, *statements: dict[str, Any]) -> Any:
    """Make the user ``ana`` of the owner with an inline policy; return a key of hers."""
    iam = client("iam", OWNER)
    iam.create_user(UserName="ana")
    if statements:
        said = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName="ana", PolicyName="inline", PolicyDocument=said)
    return iam.create_access_key(UserName="ana")["AccessKey"]


TAGGABLE = ["sts:AssumeRole", "sts:TagSession"]


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_a_sessions_tags_are_its_principals(client: ClientMaker) -> None:
    """A condition on aws:PrincipalTag looks at the session's tags."""
    blue = may("glue:GetDatabases", StringEquals={"aws:PrincipalTag/team": "blue"})
    arn = make_role(client, "reader", blue, actions=TAGGABLE)

    client("glue", assume(client, arn, Tags=TAGS)).get_databases()
    with refused("AccessDeniedException"):
        client("glue", assume(client, arn)).get_databases()


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_transitive_tags_go_on_to_the_next_role(client: ClientMaker) -> None:
    """The others end with the session that was given them."""
    blue = may("glue:GetDatabases", StringEquals={"aws:PrincipalTag/team": "blue"})
    first = make_role(client, "first", may("sts:*"), actions=TAGGABLE)
    second = make_role(client, "second", blue, actions=TAGGABLE)

    handed_on = assume(client, second, assume(client, first, Tags=TAGS, TransitiveTagKeys=["team"]))
    kept = assume(client, second, assume(client, first, Tags=TAGS))

    client("glue", handed_on).get_databases()
    with refused("AccessDeniedException"):
        client("glue", kept).get_databases()


@pytest.mark.refuses("sts.assume-role.trusted")
@pytest.mark.allows("sts.assume-role.trusted")
def test_a_trust_policy_sees_the_names_of_tags(client: ClientMaker) -> None:
    """aws:TagKeys has one value for each tag."""
    arn = make_role(client, "reader")
    only_team = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    trust = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": TAGGABLE, "Condition": only_team}
    client("iam", OWNER).update_assume_role_policy(RoleName="reader", PolicyDocument=document(trust))

    assume(client, arn, Tags=TAGS)
    with refused("AccessDenied"):
        assume(client, arn, Tags=[*TAGS, {"Key": "cost", "Value": "1"}])


@pytest.mark.refuses("sts.assume-role.trusted")
def test_what_is_not_authorized_is_named(client: ClientMaker) -> None:
    """Tags and a source identity are actions of their own."""
    arn = make_role(client, "reader")

    with refused("AccessDenied", f"is not authorized to perform: sts:TagSession on resource: {arn}"):
        assume(client, arn, Tags=TAGS)
    with refused("AccessDenied", f"is not authorized to perform: sts:SetSourceIdentity on resource: {arn}"):
        assume(client, arn, SourceIdentity="ana")


@pytest.mark.refuses("sts.assume-role.trusted")
def test_within_an_account_it_is_told_why(client: ClientMaker) -> None:
    """A silent or denying policy of the caller, and a denying trust policy."""
    arn = make_role(client, "reader")
    ana = user_keys(client)

    with refused("AccessDenied", "because no identity-based policy allows the sts:AssumeRole action"):
        assume(client, arn, ana)
    denied = document({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    client("iam", OWNER).put_user_policy(UserName="ana", PolicyName="denied", PolicyDocument=denied)
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        assume(client, arn, ana)
    trust = document({"Effect": "Deny", "Principal": {"AWS": OWNER}, "Action": "sts:AssumeRole"})
    client("iam", OWNER).update_assume_role_policy(RoleName="reader", PolicyDocument=trust)
    with refused("AccessDenied", "with an explicit deny in the role trust policy"):
        assume(client, arn)


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_older_sessions_can_be_revoked(box: Sandbox, client: ClientMaker) -> None:
    """aws:TokenIssueTime is when a session began, in sandbox time."""
    arn = make_role(client, "reader", may("glue:*"))
    old = assume(client, arn)
    box.world.clock.advance(60)
    then = datetime.fromtimestamp(box.world.clock.now() - 30, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    revoked = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": then}},
    }
    client("iam", OWNER).put_role_policy(RoleName="reader", PolicyName="older", PolicyDocument=document(revoked))

    with refused("AccessDeniedException", "with an explicit deny"):
        client("glue", old).get_databases()
    client("glue", assume(client, arn)).get_databases()


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_a_condition_sees_whose_the_resource_is(client: ClientMaker) -> None:
    """aws:ResourceAccount is read from the ARN, and of a bucket from who made it."""
    ours = {"aws:ResourceAccount": OWNER}
    arn = make_role(client, "reader", may("glue:*", StringEquals=ours), may("s3:*", StringEquals=ours))
    for account in (OWNER, OTHER):
        client("s3", account, "us-east-1").create_bucket(Bucket=f"bucket-of-{account}")
    everybody = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "s3:*"}
    everybody["Resource"] = f"arn:aws:s3:::bucket-of-{OTHER}"
    client("s3", OTHER).put_bucket_policy(Bucket=f"bucket-of-{OTHER}", Policy=document(everybody))
    keys = assume(client, arn)

    client("glue", keys).get_databases()
    client("s3", keys).list_objects_v2(Bucket=f"bucket-of-{OWNER}")
    with refused("AccessDenied"):
        client("s3", keys).list_objects_v2(Bucket=f"bucket-of-{OTHER}")


@pytest.mark.refuses("iam.identity.allows")
def test_a_service_says_no_to_a_role_in_its_own_words(client: ClientMaker) -> None:
    """The service that is to have a role asks for iam:PassRole, and its own code is what the caller sees."""
    arn = make_role(client, "registrar", may("lakeformation:*"))
    lakeformation = client("lakeformation", assume(client, arn))

    with refused("AccessDeniedException", "iam:PassRole"):
        lakeformation.register_resource(ResourceArn="arn:aws:s3:::bucket", RoleArn=arn)
