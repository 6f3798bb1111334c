"""Sharing within an organisation: no invitations once it is enabled, and grants to the organisation and its units."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, OWNER, PRODUCER, REGION, Story, as_role, document, refused

TABLE = f"arn:aws:glue:{REGION}:{PRODUCER}:table/lake/calls"
LAKE_TABLE = {"DatabaseName": "lake", "Name": "calls"}
FOREIGN = {"CatalogId": PRODUCER, **LAKE_TABLE}


class Family:
    """The producer's organisation: it manages it; ``member`` is in the unit ``unit``, ``cousin`` is not; no sharing."""

    def __init__(self, client: ClientMaker) -> None:
        self.client = client
        self.organizations = client("organizations", PRODUCER, region="us-east-1")
        organisation = self.organizations.create_organization(FeatureSet="ALL")["Organization"]
        self.id, self.arn = organisation["Id"], organisation["Arn"]
        (root,) = self.organizations.list_roots()["Roots"]
        self.member, self.cousin = self._account("member"), self._account("cousin")
        parent = self.organizations.create_organizational_unit(ParentId=root["Id"], Name="outer")["OrganizationalUnit"]
        unit = self.organizations.create_organizational_unit(ParentId=parent["Id"], Name="inner")["OrganizationalUnit"]
        self.outer, self.unit = parent["Arn"], unit["Arn"]
        self.organizations.move_account(
            AccountId=self.member, SourceParentId=root["Id"], DestinationParentId=unit["Id"]
        )
        for account in (PRODUCER, self.member, self.cousin):
            admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
            client("lakeformation", account).put_data_lake_settings(
                DataLakeSettings={"DataLakeAdmins": [admin], "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
            )
        glue = client("glue", PRODUCER)
        glue.create_database(DatabaseInput={"Name": "lake", "CreateTableDefaultPermissions": []})
        glue.create_table(DatabaseName="lake", TableInput={"Name": "calls", "StorageDescriptor": {"Columns": []}})

    def _account(self, name: str) -> str:
        made = self.organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        account: str = made["CreateAccountStatus"]["AccountId"]
        return account

    def enable(self) -> None:
        """Enable sharing within the organisation."""
        assert self.client("ram", PRODUCER).enable_sharing_with_aws_organization()["returnValue"]

    def grant(self, to: str, *permissions: str, options: tuple[str, ...] = ()) -> None:
        """Grant on the table, as its owner."""
        self.client("lakeformation", PRODUCER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource={"Table": LAKE_TABLE},
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(options),
        )

    def sees(self, account: str) -> bool:
        """Whether the account's administrator lists the table among those shared with it."""
        return bool(self.client("glue", account).search_tables(ResourceShareType="FOREIGN")["TableList"])

    def invitations(self, account: str) -> list[dict[str, Any]]:
        """Return what the account was invited to."""
        found: list[dict[str, Any]] = self.client("ram", account).get_resource_share_invitations()[
            "resourceShareInvitations"
        ]
        return found


@pytest.fixture
def family(client: ClientMaker) -> Family:
    """An organisation whose sharing is off."""
    return Family(client)


class TestEnabling:
    @pytest.mark.refuses("ram.organisation.management-account")
    def test_only_the_management_account_enables_sharing(self, family: Family) -> None:
        """A member, and an account that is in no organisation, may not."""
        for account in (family.member, CONSUMER):
            with refused("OperationNotPermittedException", "Unable to enable sharing"):
                family.client("ram", account).enable_sharing_with_aws_organization()
        family.enable()

    def test_without_it_a_member_is_invited(self, family: Family) -> None:
        """Being in one organisation does not spare the invitation as long as sharing is off."""
        family.grant(family.member, "SELECT")

        assert family.invitations(family.member)
        assert not family.sees(family.member)

    @pytest.mark.allows("ram.organisation.management-account")
    def test_with_it_the_share_arrives_at_once(self, family: Family) -> None:
        """A member has the table without an invitation; somebody outside is invited all the same."""
        family.enable()
        family.grant(family.member, "SELECT")
        family.grant(CONSUMER, "SELECT")

        assert family.invitations(family.member) == []
        assert family.sees(family.member)
        assert not family.sees(family.cousin)
        assert len(family.invitations(CONSUMER)) == 2
        answer = family.client("ram", PRODUCER).get_resource_share_associations(associationType="PRINCIPAL")
        told = {
            each["associatedEntity"]: (each["status"], each["external"]) for each in answer["resourceShareAssociations"]
        }
        assert told == {family.member: ("ASSOCIATED", False), CONSUMER: ("ASSOCIATING", True)}

    def test_connects_lake_is_in_nobodys_organisation(self, family: Family, box: Sandbox) -> None:
        """The share of Connect's AWS-owned account invites also those who share among themselves."""
        family.enable()
        story = Story(box, family.client)
        story.seed()
        family.client("connect", PRODUCER).batch_associate_analytics_data_set(
            InstanceId=family.client("connect", PRODUCER).list_instances()["InstanceSummaryList"][0]["Id"],
            DataSetIds=["contact_record"],
            TargetAccountId=family.member,
        )

        (invitation,) = family.invitations(family.member)
        assert (invitation["senderAccountId"], invitation["status"]) == (OWNER, "PENDING")


class TestGrants:
    @pytest.mark.allows("lakeformation.grant.organisation-read")
    def test_an_organisation_gets_what_its_accounts_pass_on(self, family: Family) -> None:
        """A grant to the organisation is one to each account in it, whose administrator passes it on to a role."""
        family.enable()
        family.grant(family.arn, "SELECT", options=("SELECT",))
        assert family.sees(family.member)
        assert family.sees(family.cousin)
        assert not family.sees(CONSUMER)
        reader = as_role(family.client, "glue", "reader", family.member)
        formation = family.client("lakeformation", family.member)

        formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{family.member}:role/reader"},
            Resource={"Table": FOREIGN},
            Permissions=["SELECT"],
        )

        assert reader.get_table(**FOREIGN)["Table"]["Name"] == "calls"
        received = [
            row["Principal"]["DataLakePrincipalIdentifier"]
            for row in formation.list_permissions(CatalogId=PRODUCER)["PrincipalResourcePermissions"]
        ]
        assert sorted(received) == sorted([family.arn, f"arn:aws:iam::{family.member}:role/reader"])

    def test_revoking_takes_it_from_all(self, family: Family) -> None:
        """With the organisation's grant goes what its accounts passed on, and the share."""
        family.enable()
        family.grant(family.arn, "SELECT", options=("SELECT",))
        reader = as_role(family.client, "glue", "reader", family.member)
        formation = family.client("lakeformation", family.member)
        formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{family.member}:role/reader"},
            Resource={"Table": FOREIGN},
            Permissions=["SELECT"],
        )
        (row,) = family.client("lakeformation", PRODUCER).list_permissions(Resource={"Table": LAKE_TABLE})[
            "PrincipalResourcePermissions"
        ]
        assert row["AdditionalDetails"]["ResourceShare"]

        family.client("lakeformation", PRODUCER).revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": family.arn},
            Resource={"Table": LAKE_TABLE},
            Permissions=["SELECT"],
            PermissionsWithGrantOption=["SELECT"],
        )

        with refused("AccessDeniedException"):
            reader.get_table(**FOREIGN)
        assert formation.list_permissions(CatalogId=PRODUCER)["PrincipalResourcePermissions"] == []
        shares = family.client("ram", PRODUCER).get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")
        assert shares["resourceShares"] == []

    @pytest.mark.parametrize("which", ["unit", "outer"])
    def test_a_unit_is_those_in_it_and_below(self, family: Family, which: str) -> None:
        """A grant to a unit reaches the accounts of the unit and of units within it, and no others."""
        family.enable()

        family.grant(getattr(family, which), "DESCRIBE")

        assert family.sees(family.member)
        assert not family.sees(family.cousin)

    def test_with_sharing_off_it_is_not_found(self, family: Family) -> None:
        """An organisation without sharing, and one that the owner is not in, are not found, nor are their units."""
        for arn in (family.arn, family.unit):
            with refused("InvalidInputException", f"Organization {arn.rpartition('/')[2]} not found"):
                family.grant(arn, "SELECT")
        family.enable()
        with refused("InvalidInputException", "Organization o-abc not found"):
            family.grant(f"arn:aws:organizations::{PRODUCER}:organization/o-abc", "SELECT")

    @pytest.mark.refuses("lakeformation.grant.organisation-read")
    def test_the_grantor_must_read_the_organisation(self, family: Family) -> None:
        """A role that may not describe the organisation is told so."""
        family.enable()
        formation = as_role(family.client, "lakeformation", "grantor", PRODUCER)
        grantor = f"arn:aws:iam::{PRODUCER}:role/grantor"
        family.grant(grantor, "SELECT", options=("SELECT",))
        blind = json.loads(document({"Effect": "Deny", "Action": "organizations:*", "Resource": "*"}))
        blind["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        family.client("iam", PRODUCER).put_role_policy(
            RoleName="grantor", PolicyName="everything", PolicyDocument=json.dumps(blind)
        )

        with refused("AccessDeniedException", "Access denied to retrieve AWS Organization information"):
            formation.grant_permissions(
                Principal={"DataLakePrincipalIdentifier": family.arn},
                Resource={"Table": LAKE_TABLE},
                Permissions=["SELECT"],
            )

    def test_without_leave_for_the_policy_it_fails_at_once(self, family: Family) -> None:
        """There is no acceptance to wait for: a grantor that may not put a policy sees its share fail as it is made."""
        family.enable()
        formation = as_role(family.client, "lakeformation", "grantor", PRODUCER)
        family.grant(f"arn:aws:iam::{PRODUCER}:role/grantor", "SELECT", options=("SELECT",))
        never = json.loads(document({"Effect": "Deny", "Action": "glue:PutResourcePolicy", "Resource": "*"}))
        never["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        family.client("iam", PRODUCER).put_role_policy(
            RoleName="grantor", PolicyName="everything", PolicyDocument=json.dumps(never)
        )

        formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": family.member},
            Resource={"Table": LAKE_TABLE},
            Permissions=["SELECT"],
        )

        answer = family.client("ram", PRODUCER).get_resource_share_associations(associationType="PRINCIPAL")
        assert {each["status"] for each in answer["resourceShareAssociations"]} == {"FAILED"}
        assert not family.sees(family.member)


