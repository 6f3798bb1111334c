"""What each CROSS_ACCOUNT_VERSION does to RAM: how many shares, what is in them, and who is associated."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, as_role, refused
from tests.sandbox.shares import GLUE, TABLE, Lending, all_tables, database, table

ROLE = f"arn:aws:iam::{CONSUMER}:role/reader"
NAMES = ("orders", "returns", "items")


@pytest.fixture
def lending(box: Sandbox, client: ClientMaker) -> Lending:
    """The two sides, with no lake yet."""
    return Lending(box, client)


def grant_everything(lending: Lending) -> None:
    """Grant on both databases, on all their tables, and on each of them."""
    for name in ("sales", "stock"):
        lending.grant(database(name))
        lending.grant(all_tables(name))
        for one in NAMES:
            lending.grant(table(one, name))


class TestCounts:
    def test_version_1_makes_a_share_for_each_grant(self, lending: Lending) -> None:
        """Ten things granted are ten shares and ten invitations; granting again makes none."""
        lending.open(1)

        grant_everything(lending)
        lending.grant(table("orders"), "SELECT")

        assert len(lending.living()) == len(lending.invitations()) == 10

    def test_version_2_keeps_three(self, lending: Lending) -> None:
        """Databases, tables and all tables have one share each, whatever is granted."""
        lending.open(2)

        grant_everything(lending)

        assert len(lending.living()) == 3
        assert len(lending.associated()) == 10

    @pytest.mark.parametrize("version", [3, 4])
    def test_versions_3_and_4_begin_with_two(self, lending: Lending, version: int) -> None:
        """A first grant on a table is two invitations; once accepted, further things join silently."""
        lending.open(version)
        lending.grant(table("orders"))
        assert len(lending.invitations()) == 2
        lending.accept()

        lending.grant(table("returns"))
        lending.grant(database("stock"))

        assert (len(lending.living()), lending.invitations()) == (2, [])
        assert {f"{GLUE}:table/sales/returns", f"{GLUE}:database/stock"} <= set(lending.received())
        grant_everything(lending)
        assert len(lending.living()) == 3

    def test_an_older_share_stays_as_it_is(self, lending: Lending) -> None:
        """Upgrading changes nothing for what is granted; revoked and granted again it goes into the kept shares."""
        lending.open(1)
        for name in NAMES:
            lending.grant(table(name))
        lending.settle(4)
        assert len(lending.living()) == 3

        for name in NAMES:
            lending.revoke(table(name))
            lending.grant(table(name))

        assert len(lending.living()) == 2


class TestPrincipals:
    @pytest.fixture
    def role(self, lending: Lending) -> Any:
        """Glue for a role of the consumer's to which the producer has granted a table, with all that goes with it."""
        lending.open(4)
        glue = as_role(lending.client, "glue", "reader")
        lending.grant(table("orders"), "SELECT", to=ROLE)
        return glue

    def test_a_role_is_the_one_that_is_associated(self, lending: Lending, role: Any) -> None:
        """The invitation goes to its account and names the role; accepted, it opens the table to the role alone."""
        assert {entity for entity, _ in lending.associated("PRINCIPAL")} == {ROLE}
        assert {each["receiverAccountId"] for each in lending.invitations()} == {CONSUMER}
        assert {each["receiverArn"] for each in lending.invitations()} == {ROLE}
        lending.accept()

        asked = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
        assert role.get_table(**asked)["Table"]["Name"] == "orders"
        with refused("AccessDeniedException"):
            lending.client("glue", CONSUMER).get_table(**asked)

    def test_it_comes_in_by_the_invitation_of_its_account(self, lending: Lending, role: Any) -> None:
        """Account and role of a pair have the same shares, which the account has accepted for both."""
        lending.accept()

        lending.grant(table("returns"))

        assert (len(lending.living()), lending.invitations()) == (2, [])
        assert set(lending.associated("PRINCIPAL")) == {(ROLE, "ASSOCIATED"), (CONSUMER, "ASSOCIATED")}
        assert lending.tables_seen() == ["returns"]

    def test_who_is_granted_nothing_any_more_leaves_the_share(self, lending: Lending, role: Any) -> None:
        """The table stays for the account it is granted to, the role goes; the last grant takes the share with it."""
        lending.accept()
        lending.grant(table("orders"), "SELECT")

        lending.revoke(table("orders"), "SELECT", to=ROLE)

        (tables,) = [each for each in lending.living() if (TABLE, "ASSOCIATED") in self.of(lending, each)]
        assert self.of(lending, tables, "PRINCIPAL") == [(CONSUMER, "ASSOCIATED")]
        assert ROLE not in {entity for entity, _ in lending.associated("PRINCIPAL")}
        lending.revoke(table("orders"), "SELECT")
        assert lending.living() == []

    def test_a_group_is_its_account_in_a_share(self, lending: Lending) -> None:
        """RAM knows no QuickSight groups: the account stays associated as long as anything is granted to either."""
        lending.open(4)
        group = f"arn:aws:quicksight:{REGION}:{CONSUMER}:group/default/analysts"
        for to in (CONSUMER, group):
            lending.grant(table("orders"), "SELECT", to=to)
        lending.accept()

        lending.revoke(table("orders"), "SELECT", to=group)

        assert set(lending.associated("PRINCIPAL")) == {(CONSUMER, "ASSOCIATED")}
        assert lending.tables_seen() == ["orders"]

    def of(self, lending: Lending, share: dict[str, Any], kind: str = "RESOURCE") -> list[tuple[str, str]]:
        """Return what is in one share."""
        return lending.associated(kind, resourceShareArns=[share["resourceShareArn"]])


