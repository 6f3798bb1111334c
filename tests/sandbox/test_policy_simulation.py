"""SimulatePrincipalPolicy and SimulateCustomPolicy: what a principal's policies come to, before it tries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import ACCOUNT, ClientMaker
from tests.sandbox.lakes import as_role, document, refused

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
GLUE = f"arn:aws:glue:ap-southeast-2:{ACCOUNT}"


def allow(*actions: str, resource: str = "*", effect: str = "Allow", **more: Any) -> str:
    return document({"Effect": effect, "Action": list(actions), "Resource": resource, **more})


def make_reader(iam: Any, *policies: str, **settings: Any) -> None:
    trust = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust, **settings)
    for number, policy in enumerate(policies):
        iam.put_role_policy(RoleName="reader", PolicyName=f"p{number}", PolicyDocument=policy)


def decisions(iam: Any, *actions: str, **asked: Any) -> dict[tuple[str, str], str]:
    results = iam.simulate_principal_policy(PolicySourceArn=READER, ActionNames=list(actions), **asked)
    return {
        (result["EvalActionName"], result["EvalResourceName"]): result["EvalDecision"]
        for result in results["EvaluationResults"]
    }


@pytest.mark.allows("iam.simulate.action-names", "iam.simulate.source")
def test_what_a_role_may_and_may_not(client: ClientMaker) -> None:
    """Allowed, denied in so many words, and merely not allowed, action by action and resource by resource."""
    iam = client("iam")
    make_reader(
        iam,
        allow("glue:Get*", resource=f"{GLUE}:table/lake/*"),
        allow("glue:GetTables", effect="Deny"),
    )
    table, other = f"{GLUE}:table/lake/calls", f"{GLUE}:table/private/calls"

    found = decisions(iam, "glue:GetTable", "glue:GetTables", "glue:DeleteTable", ResourceArns=[table, other])

    assert found == {
        ("glue:GetTable", table): "allowed",
        ("glue:GetTable", other): "implicitDeny",
        ("glue:GetTables", table): "explicitDeny",
        ("glue:GetTables", other): "explicitDeny",
        ("glue:DeleteTable", table): "implicitDeny",
        ("glue:DeleteTable", other): "implicitDeny",
    }


def test_the_simulator_agrees_with_the_call(client: ClientMaker) -> None:
    """What it says of an action is what the role then meets."""
    reader = as_role(client, "glue", "reader", ACCOUNT)
    iam = client("iam")
    iam.put_role_policy(RoleName="reader", PolicyName="everything", PolicyDocument=allow("glue:GetDatabases"))

    found = decisions(iam, "glue:GetDatabases", "glue:CreateDatabase")

    assert set(found.values()) == {"allowed", "implicitDeny"}
    reader.get_databases()
    with refused("AccessDeniedException"):
        reader.create_database(DatabaseInput={"Name": "d"})


def test_a_boundary_bounds(client: ClientMaker) -> None:
    """What the boundary leaves out is not allowed, and the answer says that it was the boundary."""
    iam = client("iam")
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=allow("glue:*"))["Policy"]["Arn"]
    make_reader(iam, allow("*"), PermissionsBoundary=boundary)

    results = iam.simulate_principal_policy(PolicySourceArn=READER, ActionNames=["glue:GetTable", "s3:GetObject"])

    assert [
        (result["EvalDecision"], result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"])
        for result in results["EvaluationResults"]
    ] == [("allowed", True), ("implicitDeny", False)]


def test_conditions_see_the_context_that_is_given(client: ClientMaker) -> None:
    """Without a value for its key a condition does not hold, and the key is named as missing."""
    iam = client("iam")
    make_reader(iam, allow("s3:ListBucket", Condition={"StringEquals": {"s3:prefix": ["a/", "b/"]}}))
    entry = {"ContextKeyName": "s3:prefix", "ContextKeyValues": ["a/"], "ContextKeyType": "string"}

    (without,) = iam.simulate_principal_policy(PolicySourceArn=READER, ActionNames=["s3:ListBucket"])[
        "EvaluationResults"
    ]

    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["s3:prefix"])
    assert set(decisions(iam, "s3:ListBucket", ContextEntries=[entry]).values()) == {"allowed"}


@pytest.mark.refuses("iam.simulate.policy-documents")
@pytest.mark.allows("iam.simulate.policy-documents")
def test_policies_can_be_handed_in(client: ClientMaker) -> None:
    """For a role they are added to its own; for nobody in particular they are all there is."""
    iam = client("iam")
    make_reader(iam)
    policy = allow("glue:GetTable")

    added = iam.simulate_principal_policy(
        PolicySourceArn=READER, ActionNames=["glue:GetTable"], PolicyInputList=[policy]
    )["EvaluationResults"][0]
    alone = iam.simulate_custom_policy(PolicyInputList=[policy], ActionNames=["glue:GetTable", "glue:GetTables"])

    assert added["EvalDecision"] == "allowed"
    assert added["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.1"
    assert [result["EvalDecision"] for result in alone["EvaluationResults"]] == ["allowed", "implicitDeny"]
    with refused("InvalidInput"):
        iam.simulate_custom_policy(PolicyInputList=[json.dumps([])], ActionNames=["glue:GetTable"])


@pytest.mark.refuses("iam.simulate.action-names")
@pytest.mark.parametrize("action", ["glue:*", "GetTable", "glue:", "gl?e:GetTable"])
def test_actions_have_whole_names(client: ClientMaker, action: str) -> None:
    """Wildcards and names without a service are refused."""
    iam = client("iam")
    make_reader(iam)

    with refused("InvalidInput"):
        iam.simulate_principal_policy(PolicySourceArn=READER, ActionNames=[action])


@pytest.mark.refuses("iam.simulate.source")
def test_only_what_is_there_is_simulated(client: ClientMaker) -> None:
    """A role that does not exist, and one of another account, cannot be found."""
    for arn in (READER, "arn:aws:iam::222222222222:role/reader"):
        with refused("NoSuchEntity"):
            client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=["glue:GetTable"])


def test_simulating_is_an_action_itself(client: ClientMaker) -> None:
    """A role that may not simulate is refused; one that may, on that principal, is answered."""
    reader = as_role(client, "iam", "reader", ACCOUNT)
    client("iam").put_role_policy(
        RoleName="reader", PolicyName="everything", PolicyDocument=allow("iam:SimulatePrincipalPolicy", resource=READER)
    )

    assert set(decisions(reader, "iam:SimulatePrincipalPolicy", ResourceArns=[READER]).values()) == {"allowed"}
    with refused("AccessDenied"):
        reader.simulate_custom_policy(PolicyInputList=[allow("*")], ActionNames=["glue:GetTable"])


def test_results_come_in_pages(client: ClientMaker) -> None:
    """MaxItems cuts, and the Marker leads on."""
    iam = client("iam")
    make_reader(iam, allow("glue:*"))
    asked = {"PolicySourceArn": READER, "ActionNames": ["glue:GetTable", "glue:GetTables", "glue:GetDatabase"]}

    first = iam.simulate_principal_policy(**asked, MaxItems=2)
    second = iam.simulate_principal_policy(**asked, MaxItems=2, Marker=first["Marker"])

    assert (len(first["EvaluationResults"]), first["IsTruncated"]) == (2, True)
    assert [result["EvalActionName"] for result in second["EvaluationResults"]] == ["glue:GetDatabase"]
    assert not second["IsTruncated"]
