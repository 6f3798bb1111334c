"""When shares come to an end otherwise than by revoking: expired, deleted, left, or with nothing behind them."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, as_role, refused
from tests.sandbox.shares import TABLE, Lending, table

TWELVE_HOURS = 12 * 3600
READER = f"arn:aws:iam::{CONSUMER}:role/reader"
ORDERS = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}


@pytest.fixture
def lending(box: Sandbox, client: ClientMaker) -> Lending:
    """A lake at version 4, a table of which is granted to the consumer, who has not accepted it."""
    lending = Lending(box, client)
    lending.open(4)
    lending.grant(table("orders"), "SELECT")
    return lending


class TestExpired:
    @pytest.fixture
    def expired(self, lending: Lending, box: Sandbox) -> Lending:
        """The same, twelve hours later."""
        box.clock.advance(TWELVE_HOURS)
        return lending

    def test_the_account_is_disassociated_and_what_joins_stays_unseen(self, expired: Lending) -> None:
        """Further grants go into the dead shares without an invitation."""
        assert set(expired.associated("PRINCIPAL")) == {(CONSUMER, "DISASSOCIATED")}

        expired.grant(table("returns"), "SELECT")

        assert (len(expired.living()), expired.invitations(), expired.received()) == (2, [], [])
        assert (TABLE.replace("orders", "returns"), "ASSOCIATED") in expired.associated()

    def test_revoking_and_granting_again_recovers(self, expired: Lending) -> None:
        """With the last grant the dead shares go; the next one makes new ones, with new invitations."""
        expired.revoke(table("orders"), "SELECT")
        expired.grant(table("orders"), "SELECT")
        expired.accept()

        assert TABLE in expired.received()
        assert expired.client("glue", CONSUMER).get_table(**ORDERS)["Table"]["Name"] == "orders"

    @pytest.mark.parametrize("version", [4, 5])
    def test_associating_again_recovers_all_that_is_in_the_share(self, expired: Lending, version: int) -> None:
        """The owner takes the account out and puts it in; what it was granted since arrives too."""
        expired.settle(version)
        expired.grant(table("returns"), "SELECT")
        ram = expired.client("ram", PRODUCER)
        for share in expired.living():
            arn = share["resourceShareArn"]
            ram.disassociate_resource_share(resourceShareArn=arn, principals=[CONSUMER])
            ram.associate_resource_share(resourceShareArn=arn, principals=[CONSUMER])
        expired.accept()
        assert set(expired.associated("PRINCIPAL")) == {(CONSUMER, "ASSOCIATED")}

        expired.revoke(table("returns"), "SELECT")

        glue = expired.client("glue", CONSUMER)
        assert glue.get_table(**ORDERS)["Table"]["Name"] == "orders"
        with refused("AccessDeniedException"):
            glue.get_table(**{**ORDERS, "Name": "returns"})


class TestGone:
    @pytest.fixture
    def passed_on(self, lending: Lending) -> Lending:
        """The table accepted, and passed on to a reader of the consumer's."""
        lending.accept()
        as_role(lending.client, "glue", "reader")
        by = lending.client("lakeformation", CONSUMER)
        lending.grant(table("orders"), "SELECT", to=READER, by=by)
        return lending

    def ghosts(self, lending: Lending) -> list[str]:
        """Return what the reader is granted, as the consumer lists it."""
        rows = lending.client("lakeformation", CONSUMER).list_permissions()["PrincipalResourcePermissions"]
        held = [each for each in rows if each["Principal"]["DataLakePrincipalIdentifier"] == READER]
        return [permission for each in held for permission in each["Permissions"]]

    def test_a_share_deleted_before_revoking_leaves_ghosts(self, passed_on: Lending) -> None:
        """The consumer still lists what it passed on, which opens nothing; the owner's grant can still be revoked."""
        reader = as_role(passed_on.client, "glue", "reader")
        assert reader.get_table(**ORDERS)["Table"]["Name"] == "orders"
        ram = passed_on.client("ram", PRODUCER)
        for share in passed_on.living():
            ram.delete_resource_share(resourceShareArn=share["resourceShareArn"])

        assert self.ghosts(passed_on) == ["SELECT"]
        with refused("AccessDeniedException", "no resource-based policy allows"):
            reader.get_table(**ORDERS)
        passed_on.revoke(table("orders"), "SELECT")
        assert self.ghosts(passed_on) == []

    def test_granting_again_makes_new_shares_and_the_ghosts_live(self, passed_on: Lending) -> None:
        """Once the new invitations are accepted what was passed on opens the table again."""
        ram = passed_on.client("ram", PRODUCER)
        for share in passed_on.living():
            ram.delete_resource_share(resourceShareArn=share["resourceShareArn"])

        passed_on.grant(table("orders"), "SELECT")
        assert len(passed_on.invitations()) == 2
        passed_on.accept()

        assert as_role(passed_on.client, "glue", "reader").get_table(**ORDERS)["Table"]["Name"] == "orders"

    def test_a_table_deleted_before_revoking_leaves_an_orphan(self, passed_on: Lending) -> None:
        """Its share stays, with nothing behind it, until somebody deletes it by hand."""
        passed_on.client("glue", PRODUCER).delete_table(DatabaseName="sales", Name="orders")

        assert TABLE in passed_on.received()
        assert self.ghosts(passed_on) == ["SELECT"]
        with refused("InvalidInputException", "No permissions revoked"):
            passed_on.revoke(table("orders"), "SELECT")
        assert len(passed_on.living()) == 2

    def test_a_consumer_that_leaves_has_nothing_until_it_is_granted_again(self, passed_on: Lending) -> None:
        """The next grant associates it anew, with an invitation."""
        ram = passed_on.client("ram", CONSUMER)
        for share in passed_on.living():
            ram.disassociate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[CONSUMER])
        with refused("AccessDeniedException"):
            passed_on.client("glue", CONSUMER).get_table(**ORDERS)

        passed_on.grant(table("orders"), "SELECT")
        passed_on.accept()

        assert passed_on.client("glue", CONSUMER).get_table(**ORDERS)["Table"]["Name"] == "orders"

    def test_shares_made_with_ram_are_not_lake_formations_to_end(self, passed_on: Lending) -> None:
        """Revoking leaves a share alone that somebody made of the same table."""
        made = passed_on.client("ram", PRODUCER).create_resource_share(
            name="mine", resourceArns=[TABLE], principals=[CONSUMER]
        )

        passed_on.revoke(table("orders"), "SELECT")

        assert [each["name"] for each in passed_on.living()] == [made["resourceShare"]["name"]]
        assert passed_on.associated() == [(TABLE, "ASSOCIATED")]