class TestShares:
    @pytest.mark.allows("ram.organisation.known")
    def test_ram_itself_shares_with_units_and_organisations(self, family: Family) -> None:
        """A share for the organisation is had by its accounts, is not external, and is not its owner's to receive."""
        family.enable()
        ram = family.client("ram", PRODUCER)
        ram.create_resource_share(name="all", resourceArns=[TABLE], principals=[family.arn])

        for account, received in ((family.member, ["all"]), (family.cousin, ["all"]), (PRODUCER, []), (CONSUMER, [])):
            shares = family.client("ram", account).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")
            assert [each["name"] for each in shares["resourceShares"]] == received
        (principal,) = ram.list_principals(resourceOwner="SELF")["principals"]
        assert (principal["id"], principal["external"]) == (family.arn, False)

    @pytest.mark.refuses("ram.organisation.known")
    def test_an_unknown_organisation_is_refused(self, family: Family) -> None:
        """With sharing off neither organisation nor unit is found."""
        ram = family.client("ram", PRODUCER)
        share = ram.create_resource_share(name="all", resourceArns=[TABLE])["resourceShare"]["resourceShareArn"]

        with refused("UnknownResourceException", f"Organization {family.id} could not be found"):
            ram.create_resource_share(name="more", principals=[family.arn])
        with refused("UnknownResourceException", "in unknown organization could not be found"):
            ram.associate_resource_share(resourceShareArn=share, principals=[family.unit])
        assert len(ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]) == 1

    @pytest.mark.refuses("ram.share.external-principals")
    @pytest.mark.allows("ram.share.external-principals")
    def test_a_share_may_be_for_the_family_only(self, family: Family) -> None:
        """Where external principals are not allowed, somebody outside the organisation is refused."""
        family.enable()
        ram = family.client("ram", PRODUCER)
        made = ram.create_resource_share(name="ours", principals=[family.member], allowExternalPrincipals=False)

        assert made["resourceShare"]["allowExternalPrincipals"] is False
        with refused("OperationNotPermittedException", "is not in your AWS organization"):
            ram.associate_resource_share(
                resourceShareArn=made["resourceShare"]["resourceShareArn"], principals=[CONSUMER]
            )

    def test_what_is_taken_back_is_gone(self, family: Family) -> None:
        """Disassociating the organisation takes the share from all of its accounts."""
        family.enable()
        ram = family.client("ram", PRODUCER)
        made = ram.create_resource_share(name="all", resourceArns=[TABLE], principals=[family.arn])["resourceShare"]

        ram.disassociate_resource_share(resourceShareArn=made["resourceShareArn"], principals=[family.arn])

        received = family.client("ram", family.member).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")
        assert received["resourceShares"] == []