class TestPatterns:
    def test_a_share_has_patterns_and_no_more_of_them_with_more_tables(self, lending: Lending) -> None:
        """Tables, all tables and databases granted at version 5 come under two patterns, in two shares."""
        lending.open(5)

        grant_everything(lending)

        assert sorted(lending.associated()) == [
            (f"{GLUE}:database/*", "ASSOCIATED"),
            (f"{GLUE}:table/*/*", "ASSOCIATED"),
        ]
        assert (len(lending.living()), len(lending.invitations())) == (2, 2)

    def test_both_sides_list_the_patterns(self, lending: Lending) -> None:
        """Pending and accepted they are resources like others, with type and permission of what they stand for."""
        lending.open(5)
        lending.grant(table("orders"))
        ram = lending.client("ram", CONSUMER)
        pending = [
            each["arn"]
            for invitation in lending.invitations()
            for each in ram.list_pending_invitation_resources(
                resourceShareInvitationArn=invitation["resourceShareInvitationArn"]
            )["resources"]
        ]
        lending.accept()

        (found,) = ram.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceType="glue:Table")["resources"]

        assert found["arn"] == f"{GLUE}:table/*/*"
        assert sorted(pending) == sorted(lending.received()) == [f"{GLUE}:database/*", f"{GLUE}:table/*/*"]
        (named,) = ram.list_resource_share_permissions(resourceShareArn=found["resourceShareArn"])["permissions"]
        assert named["name"] == "AWSRAMLFEnabledGlueTableReadWrite"

    def test_its_policy_is_read_by_the_pattern_and_by_what_is_under_it(self, lending: Lending) -> None:
        """RAM writes one statement for all of it; of what nobody was granted there is no policy."""
        lending.open(5)
        lending.grant(table("orders"))
        lending.accept()
        ram = lending.client("ram", PRODUCER)

        by_pattern = ram.get_resource_policies(resourceArns=[f"{GLUE}:table/*/*"])["policies"]

        assert by_pattern == ram.get_resource_policies(resourceArns=[TABLE])["policies"]
        assert f'"Resource": "{GLUE}:table/*/*"' in by_pattern[0]
        with refused("ResourceArnNotFoundException"):
            ram.get_resource_policies(resourceArns=[TABLE.replace("orders", "returns")])

    def test_a_pattern_opens_nothing_by_itself(self, lending: Lending) -> None:
        """Under it the consumer sees what it is granted; each revocation ends one table's access, the last all."""
        lending.open(5)
        lending.grant(database())
        for name in ("orders", "returns"):
            lending.grant(table(name), "SELECT")
        lending.accept()
        assert lending.tables_seen() == ["orders", "returns"]

        lending.revoke(table("returns"), "SELECT")

        assert lending.tables_seen() == ["orders"]
        with refused("AccessDeniedException"):
            lending.client("glue", CONSUMER).get_table(CatalogId=PRODUCER, DatabaseName="sales", Name="returns")
        assert (f"{GLUE}:table/*/*", "ASSOCIATED") in lending.associated()
        lending.revoke(table("orders"), "SELECT")
        assert lending.associated() == [(f"{GLUE}:database/*", "ASSOCIATED")]

    def test_it_does_not_open_what_is_left_to_iam(self, lending: Lending) -> None:
        """A table that IAMAllowedPrincipals hold Super on is open to another account when it is granted, not before."""
        lending.open(5)
        for name in ("orders", "returns"):
            lending.client("lakeformation", PRODUCER).grant_permissions(
                Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
                Resource=table(name),
                Permissions=["ALL"],
            )
        lending.grant(table("orders"), "SELECT")
        lending.accept()
        glue = lending.client("glue", CONSUMER)

        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="sales", Name="orders")["Table"]["Name"] == "orders"
        with refused("AccessDeniedException", "no resource-based policy allows"):
            glue.get_table(CatalogId=PRODUCER, DatabaseName="sales", Name="returns")

    def test_old_shares_keep_what_they_have_and_take_the_pattern_with_a_new_grant(self, lending: Lending) -> None:
        """Tables granted before the upgrade stay as they are; the next one brings the pattern into the same share."""
        lending.open(4)
        lending.grant(table("orders"), "SELECT")
        lending.accept()
        before = lending.associated()
        lending.settle(5)
        assert lending.associated() == before

        lending.grant(table("returns"), "SELECT")

        assert (len(lending.living()), lending.invitations()) == (2, [])
        assert set(lending.associated()) == {*before, (f"{GLUE}:table/*/*", "ASSOCIATED")}
        glue = lending.client("glue", CONSUMER)
        for name in ("orders", "returns"):
            assert glue.get_table(CatalogId=PRODUCER, DatabaseName="sales", Name=name)["Table"]["Name"] == name

    def test_a_grant_says_which_share_carries_it(self, lending: Lending) -> None:
        """ListPermissions names the share, under a pattern too; whole databases of tables are passed on through it."""
        lending.open(5)
        lending.grant(all_tables(), "SELECT")
        lending.accept()

        rows = lending.client("lakeformation", PRODUCER).list_permissions()["PrincipalResourcePermissions"]
        (row,) = [each for each in rows if each["Principal"]["DataLakePrincipalIdentifier"] == CONSUMER]

        assert row["AdditionalDetails"]["ResourceShare"][0] in {each["resourceShareArn"] for each in lending.living()}
        as_role(lending.client, "glue", "reader")
        lending.grant(all_tables(), "SELECT", to=ROLE, by=lending.client("lakeformation", CONSUMER))
