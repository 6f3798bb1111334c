"""STS: who calls, and who may become whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox

OWNER, OTHER = "111111111111", "222222222222"


def trust(principal: Any, *, condition: Any = None, effect: str = "Allow") -> dict[str, Any]:
    """One statement of a trust policy."""
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return statement | ({"Condition": condition} if condition else {})


def make_role(client: Any, *statements: dict[str, Any], name: str = "reader", account: str = OWNER, **more: Any) -> str:
    """Make a role that trusts as told; its ARN."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    made = client("iam", account).create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)
    return str(made["Role"]["Arn"])


def allow(client: Any, role: str, action: str, resource: str, account: str = OWNER) -> None:
    """Let a role do one thing."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    client("iam", account).put_role_policy(
        RoleName=role,
        PolicyName=f"allow-{action.replace(':', '-')}",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def keys_of(client: Any, arn: str, caller: Any = OWNER, **more: Any) -> Any:
    """Assume a role; its keys."""
    return client("sts", caller).assume_role(RoleArn=arn, RoleSessionName="test", **more)["Credentials"]


@pytest.mark.allows("sts.assume-role.session-name")
def test_an_assumed_role_is_known_by_its_session(client: Any) -> None:
    """The session's ARN names the role without its path, and the user id carries the session's name."""
    arn = make_role(client, trust({"AWS": OWNER}), Path="/teams/data/")
    assumed = client("sts").assume_role(RoleArn=arn, RoleSessionName="run-7")

    told = client("sts", assumed["Credentials"]).get_caller_identity()

    assert arn == f"arn:aws:iam::{OWNER}:role/teams/data/reader"
    assert told["Arn"] == f"arn:aws:sts::{OWNER}:assumed-role/reader/run-7" == assumed["AssumedRoleUser"]["Arn"]
    assert told["UserId"] == assumed["AssumedRoleUser"]["AssumedRoleId"]
    assert told["UserId"].startswith("AROA")
    assert told["UserId"].endswith(":run-7")


def test_a_role_that_does_not_exist_is_not_authorized(client: Any) -> None:
    """A missing role is refused in the words of one that does not trust the caller."""
    arn = f"arn:aws:iam::{OTHER}:role/nobody"

    with pytest.raises(ClientError) as refused:
        keys_of(client, arn)

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert refused.value.response["Error"]["Message"] == (
        f"User: arn:aws:iam::{OWNER}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("statements", "caller", "external_id", "is_let_in"),
    [
        ([trust({"AWS": f"arn:aws:iam::{OWNER}:root"})], OWNER, None, True),
        ([trust({"AWS": OWNER})], OWNER, None, True),
        ([trust({"AWS": "*"})], OTHER, None, True),
        ([trust("*")], OTHER, None, True),
        ([trust({"AWS": f"arn:aws:iam::{OTHER}:user/administrator"})], OTHER, None, True),
        ([trust({"AWS": f"arn:aws:iam::{OTHER}:user/administrator"})], OWNER, None, False),
        ([trust({"AWS": OTHER})], OWNER, None, False),
        ([trust({"AWS": ["333333333333", OWNER]})], OWNER, None, True),
        ([trust({"Service": "lambda.amazonaws.com"})], OWNER, None, False),
        ([trust({"Service": "lambda.amazonaws.com", "AWS": OWNER})], OWNER, None, True),
        ([trust({"AWS": OWNER}, condition={"StringEquals": {"sts:ExternalId": "s3cret"}})], OWNER, None, False),
        ([trust({"AWS": OWNER}, condition={"StringEquals": {"sts:ExternalId": "s3cret"}})], OWNER, "wrong", False),
        ([trust({"AWS": OWNER}, condition={"StringEquals": {"sts:ExternalId": "s3cret"}})], OWNER, "s3cret", True),
        ([trust({"AWS": OWNER}, condition={"StringLike": {"sts:ExternalId": ["a*", "b?"]}})], OWNER, "b2", True),
        ([trust({"AWS": OWNER}, condition={"StringLike": {"sts:RoleSessionName": "run-*"}})], OWNER, None, False),
        ([trust({"AWS": "*"}), trust({"AWS": OTHER}, effect="Deny")], OTHER, None, False),
        ([trust({"AWS": "*"}), trust({"AWS": OTHER}, effect="Deny")], OWNER, None, True),
    ],
)
def test_the_trust_policy_decides_who_may_come_in(
    client: Any, statements: list[dict[str, Any]], caller: str, external_id: str | None, *, is_let_in: bool
) -> None:
    """Principals and conditions let in, a Deny wins, and a service's trust lets no person in."""
    arn = make_role(client, *statements)
    more = {} if external_id is None else {"ExternalId": external_id}

    if is_let_in:
        assert keys_of(client, arn, caller, **more)["AccessKeyId"].startswith("ASIA")
    else:
        with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole"):
            keys_of(client, arn, caller, **more)


