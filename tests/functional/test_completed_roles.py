"""Roles that exist and are completed: what is added, and that exactly that goes again, whatever others did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lakeshare import app
from lakeshare.resources.iam_trust import sid_of
from tests.functional.accounts import BASE, CONSUMER, OPERATOR, SECRET, Accounts, apply_all, destroy_all, steps
from tests.functional.command_line import lakeshare

ROLE = "reporting"
ARN = f"arn:aws:iam::{CONSUMER}:role/{ROLE}"
OURS = "lakeshare-connect-analytics"
PROOF, SERVICE = sid_of("Proof", "connect-analytics"), sid_of("Service", "connect-analytics")
THEIRS: Mapping[str, Any] = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"Service": ["ec2.amazonaws.com"]},
    "Action": ["sts:AssumeRole"],
    "Condition": {"StringEquals": {"aws:SourceAccount": CONSUMER}},
}
LAMBDA: Mapping[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


@pytest.fixture
def role(accounts: Accounts) -> Accounts:
    """A role of somebody else's, with a trust statement, an inline policy and a managed one."""
    iam = accounts.client("iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": THEIRS}))
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=ROLE, PolicyName="theirs", PolicyDocument=json.dumps(policy))
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    return accounts


def trust(accounts: Accounts) -> dict[str, Any]:
    """Return the role's trust policy."""
    found: dict[str, Any] = accounts.client("iam").get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    return found


def put_trust(accounts: Accounts, *statements: Mapping[str, Any]) -> None:
    """Have somebody else write the trust policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    accounts.client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=document)


def policies(accounts: Accounts) -> list[str]:
    """Return the names of the role's inline policies."""
    return list(accounts.client("iam").list_role_policies(RoleName=ROLE)["PolicyNames"])


def completing(accounts: Accounts, **changes: Any) -> app.Settings:
    """Write a spec that completes the role."""
    reader = {"role": ROLE, "complete": {"service": "lambda.amazonaws.com"}, **changes}
    return accounts.write({"s": accounts.share("users", readers=[reader])})


def test_statements_are_added_beside_theirs_and_go_again(role: Accounts) -> None:
    """Our policy and two Sids come and go; the rest of the role means what it meant, and the reader can read."""
    settings = completing(role)
    before, grants = trust(role), role.grants()

    apply_all(settings)
    completed, names = trust(role), policies(role)
    again, proofs = app.plan(settings).plan, app.verify(settings).proofs
    destroy_all(settings)

    assert completed["Version"] == before["Version"]
    assert completed["Statement"][0] == dict(THEIRS)
    assert [one["Sid"] for one in completed["Statement"]] == ["Theirs", PROOF, SERVICE]
    assert sorted(names) == [OURS, "theirs"]
    assert steps(again) == []
    assert [(proof.method, proof.status) for proof in proofs] == [("query", "pass")]
    assert trust(role) == {**before, "Statement": [dict(THEIRS)]}
    assert policies(role) == ["theirs"]
    assert role.grants() == grants


def test_the_role_is_assumed_with_its_external_id_only(role: Accounts) -> None:
    """The operator, who is trusted with an ExternalId, is refused without it and with another."""
    apply_all(completing(role))
    operator = role.client("sts", BASE).assume_role(
        RoleArn=f"arn:aws:iam::{CONSUMER}:role/{OPERATOR}", RoleSessionName="tester", ExternalId=SECRET
    )["Credentials"]
    keys = {
        "aws_access_key_id": operator["AccessKeyId"],
        "aws_secret_access_key": operator["SecretAccessKey"],
        "aws_session_token": operator["SessionToken"],
    }
    sts = role.client("sts", CONSUMER, **keys)

    for given in ({}, {"ExternalId": "another-external-id"}):
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=ARN, RoleSessionName="tester", **given)
    assert sts.assume_role(RoleArn=ARN, RoleSessionName="tester", ExternalId=SECRET)["Credentials"]


