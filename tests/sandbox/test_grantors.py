"""What a grantor must be allowed to have RAM do, and that nothing is half done where it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, as_role, refused
from tests.sandbox.shares import LENDING, MANAGER, TABLE, Lending, database, manager_without, policy, table

CREATE, EXTEND, SHRINK, DELETE = (
    "ram:CreateResourceShare",
    "ram:AssociateResourceShare",
    "ram:DisassociateResourceShare",
    "ram:DeleteResourceShare",
)


@pytest.fixture
def lending(box: Sandbox, client: ClientMaker) -> Lending:
    """A lake at version 4, of which nothing is shared yet."""
    lending = Lending(box, client)
    lending.open(4)
    return lending


def granted(lending: Lending) -> list[str]:
    """Return the names of the tables on which the consumer is granted something."""
    rows = lending.client("lakeformation", PRODUCER).list_permissions()["PrincipalResourcePermissions"]
    mine = [each["Resource"] for each in rows if each["Principal"]["DataLakePrincipalIdentifier"] == CONSUMER]
    return sorted({resource["Table"]["Name"] for resource in mine if "Table" in resource})


@pytest.mark.allows(
    "lakeformation.grant.may-create-share",
    "lakeformation.grant.may-extend-share",
    "lakeformation.revoke.may-change-share",
)
@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_the_managed_policy_is_enough(lending: Lending, version: int) -> None:
    """With what AWSLakeFormationCrossAccountManager allows one shares, adds, takes out and ends, at every version."""
    grantor = lending.grantor(*MANAGER, version=version)

    for name in ("orders", "returns"):
        lending.grant(table(name), by=grantor)
    lending.accept()
    for name in ("orders", "returns"):
        lending.revoke(table(name), by=grantor)

    assert lending.living() == []


class TestCreating:
    @pytest.mark.refuses("lakeformation.grant.may-create-share")
    @pytest.mark.parametrize("action", [CREATE, "ram:AssociateResourceSharePermission"])
    def test_a_first_grant_takes_the_right_to_make_a_share(self, lending: Lending, action: str) -> None:
        """Without it there is neither a share nor an invitation nor a grant."""
        grantor = lending.grantor(*manager_without(action))

        with refused(
            "AccessDeniedException", f"{action} on resource: arn:aws:ram:.*:resource-share/.* because no identity"
        ):
            lending.grant(table("orders"), by=grantor)

        assert (lending.living(), lending.invitations(), granted(lending)) == ([], [], [])

    def test_a_share_that_is_there_takes_no_new_one(self, lending: Lending) -> None:
        """What goes into a kept share needs no ram:CreateResourceShare."""
        grantor = lending.grantor(*manager_without(CREATE))
        lending.grant(table("orders"))

        lending.grant(table("returns"), by=grantor)

        assert granted(lending) == ["orders", "returns"]

    def test_version_1_makes_one_each_time(self, lending: Lending) -> None:
        """There the second grant needs it as the first did, and ram:AssociateResourceShare never."""
        grantor = lending.grantor(*manager_without(EXTEND), version=1)

        lending.grant(table("orders"), by=grantor)
        lending.grant(table("returns"), by=grantor)

        assert len(lending.living()) == 2

    @pytest.mark.refuses("lakeformation.grant.may-create-share")
    def test_the_type_that_is_shared_is_looked_at(self, lending: Lending) -> None:
        """A policy may allow shares of one type only: ram:RequestedResourceType."""
        only = {"StringEquals": {"ram:RequestedResourceType": "glue:Database"}}
        creating = {"Effect": "Allow", "Action": CREATE, "Resource": "*", "Condition": only}
        grantor = lending.grantor(*manager_without(CREATE), creating)

        lending.grant(database(), by=grantor)
        with refused("AccessDeniedException", CREATE):
            lending.grant(table("orders"), by=grantor)

    @pytest.mark.refuses("lakeformation.grant.may-create-share")
    def test_a_session_policy_counts(self, lending: Lending) -> None:
        """A session that leaves the right out does not have it."""
        session = policy(LENDING, *manager_without(CREATE))
        grantor = lending.grantor(*MANAGER, Policy=session)

        with refused("AccessDeniedException", "because no session policy allows"):
            lending.grant(table("orders"), by=grantor)

    @pytest.mark.refuses("lakeformation.grant.may-create-share")
    def test_a_boundary_counts_and_a_deny(self, lending: Lending) -> None:
        """A boundary that leaves the right out takes it away, and an explicit deny does."""
        grantor = lending.grantor(*MANAGER)
        iam = lending.client("iam", PRODUCER)
        bounds = iam.create_policy(PolicyName="bounds", PolicyDocument=policy(LENDING, *manager_without(CREATE)))
        iam.put_role_permissions_boundary(RoleName="grantor", PermissionsBoundary=bounds["Policy"]["Arn"])
        with refused("AccessDeniedException", "because no permissions boundary allows"):
            lending.grant(table("orders"), by=grantor)
        iam.delete_role_permissions_boundary(RoleName="grantor")

        never = {"Effect": "Deny", "Action": CREATE, "Resource": "*"}
        iam.put_role_policy(RoleName="grantor", PolicyName="p", PolicyDocument=policy(LENDING, *MANAGER, never))

        with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
            lending.grant(table("orders"), by=grantor)

    def test_a_policy_may_be_for_shares_alone(self, lending: Lending) -> None:
        """The rights can be given on the ARNs of shares rather than on everything."""
        shares = f"arn:aws:ram:*:{PRODUCER}:resource-share/*"
        grantor = lending.grantor({"Effect": "Allow", "Action": "ram:*", "Resource": shares})

        lending.grant(table("orders"), by=grantor)

        assert len(lending.living()) == 2

    def test_who_may_do_everything_by_way_of_lake_formation(self, lending: Lending) -> None:
        """A policy may hold for what Lake Formation calls in one's name only: aws:CalledVia."""
        via = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["lakeformation.amazonaws.com"]}}
        grantor = lending.grantor({"Effect": "Allow", "Action": "ram:*", "Resource": "*", "Condition": via})

        lending.grant(table("orders"), by=grantor)

        assert len(lending.living()) == 2