class TestMembers:
    def test_a_role_of_a_member_needs_no_invitation(self, family: Family) -> None:
        """Shared with directly, it has the table at once, and is not external."""
        family.enable()
        glue = as_role(family.client, "glue", "reader", family.member)
        role = f"arn:aws:iam::{family.member}:role/reader"

        family.grant(role, "SELECT")

        assert family.invitations(family.member) == []
        assert glue.get_table(**FOREIGN)["Table"]["Name"] == "calls"
        found = family.client("ram", PRODUCER).get_resource_share_associations(associationType="PRINCIPAL")
        assert {
            (each["associatedEntity"], each["status"], each["external"]) for each in found["resourceShareAssociations"]
        } == {(role, "ASSOCIATED", False)}

    @pytest.mark.refuses("ram.share.owner-changes")
    def test_a_member_cannot_leave_what_it_got_within_it(self, family: Family) -> None:
        """Access within an organisation comes by itself, and is for the owner to end."""
        family.enable()
        family.grant(family.member, "SELECT")
        ram = family.client("ram", family.member)
        (share, _) = ram.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]

        with refused("OperationNotPermittedException"):
            ram.disassociate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[family.member])

    def test_who_leaves_the_organisation_loses_what_it_got_within_it(self, family: Family) -> None:
        """An account that was shared with directly, without an invitation, is disassociated with its membership."""
        family.enable()
        family.grant(family.member, "SELECT")
        assert family.sees(family.member)

        family.organizations.remove_account_from_organization(AccountId=family.member)

        assert not family.sees(family.member)
        assert family.client("ram", family.member).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
        found = family.client("ram", PRODUCER).get_resource_share_associations(associationType="PRINCIPAL")
        assert {each["status"] for each in found["resourceShareAssociations"]} == {"DISASSOCIATED"}