def test_what_others_changed_meanwhile_stays_as_they_left_it(role: Accounts) -> None:
    """Destroy takes out our Sids, also the one that somebody edited, and nothing of what changed beside them."""
    settings = completing(role)
    apply_all(settings)
    proof, service = trust(role)["Statement"][1:]
    other = {**THEIRS, "Sid": "Theirs2", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    put_trust(role, other, {**service, "Action": ["sts:AssumeRole", "sts:TagSession"]}, proof, THEIRS)

    drifted = app.plan(settings).plan
    destroy_all(settings)

    assert steps(drifted) == [("update", f"consumer/global/trust:{ROLE}/{SERVICE}")]
    assert trust(role)["Statement"] == [other, dict(THEIRS)]


def test_an_edit_of_theirs_is_none_of_our_business(role: Accounts) -> None:
    """Another statement, another policy, another tag: the plan has nothing to do."""
    settings = completing(role)
    apply_all(settings)
    ours = trust(role)["Statement"][1:]
    put_trust(role, {**THEIRS, "Principal": {"Service": "ecs-tasks.amazonaws.com"}}, *ours)
    role.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="theirs")

    assert steps(app.plan(settings).plan) == []


def test_what_was_said_before_us_is_not_ours(role: Accounts) -> None:
    """Where the service is trusted already, under whatever Sid, nothing is added, and destroy leaves it."""
    put_trust(role, {**LAMBDA, "Sid": "LongAgo"})
    settings = completing(role, prove_by="evaluation")

    applied = apply_all(settings)
    destroy_all(settings)

    assert "iam_trust" not in {step.kind for step in applied.plan.steps}
    assert trust(role)["Statement"] == [{**LAMBDA, "Sid": "LongAgo"}]


def test_a_statement_of_ours_comes_back_when_it_is_taken_out(role: Accounts) -> None:
    """What somebody took out of the trust policy is added again, and the policy of that name put back as it was."""
    settings = completing(role)
    apply_all(settings)
    put_trust(role, THEIRS)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    role.client("iam").put_role_policy(RoleName=ROLE, PolicyName=OURS, PolicyDocument=json.dumps(document))

    planned = steps(app.plan(settings).plan)
    apply_all(settings)

    assert sorted(planned) == [
        ("create", f"consumer/global/trust:{ROLE}/{PROOF}"),
        ("create", f"consumer/global/trust:{ROLE}/{SERVICE}"),
        ("update", f"consumer/global/policy:{ROLE}/{OURS}"),
    ]
    assert [one["Sid"] for one in trust(role)["Statement"]] == ["Theirs", PROOF, SERVICE]


def test_the_last_statement_stays(role: Accounts) -> None:
    """IAM takes no trust policy without a statement: when ours is all that is left it is kept, and told."""
    settings = completing(role, prove_by="evaluation")
    apply_all(settings)
    put_trust(role, trust(role)["Statement"][1])

    destroyed = app.destroy(settings, confirm=lambda _plan: True)

    assert [one["Sid"] for one in trust(role)["Statement"]] == [SERVICE]
    assert any("nobody else may assume the role" in str(item) for item in destroyed.outcomes)


def test_a_trust_policy_that_would_be_too_long_blocks(role: Accounts) -> None:
    """The sizes are told before anything is sent."""
    many = [{**THEIRS, "Sid": f"Theirs{number}"} for number in range(10)]
    put_trust(role, *many)
    before = role.everything()
    settings = completing(role)

    blockers = app.plan(settings).plan.blockers

    assert [item.address for item in blockers] == [f"consumer/global/trust:{ROLE}/{PROOF}"]
    assert "2,048" in blockers[0].reason
    assert role.everything() == before


def test_an_inline_policy_that_finds_no_room_blocks(role: Accounts) -> None:
    """All inline policies of a role have 10,240 characters together, the others' counted."""
    wide = [f"arn:aws:s3:::a-bucket-with-a-long-name-{number:04}" for number in range(190)]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": wide}]}
    role.client("iam").put_role_policy(RoleName=ROLE, PolicyName="wide", PolicyDocument=json.dumps(policy))
    settings = completing(role)

    blockers = app.plan(settings).plan.blockers

    assert [item.address for item in blockers] == [f"consumer/global/policy:{ROLE}/{OURS}"]
    assert "10,240" in blockers[0].reason


def test_a_role_of_that_name_names_the_way_out(role: Accounts) -> None:
    """`create:` on a role that is somebody else's is blocked, and the way out is `complete`."""
    settings = role.write(
        {"s": role.share("users", readers=[{"role": ROLE, "create": {"service": "lambda.amazonaws.com"}}])}
    )

    blockers = app.plan(settings).plan.blockers

    assert blockers
    assert "`complete: true`" in blockers[0].way_out