class TestExtending:
    @pytest.mark.refuses("lakeformation.grant.may-extend-share")
    def test_a_second_grant_takes_the_right_to_add(self, lending: Lending) -> None:
        """In a batch the entries that need it fail, and leave nothing behind; the others stand."""
        grantor = lending.grantor(*manager_without(EXTEND))
        entries = [
            {"Id": name, "Principal": {"DataLakePrincipalIdentifier": CONSUMER}, "Resource": table(name)}
            for name in ("orders", "returns", "items")
        ]

        answer = grantor.batch_grant_permissions(Entries=[{**each, "Permissions": ["DESCRIBE"]} for each in entries])

        assert [each["RequestEntry"]["Id"] for each in answer["Failures"]] == ["returns", "items"]
        assert f"perform: {EXTEND} on resource: arn:aws:ram:" in answer["Failures"][0]["Error"]["ErrorMessage"]
        assert granted(lending) == ["orders"]
        assert not lending.associated(resourceArn=TABLE.replace("orders", "returns"))

    def test_granting_more_on_what_is_shared_takes_nothing(self, lending: Lending) -> None:
        """A further permission on the same table changes no share; nor does a further table under a pattern."""
        grantor = lending.grantor(version=5)
        lending.grant(table("orders"))

        lending.grant(table("orders"), "SELECT", by=grantor)
        lending.grant(table("returns"), by=grantor)

        assert "returns" in granted(lending)

    @pytest.mark.refuses("lakeformation.grant.may-extend-share")
    def test_the_name_of_the_share_is_looked_at(self, lending: Lending) -> None:
        """A policy for shares of other names does not let one add to Lake Formation's."""
        other = {"StringLike": {"ram:ResourceShareName": "Other*"}}
        adding = {"Effect": "Allow", "Action": EXTEND, "Resource": "*", "Condition": other}
        grantor = lending.grantor(*manager_without(EXTEND), adding)
        lending.grant(table("orders"), by=grantor)

        with refused("AccessDeniedException", EXTEND):
            lending.grant(table("returns"), by=grantor)


