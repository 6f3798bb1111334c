"""An organisation bounds what its member accounts do, administrators included."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import document, refused

MANAGEMENT = "111111111111"
EVERYTHING = "p-FullAWSAccess"


class Organisation:
    """An organisation with one member account, in a unit of its own."""

    def __init__(self, organizations: Any) -> None:
        organizations.create_organization(FeatureSet="ALL")
        self.api = organizations
        self.root = organizations.list_roots()["Roots"][0]["Id"]
        self.unit = organizations.create_organizational_unit(ParentId=self.root, Name="readers")
        self.unit = self.unit["OrganizationalUnit"]["Id"]
        made = organizations.create_account(AccountName="member", Email="member@example.com")
        self.member: str = made["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=self.member, SourceParentId=self.root, DestinationParentId=self.unit)

    def bound(self, target: str, effect: str, action: str, *, alone: bool = False) -> None:
        """Attach a policy of one statement to a root, unit or account; instead of AWS's own when it is *alone*."""
        content = document({"Effect": effect, "Action": action, "Resource": "*"})
        made = self.api.create_policy(Name=effect, Description="-", Type="SERVICE_CONTROL_POLICY", Content=content)
        self.api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)
        if alone:
            self.api.detach_policy(PolicyId=EVERYTHING, TargetId=target)


@pytest.fixture
def organisation(client: ClientMaker) -> Organisation:
    """The organisation that one account manages."""
    return Organisation(client("organizations", MANAGEMENT))


@pytest.mark.parametrize("level", ["root", "unit", "member"])
@pytest.mark.refuses("iam.organisation.allows")
@pytest.mark.allows("iam.organisation.allows")
def test_a_deny_at_any_level_holds_for_all_below(organisation: Organisation, client: ClientMaker, level: str) -> None:
    """It keeps even the account's administrator from the action; others, and the management account, it leaves be."""
    organisation.bound(getattr(organisation, level), "Deny", "glue:GetDatabases")

    with refused("AccessDeniedException", "with an explicit deny in a service control policy"):
        client("glue", organisation.member).get_databases()
    client("athena", organisation.member).list_work_groups()
    client("glue", MANAGEMENT).get_databases()


@pytest.mark.parametrize("level", ["root", "unit", "member"])
@pytest.mark.refuses("iam.organisation.allows")
@pytest.mark.allows("iam.organisation.allows")
def test_every_level_has_to_allow(organisation: Organisation, client: ClientMaker, level: str) -> None:
    """Where one level allows Glue alone, nothing else is done below it."""
    organisation.bound(getattr(organisation, level), "Allow", "glue:*", alone=True)

    client("glue", organisation.member).get_databases()
    said = "because no service control policy allows the athena:ListWorkGroups action"
    with refused("AccessDeniedException", said):
        client("athena", organisation.member).list_work_groups()


@pytest.mark.refuses("iam.organisation.allows")
def test_what_a_bucket_lets_in_the_organisation_still_bounds(organisation: Organisation, client: ClientMaker) -> None:
    """A resource's policy does not reach over a service control policy."""
    s3 = client("s3", MANAGEMENT, "us-east-1")
    s3.create_bucket(Bucket="open-to-all")
    s3.put_object(Bucket="open-to-all", Key="here", Body=b"x")
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::open-to-all/*"}
    s3.put_bucket_policy(Bucket="open-to-all", Policy=document(anybody))
    organisation.bound(organisation.member, "Deny", "s3:*")

    with refused("AccessDenied", "with an explicit deny in a service control policy"):
        client("s3", organisation.member).get_object(Bucket="open-to-all", Key="here")


@pytest.mark.allows("iam.organisation.allows")
def test_the_simulator_tells_what_the_organisation_says(organisation: Organisation, client: ClientMaker) -> None:
    """It decides as the calls do, and says whether the organisation was in the way."""
    organisation.bound(organisation.unit, "Deny", "s3:GetObject")
    iam = client("iam", organisation.member)
    source = f"arn:aws:iam::{organisation.member}:user/administrator"

    results = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=["s3:GetObject", "s3:PutObject"])

    told = [
        (each["EvalDecision"], each["OrganizationsDecisionDetail"]["AllowedByOrganizations"])
        for each in results["EvaluationResults"]
    ]
    assert told == [("explicitDeny", False), ("allowed", True)]
