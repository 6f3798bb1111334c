"""IAM's policy simulator: what policies would say, without doing anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox.policy.arn_formats import arn_format
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import document, refused

OWNER, OTHER = "111111111111", "222222222222"
ROLE, USER = f"arn:aws:iam::{OWNER}:role/reader", f"arn:aws:iam::{OWNER}:user/ana"
TABLE = f"arn:aws:glue:ap-southeast-2:{OWNER}:table/sales/orders"
CATALOG = f"arn:aws:glue:ap-southeast-2:{OWNER}:catalog"
BUCKET = "arn:aws:s3:::lake"


def allow(action: Any, resource: Any = "*", **more: Any) -> str:
    """A policy that allows."""
    return document({"Effect": "Allow", "Action": action, "Resource": resource, **more})


def deny(action: Any, resource: Any = "*", **more: Any) -> str:
    """A policy that denies."""
    return document({"Effect": "Deny", "Action": action, "Resource": resource, **more})


@pytest.fixture
def iam(client: ClientMaker) -> Any:
    """The owner's IAM, with a role ``reader`` and a user ``ana`` that have no policies."""
    made = client("iam", OWNER)
    trust = document({"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "sts:AssumeRole"})
    made.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
    made.create_user(UserName="ana")
    return made


def simulated(iam: Any, action: str = "glue:GetTable", source: str = ROLE, **asked: Any) -> dict[str, Any]:
    """The one result of simulating one action for a principal."""
    (result,) = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=[action], **asked)[
        "EvaluationResults"
    ]
    found: dict[str, Any] = result
    return found


def custom(iam: Any, *policies: str, action: str = "glue:GetTable", **asked: Any) -> dict[str, Any]:
    """The one result of simulating one action under policies that nobody has."""
    (result,) = iam.simulate_custom_policy(PolicyInputList=list(policies), ActionNames=[action], **asked)[
        "EvaluationResults"
    ]
    found: dict[str, Any] = result
    return found


class TestPrincipals:
    @pytest.mark.allows("iam.simulate.action-named", "iam.simulate.entity-exists", "iam.simulate.entity-named")
    def test_a_role_may_what_its_policies_allow(self, iam: Any) -> None:
        """Each action is answered in turn: allowed by a statement of a policy that is named, or by none."""
        iam.put_role_policy(RoleName="reader", PolicyName="look", PolicyDocument=allow("glue:Get*"))

        answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["glue:GetTable", "glue:CreateTable"])

        assert not answer["IsTruncated"]
        assert [(each["EvalActionName"], each["EvalDecision"]) for each in answer["EvaluationResults"]] == [
            ("glue:GetTable", "allowed"),
            ("glue:CreateTable", "implicitDeny"),
        ]
        look, create = answer["EvaluationResults"]
        assert look["MatchedStatements"] == [{"SourcePolicyId": "look", "SourcePolicyType": "role"}]
        assert create["MatchedStatements"] == []
        assert look["EvalResourceName"] == "*"
        assert "PermissionsBoundaryDecisionDetail" not in look

    def test_a_deny_is_told_as_one(self, iam: Any) -> None:
        """An explicit deny wins, and its statement is the only one that is told."""
        iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=allow("*"))
        iam.put_role_policy(RoleName="reader", PolicyName="none", PolicyDocument=deny("glue:*"))

        result = simulated(iam)

        assert result["EvalDecision"] == "explicitDeny"
        assert [each["SourcePolicyId"] for each in result["MatchedStatements"]] == ["none"]

    def test_a_user_has_the_policies_of_its_groups(self, iam: Any) -> None:
        """A user's simulation includes its groups; a group is simulated by itself; each policy says whose it is."""
        iam.create_group(GroupName="readers")
        iam.put_group_policy(GroupName="readers", PolicyName="look", PolicyDocument=allow("glue:GetTable"))
        iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AWSGlueConsoleFullAccess")
        own = iam.create_policy(PolicyName="mine", PolicyDocument=allow("glue:GetTable"))["Policy"]["Arn"]
        iam.attach_user_policy(UserName="ana", PolicyArn=own)
        assert len(simulated(iam, source=USER)["MatchedStatements"]) == 1

        iam.add_user_to_group(GroupName="readers", UserName="ana")

        matched = simulated(iam, source=USER)["MatchedStatements"]
        assert {(each["SourcePolicyId"], each["SourcePolicyType"]) for each in matched} == {
            ("mine", "user-managed"),
            ("look", "group"),
            ("AWSGlueConsoleFullAccess", "aws-managed"),
        }
        assert simulated(iam, source=f"arn:aws:iam::{OWNER}:group/readers")["EvalDecision"] == "allowed"

    def test_a_boundary_narrows_and_is_told(self, iam: Any) -> None:
        """What the boundary leaves out is not allowed; a boundary in the call stands in for the attached one."""
        iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=allow("*"))
        edge = iam.create_policy(PolicyName="edge", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=edge)

        kept_out = simulated(iam)
        let_in = simulated(iam, PermissionsBoundaryPolicyInputList=[allow("glue:*")])

        assert kept_out["EvalDecision"] == "implicitDeny"
        assert kept_out["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
        assert let_in["EvalDecision"] == "allowed"
        assert let_in["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
        denied = simulated(iam, PermissionsBoundaryPolicyInputList=[deny("glue:*")])
        assert (denied["EvalDecision"], denied["MatchedStatements"]) == ("explicitDeny", [])

    @pytest.mark.allows("iam.simulate.policy-readable")
    def test_policies_of_the_call_stand_beside_the_entitys(self, iam: Any) -> None:
        """A policy that is not attached yet is tried by naming it in the call."""
        result = simulated(iam, PolicyInputList=[allow("s3:*"), allow("glue:*")])

        assert result["EvalDecision"] == "allowed"
        assert result["MatchedStatements"] == [{"SourcePolicyId": "PolicyInputList.2", "SourcePolicyType": "none"}]

    def test_the_administrator_of_an_account_may_everything(self, iam: Any) -> None:
        """The user behind a 12-digit key is simulated as one with AdministratorAccess."""
        result = simulated(iam, source=f"arn:aws:iam::{OWNER}:user/administrator")

        assert result["EvalDecision"] == "allowed"
        assert result["MatchedStatements"] == [
            {"SourcePolicyId": "AdministratorAccess", "SourcePolicyType": "aws-managed"}
        ]

    @pytest.mark.refuses("iam.simulate.entity-exists", "iam.simulate.entity-named")
    def test_what_is_no_entity_is_refused(self, iam: Any) -> None:
        """A session is not an entity; a role or user that is not there, or in another account, is not found."""
        session = f"arn:aws:sts::{OWNER}:assumed-role/reader/s"
        with refused("InvalidInput", "does not clearly define entity type and name"):
            simulated(iam, source=session)
        with refused("InvalidInput", "does not clearly define entity type and name"):
            simulated(iam, CallerArn=session)
        with refused("NoSuchEntity", "The role with name nobody cannot be found"):
            simulated(iam, source=f"arn:aws:iam::{OWNER}:role/nobody")
        with refused("NoSuchEntity"):
            simulated(iam, source=f"arn:aws:iam::{OTHER}:user/administrator")

    def test_simulating_takes_iams_leave(self, client: ClientMaker, iam: Any) -> None:
        """A role simulates those entities that its own policies let it look into."""
        look = allow("iam:SimulatePrincipalPolicy", ROLE)
        iam.put_role_policy(RoleName="reader", PolicyName="look", PolicyDocument=look)
        keys = client("sts", OWNER).assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
        as_reader = client("iam", keys)

        assert simulated(as_reader)["EvalDecision"] == "implicitDeny"
        with refused("AccessDenied", f"iam:SimulatePrincipalPolicy on resource: {USER}"):
            simulated(as_reader, source=USER)
        with refused("AccessDenied", "iam:SimulateCustomPolicy"):
            custom(as_reader, allow("*"))


class TestRequests:
    @pytest.mark.allows("iam.simulate.resource-named")
    def test_each_named_resource_is_answered(self, iam: Any) -> None:
        """An action has one result: of each resource its own decision, and over all the most restrictive one."""
        result = custom(iam, allow("glue:*", TABLE), deny("glue:*", CATALOG), ResourceArns=[TABLE, CATALOG])

        decisions = {
            each["EvalResourceName"]: each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]
        }
        assert decisions == {TABLE: "allowed", CATALOG: "explicitDeny"}
        assert result["EvalDecision"] == "explicitDeny"
        assert [each["SourcePolicyId"] for each in result["MatchedStatements"]] == ["PolicyInputList.2"]
        assert (
            result["EvalResourceName"]
            == "arn:${Partition}:glue:${Region}:${Account}:table/${DatabaseName}/${TableName}"
        )

    def test_without_resources_everything_is_meant(self, iam: Any) -> None:
        """All resources are what ``*`` stands for, and a policy for some of them does not allow that."""
        assert custom(iam, allow("glue:*", TABLE))["EvalDecision"] == "implicitDeny"
        assert custom(iam, allow("glue:*"), ResourceArns=["*"])["EvalDecision"] == "allowed"
        assert "ResourceSpecificResults" not in custom(iam, allow("glue:*"))

    def test_conditions_know_the_keys_that_are_given(self, iam: Any) -> None:
        """A key that is not given is missing, and is named; given, it is compared, lists included."""
        condition = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}
        policy = allow("glue:*", Condition=condition)

        missing = custom(iam, policy)
        entry = {
            "ContextKeyName": "AWS:calledvia",
            "ContextKeyType": "stringList",
            "ContextKeyValues": ["x.amazonaws.com", "athena.amazonaws.com"],
        }
        given = custom(iam, policy, ContextEntries=[entry])

        assert (missing["EvalDecision"], missing["MissingContextValues"]) == ("implicitDeny", ["aws:CalledVia"])
        assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])
        assert custom(iam, policy, action="s3:GetObject")["MissingContextValues"] == []
        (by_arn,) = custom(iam, policy, ResourceArns=[TABLE])["ResourceSpecificResults"]
        assert by_arn["MissingContextValues"] == ["aws:CalledVia"]

    def test_a_policy_variable_is_a_key_too(self, iam: Any) -> None:
        """A resource that is named by the user's name matches once that name is given."""
        policy = allow("s3:GetObject", "arn:aws:s3:::lake/${aws:username}/*")
        asked: dict[str, Any] = {"action": "s3:GetObject", "ResourceArns": [f"{BUCKET}/ana/k"]}
        name = {"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["ana"]}

        assert custom(iam, policy, **asked)["MissingContextValues"] == ["aws:username"]
        assert custom(iam, policy, **asked, ContextEntries=[name])["EvalDecision"] == "allowed"

    @pytest.mark.allows("iam.simulate.resource-policy-for-users")
    def test_a_resources_policy_counts_for_users(self, iam: Any) -> None:
        """In one account a bucket's policy alone lets a user in; in another both sides must; its deny always wins."""
        to_ana = document({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "s3:*", "Resource": f"{BUCKET}/*"})
        asked: dict[str, Any] = {
            "action": "s3:GetObject",
            "source": USER,
            "ResourceArns": [f"{BUCKET}/k"],
            "ResourcePolicy": to_ana,
        }

        let_in = simulated(iam, **asked)
        assert let_in["EvalDecision"] == "allowed"
        assert let_in["MatchedStatements"] == [{"SourcePolicyId": "ResourcePolicy", "SourcePolicyType": "resource"}]
        assert simulated(iam, **asked, CallerArn=f"arn:aws:iam::{OWNER}:user/bob")["EvalDecision"] == "implicitDeny"
        assert simulated(iam, **asked, ResourceOwner=OTHER)["EvalDecision"] == "implicitDeny"
        both = simulated(iam, **asked, ResourceOwner=OTHER, PolicyInputList=[allow("s3:*")])
        assert both["EvalDecision"] == "allowed"
        put_out = json.loads(to_ana)
        put_out["Statement"][0] |= {"Effect": "Deny", "Principal": "*"}
        asked |= {"ResourcePolicy": json.dumps(put_out)}
        assert simulated(iam, **asked, PolicyInputList=[allow("s3:*")])["EvalDecision"] == "explicitDeny"

    @pytest.mark.refuses("iam.simulate.resource-policy-for-users")
    def test_a_resources_policy_is_not_simulated_for_roles(self, iam: Any) -> None:
        """With a role, or with nobody, as the caller a resource's policy is refused."""
        policy = document({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"})

        with refused("InvalidInput", "only with an IAM user"):
            simulated(iam, ResourcePolicy=policy)
        with refused("InvalidInput", "only with an IAM user"):
            custom(iam, allow("s3:*"), ResourcePolicy=policy)
        assert custom(iam, deny("glue:*"), ResourcePolicy=policy, CallerArn=USER)["EvalDecision"] == "explicitDeny"

    @pytest.mark.parametrize("action", ["glue:Get*", "*:*", "s3:*", "GetTable", "glue:GetTabl?", "glue:"])
    @pytest.mark.refuses("iam.simulate.action-named")
    def test_an_action_is_named_in_full(self, iam: Any, action: str) -> None:
        """Wildcards, and names without a service, are refused."""
        with refused("InvalidInput", "Invalid Action name"):
            simulated(iam, action)

    @pytest.mark.refuses("iam.simulate.marker", "iam.simulate.policy-readable", "iam.simulate.resource-named")
    def test_what_cannot_be_read_is_refused(self, iam: Any) -> None:
        """Policies are documents, resources ARNs; a boundary is one, and a Marker one that was given."""
        with refused("InvalidInput", "not in the valid JSON format"):
            custom(iam, "{")
        with refused("InvalidInput", "Invalid Resource ARN: orders"):
            custom(iam, allow("*"), ResourceArns=["orders"])
        with refused("InvalidInput", "Only one permissions boundary"):
            custom(iam, allow("*"), PermissionsBoundaryPolicyInputList=[allow("*"), allow("*")])
        with refused("InvalidInput", "Invalid Marker"):
            custom(iam, allow("*"), Marker="nonsense")

    @pytest.mark.allows("iam.simulate.marker")
    def test_results_come_in_pages(self, iam: Any) -> None:
        """A page has as many results as were asked for; all pages have all of them."""
        actions = [f"glue:Get{letter}" for letter in "ABCDE"]
        pages = list(
            iam.get_paginator("simulate_custom_policy").paginate(
                PolicyInputList=[allow("*")], ActionNames=actions, PaginationConfig={"PageSize": 2}
            )
        )

        assert [len(each["EvaluationResults"]) for each in pages] == [2, 2, 1]
        assert [each["IsTruncated"] for each in pages] == [True, True, False]
        assert [one["EvalActionName"] for each in pages for one in each["EvaluationResults"]] == actions


@pytest.mark.parametrize(
    ("action", "format_"),
    [
        ("s3:GetObject", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
        ("s3:ListBucket", "arn:${Partition}:s3:::${BucketName}"),
        ("s3:ListAllMyBuckets", "*"),
        ("glue:GetDatabases", "arn:${Partition}:glue:${Region}:${Account}:database/${DatabaseName}"),
        ("iam:GetRole", "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"),
        ("iam:ListRoles", "*"),
        ("lakeformation:GrantPermissions", "*"),
        (
            "ram:AcceptResourceShareInvitation",
            "arn:${Partition}:ram:${Region}:${Account}:resource-share-invitation/${ResourcePath}",
        ),
        ("unknown:Thing", "*"),
    ],
)
def test_templates_of_resources(action: str, format_: str) -> None:
    """An action's template is that of its innermost resource type, ``*`` where it has none."""
    assert arn_format(action) == format_