class TestShrinking:
    @pytest.mark.refuses("lakeformation.revoke.may-change-share")
    def test_revoking_takes_the_right_to_take_out(self, lending: Lending) -> None:
        """One table of several is disassociated; refused, grant and association stay."""
        grantor = lending.grantor(*manager_without(SHRINK))
        for name in ("orders", "returns"):
            lending.grant(table(name), by=grantor)

        with refused("AccessDeniedException", f"not authorized to perform: {SHRINK} "):
            lending.revoke(table("orders"), by=grantor)

        assert granted(lending) == ["orders", "returns"]
        assert (TABLE, "ASSOCIATED") in lending.associated()

    @pytest.mark.refuses("lakeformation.revoke.may-change-share")
    def test_the_last_revocation_takes_the_right_to_delete(self, lending: Lending) -> None:
        """A share with nothing left is deleted, which is a right of its own; refused, all stays."""
        grantor = lending.grantor(*manager_without(DELETE))
        lending.grant(table("orders"), by=grantor)

        with refused("AccessDeniedException", f"not authorized to perform: {DELETE} "):
            lending.revoke(table("orders"), by=grantor)

        assert (granted(lending), len(lending.living())) == (["orders"], 2)

    def test_taking_one_permission_of_several_takes_nothing(self, lending: Lending) -> None:
        """As long as the account holds anything on the table the share stays as it is."""
        grantor = lending.grantor()
        lending.grant(table("orders"), "SELECT", "DESCRIBE")

        lending.revoke(table("orders"), "SELECT", by=grantor)

        assert (TABLE, "ASSOCIATED") in lending.associated()


def test_a_receiver_may_be_let_accept_from_some_only(lending: Lending, client: ClientMaker) -> None:
    """AcceptResourceShareInvitation has the account that owns the share: ram:ShareOwnerAccountId."""
    lending.grant(table("orders"))
    arn = lending.invitations()[0]["resourceShareInvitationArn"]
    as_role(client, "ram", "acceptor")
    role = f"arn:aws:iam::{CONSUMER}:role/acceptor"
    ram = client("ram", client("sts", CONSUMER).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"])

    def let(owner: str) -> None:
        only = {"StringEquals": {"ram:ShareOwnerAccountId": owner}}
        allowed = {"Effect": "Allow", "Action": "ram:*", "Resource": "*", "Condition": only}
        client("iam", CONSUMER).put_role_policy(
            RoleName="acceptor", PolicyName="everything", PolicyDocument=policy(allowed)
        )

    let("333333333333")
    with refused("AccessDeniedException", "ram:AcceptResourceShareInvitation"):
        ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    let(PRODUCER)

    assert ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)["resourceShareInvitation"]


def test_rams_own_calls_have_the_same_keys(lending: Lending, client: ClientMaker) -> None:
    """CreateResourceShare without resources has no type, which StringEquals does not take and IfExists does."""
    lending.grantor(*MANAGER)
    arn = f"arn:aws:iam::{PRODUCER}:role/grantor"
    ram = client("ram", client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"])
    made = ram.create_resource_share(name="LakeFormation-mine")["resourceShare"]["resourceShareArn"]
    other = client("ram").create_resource_share(name="other")["resourceShare"]["resourceShareArn"]

    ram.associate_resource_share(resourceShareArn=made, resourceArns=[TABLE])
    with refused("AccessDeniedException", "ram:AssociateResourceShare"):
        ram.associate_resource_share(resourceShareArn=other, resourceArns=[TABLE])

    strict: Any = {"StringEquals": {"ram:RequestedResourceType": "glue:Table"}}
    document = json.loads(policy({"Effect": "Allow", "Action": "ram:*", "Resource": "*", "Condition": strict}))
    client("iam").put_role_policy(RoleName="grantor", PolicyName="p", PolicyDocument=json.dumps(document))
    with refused("AccessDeniedException", "ram:CreateResourceShare"):
        ram.create_resource_share(name="empty")
    ram.create_resource_share(name="full", resourceArns=[TABLE])