def test_another_accounts_role_needs_its_own_policies_to_allow(client: Any) -> None:
    """A trusted role of another account is refused until its identity policy allows sts:AssumeRole on the role."""
    operator = make_role(client, trust({"AWS": OTHER}), name="operator", account=OTHER)
    target = make_role(client, trust({"AWS": operator}))
    operator_keys = keys_of(client, operator, OTHER)

    with pytest.raises(ClientError, match="AccessDenied"):
        keys_of(client, target, operator_keys)
    allow(client, "operator", "sts:AssumeRole", target, account=OTHER)

    assert keys_of(client, target, operator_keys)


@pytest.mark.refuses("sts.assume-role.trusted")
@pytest.mark.allows("sts.assume-role.trusted")
def test_in_one_account_being_named_is_enough_and_being_of_the_account_is_not(client: Any) -> None:
    """A role named in the trust needs no policy; one that is meant only by its account does."""
    operator = make_role(client, trust({"AWS": OWNER}), name="operator")
    by_name = make_role(client, trust({"AWS": operator}), name="by-name")
    by_account = make_role(client, trust({"AWS": OWNER}), name="by-account")
    operator_keys = keys_of(client, operator)

    assert keys_of(client, by_name, operator_keys)
    with pytest.raises(ClientError, match="AccessDenied"):
        keys_of(client, by_account, operator_keys)
    allow(client, "operator", "sts:*", "*")
    assert keys_of(client, by_account, operator_keys)


@pytest.mark.refuses("front.token.expired")
@pytest.mark.allows("front.token.expired")
def test_a_session_ends_when_its_time_is_over(client: Any, box: Sandbox) -> None:
    """Keys work until they expire in sandbox time, and then say so in each service's words."""
    keys = keys_of(client, make_role(client, trust({"AWS": OWNER})), DurationSeconds=900)
    client("sts", keys).get_caller_identity()

    box.clock.advance(901)

    for service, operation, code, status in (
        ("sts", "get_caller_identity", "ExpiredToken", 403),
        ("glue", "get_databases", "ExpiredTokenException", 400),
        ("athena", "list_work_groups", "ExpiredTokenException", 400),
        ("s3", "list_buckets", "ExpiredToken", 400),
    ):
        with pytest.raises(ClientError) as refused:
            getattr(client(service, keys), operation)()
        said = refused.value.response
        assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


@pytest.mark.refuses("sts.assume-role.duration")
@pytest.mark.allows("sts.assume-role.duration")
def test_a_session_is_no_longer_than_the_roles_maximum(client: Any) -> None:
    """The maximum is an hour unless the role says more."""
    short = make_role(client, trust({"AWS": OWNER}), name="short")
    long = make_role(client, trust({"AWS": OWNER}), name="long", MaxSessionDuration=7200)

    with pytest.raises(ClientError, match=r"ValidationError.*exceeds the MaxSessionDuration"):
        keys_of(client, short, DurationSeconds=3601)

    assert keys_of(client, long, DurationSeconds=7200)