def test_two_specs_complete_one_role(role: Accounts) -> None:
    """Each knows its own statements and policy, and leaves the other's when it goes."""
    first = completing(role)
    apply_all(first)
    second_path = role.folder / "second.yaml"
    text = first.spec_path.read_text().replace("name: connect-analytics", "name: other")
    second_path.write_text(text.replace("database: connect_analytics_consumer", "database: other"))
    second = app.Settings(second_path, endpoint_url=first.endpoint_url, environ=first.environ)
    apply_all(second)

    destroy_all(first)

    left = ["Theirs", sid_of("Proof", "other"), sid_of("Service", "other")]
    assert [one["Sid"] for one in trust(role)["Statement"]] == left
    assert sorted(policies(role)) == ["lakeshare-other", "theirs"]


def test_drift_sees_what_is_ours_and_nothing_else(role: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit of theirs is no drift, one of ours is, at the line of the reader."""
    settings = completing(role)
    monkeypatch.setenv("EXTERNAL_ID", SECRET)
    apply_all(settings)
    flags = ("-f", str(settings.spec_path), "--endpoint-url", str(settings.endpoint_url))
    proof, service = trust(role)["Statement"][1:]

    put_trust(role, {**THEIRS, "Principal": {"Service": "ecs-tasks.amazonaws.com"}}, proof, service)
    theirs = lakeshare("drift", *flags)
    put_trust(role, THEIRS, {**proof, "Condition": {"StringEquals": {"sts:ExternalId": "weakened"}}}, service)
    ours = lakeshare("drift", *flags)

    assert (theirs.code, ours.code) == (0, 2)
    assert f"trust:{ROLE}/{PROOF}" in ours.out
    assert SECRET not in ours.out + ours.err
    assert "weakened" not in ours.out + ours.err


def test_a_role_that_aws_keeps_is_not_completed(role: Accounts) -> None:
    """A service-linked role is told as what it is, before IAM refuses to change it."""
    path = "/aws-service-role/autoscaling.amazonaws.com/"
    document = json.dumps({"Version": "2012-10-17", "Statement": THEIRS})
    name = "AWSServiceRoleForAutoScaling"
    role.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)
    reader = {"role": name, "complete": True}

    blockers = app.plan(role.write({"s": role.share("users", readers=[reader])})).plan.blockers

    assert ["AWS keeps the role" in item.reason for item in blockers] == [True]


def test_a_policy_that_has_our_name_and_is_not_ours_blocks_the_plan(role: Accounts) -> None:
    """Even while the lake's account is unknown: that it allows something else is enough to know."""
    iam = role.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=ROLE, PolicyName=OURS, PolicyDocument=document)

    [blocker] = app.plan(completing(role)).plan.blockers

    assert blocker.address == f"consumer/global/policy:{ROLE}/{OURS}"
    assert "s3:*" in blocker.reason


@pytest.mark.parametrize("first", ["complete", "create"])
def test_a_role_does_not_change_sides(role: Accounts, first: str) -> None:
    """One that was completed is not taken for made, and one that was made is not deleted to be completed."""
    name = {"complete": ROLE, "create": "new"}[first]
    ways = {"complete": {"service": "lambda.amazonaws.com"}, "create": {"service": "lambda.amazonaws.com"}}
    second = next(way for way in ways if way != first)

    def write(way: str) -> app.Settings:
        return role.write({"s": role.share("users", readers=[{"role": name, way: ways[way]}])})

    apply_all(write(first))
    before = role.client("iam").get_role(RoleName=name)["Role"]

    plan = app.plan(write(second)).plan

    assert any(first in blocker.way_out for blocker in plan.blockers), plan.blockers
    assert role.client("iam").get_role(RoleName=name)["Role"] == before
    assert not app.plan(write(first)).plan.has_changes


def test_doctor_leaves_to_the_plan_what_that_mends(role: Accounts) -> None:
    """A statement of ours that somebody opened to an account is no blocker: the next apply writes it anew."""
    settings = completing(role)
    apply_all(settings)
    opened = [
        {**one, "Principal": {"AWS": "arn:aws:iam::444444444444:root"}, "Condition": {}} if one["Sid"] == PROOF else one
        for one in trust(role)["Statement"]
    ]
    put_trust(role, *[{key: value for key, value in one.items() if value} for one in opened])

    blockers = [item.id for item in app.doctor(settings).checks if item.status == "blocker"]
    apply_all(settings)

    assert blockers == []
    assert [one["Principal"] for one in trust(role)["Statement"] if one["Sid"] == PROOF] != [
        {"AWS": "arn:aws:iam::444444444444:root"}
    ]