@pytest.mark.refuses("sts.assume-role.chained")
@pytest.mark.allows("sts.assume-role.chained")
def test_a_chained_role_lasts_an_hour_at_most(client: Any) -> None:
    """A role assumed from a role's session is refused a longer session whatever its maximum."""
    first = make_role(client, trust({"AWS": OWNER}), name="first")
    second = make_role(client, trust({"AWS": first}), name="second", MaxSessionDuration=7200)
    first_keys = keys_of(client, first)

    with pytest.raises(ClientError, match="1 hour session limit for roles assumed by role chaining"):
        keys_of(client, second, first_keys, DurationSeconds=3601)

    assert keys_of(client, second, first_keys, DurationSeconds=3600)


@pytest.mark.refuses("sts.assume-role.session-name")
def test_what_the_model_refuses_is_a_validation_error(client: Any) -> None:
    """A session name with a space and a duration under 15 minutes are refused before the trust is looked at."""
    sts = client("sts", parameter_validation=False)
    arn = make_role(client, trust({"AWS": OWNER}))

    with pytest.raises(ClientError, match=r"ValidationError.*roleSessionName"):
        sts.assume_role(RoleArn=arn, RoleSessionName="my run")
    with pytest.raises(ClientError, match=r"ValidationError.*Value 60 at 'durationSeconds'"):
        sts.assume_role(RoleArn=arn, RoleSessionName="run", DurationSeconds=60)
    with pytest.raises(ClientError, match=r"ValidationError.*Value null at 'roleArn'"):
        sts.assume_role(RoleSessionName="run")


def test_keys_of_a_user_act_as_that_user(client: Any) -> None:
    """Keys from CreateAccessKey are the user, path and all; a session token of theirs stays the user."""
    iam = client("iam", OTHER)
    iam.create_user(UserName="ana", Path="/people/")
    keys = iam.create_access_key(UserName="ana")["AccessKey"]

    session = client("sts", keys).get_session_token()["Credentials"]

    assert client("sts", keys).get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:user/people/ana"
    assert client("sts", session).get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:user/people/ana"
    assert client("sts").get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == OTHER


@pytest.mark.refuses("front.key.active")
@pytest.mark.allows("front.key.active")
def test_a_key_that_was_switched_off_works_no_more(client: Any) -> None:
    """An inactive access key is refused, and works again when it is active again."""
    iam = client("iam", OTHER)
    iam.create_user(UserName="ana")
    keys = iam.create_access_key(UserName="ana")["AccessKey"]

    iam.update_access_key(UserName="ana", AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sts", keys).get_caller_identity()
    iam.update_access_key(UserName="ana", AccessKeyId=keys["AccessKeyId"], Status="Active")

    assert client("sts", keys).get_caller_identity()["Account"] == OTHER


@pytest.mark.refuses("sts.assume-role.policy")
@pytest.mark.allows("sts.assume-role.policy")
def test_a_session_policy_is_a_policy(client: Any) -> None:
    """What is no policy document, and a managed policy that does not exist, are refused."""
    arn = make_role(client, trust({"AWS": OWNER}))
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": everything})
    managed = client("iam").create_policy(PolicyName="none", PolicyDocument=document)["Policy"]["Arn"]
    keys_of(client, arn, Policy=document, PolicyArns=[{"arn": managed}])

    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        keys_of(client, arn, Policy="everything")
    with pytest.raises(ClientError, match="does not exist"):
        keys_of(client, arn, PolicyArns=[{"arn": f"{managed}-other"}])


@pytest.mark.refuses("iam.identity.allows")
@pytest.mark.allows("iam.identity.allows")
def test_a_session_s_tags_are_tags_of_its_principal(client: Any) -> None:
    """aws:PrincipalTag is what the session was started with, over what the role itself is tagged with."""
    letting = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    arn = make_role(client, letting, Tags=[{"Key": "team", "Value": "sales"}])
    condition = {"StringEquals": {"aws:PrincipalTag/team": "data"}}
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").put_role_policy(RoleName="reader", PolicyName="tagged", PolicyDocument=policy)

    with pytest.raises(ClientError, match="not authorized to perform: s3:ListAllMyBuckets"):
        client("s3", keys_of(client, arn)).list_buckets()
    assert client("s3", keys_of(client, arn, Tags=[{"Key": "team", "Value": "data"}])).list_buckets()["Buckets"] == []
