"""Grants to other accounts, what they pass on, and what is left when a share goes."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.switches import Switches
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, LINK, LINKS, OWNER, PRODUCER, READER, TARGET, Story, as_role, refused
from tests.sandbox.ruled import COLUMNS, DATABASE, GROUP, TABLE, Lake, ruled_lake


def _principals(rows: list[dict[str, Any]]) -> set[str]:
    return {row["Principal"]["DataLakePrincipalIdentifier"] for row in rows}


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


class TestAcrossAccounts:
    @pytest.fixture
    def producer(self, client: ClientMaker) -> Lake:
        """The producer's lake: an administrator, and a table ``ruled.t`` that Lake Formation rules."""
        lake = Lake(client("lakeformation", PRODUCER))
        lake.put(f"arn:aws:iam::{PRODUCER}:user/administrator", Parameters={"CROSS_ACCOUNT_VERSION": "4"})
        glue = client("glue", PRODUCER)
        glue.create_database(DatabaseInput={"Name": "ruled"})
        storage = {"Columns": COLUMNS, "Location": "s3://sales/t/"}
        glue.create_table(DatabaseName="ruled", TableInput={"Name": "t", "StorageDescriptor": storage})
        return lake

    @pytest.fixture
    def story(self, box: Sandbox, client: ClientMaker) -> Story:
        """The consumer, with an administrator and a reader."""
        story = Story(box, client)
        story.become_admin()
        as_role(client, "glue", "reader")
        return story

    def test_a_grant_to_an_account_comes_by_invitation(self, producer: Lake, story: Story) -> None:
        """The consumer accepts, its administrator passes on what came with the grant option, and the reader sees it."""
        producer.grant(CONSUMER, TABLE, "SELECT", "DESCRIBE", options=("SELECT",))
        story.accept()
        target = {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}

        story.grant({"Table": target}, "SELECT")
        with refused("AccessDeniedException", "requester is not authorized"):
            story.grant({"Table": target}, "DESCRIBE")

        glue = as_role(story.client, "glue", "reader")
        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["CatalogId"] == PRODUCER

    @pytest.mark.refuses("lakeformation.list.abroad")
    @pytest.mark.allows("lakeformation.list.abroad")
    @pytest.mark.parametrize(
        ("position", "among_all", "by_name"),
        [("shown", "shown", "shown"), ("by-resource", "left out", "shown"), ("hidden", "left out", "refused")],
    )
    def test_what_was_passed_on_lists_as_the_switch_says(
        self, producer: Lake, story: Story, position: str, among_all: str, by_name: str
    ) -> None:
        """What the consumer granted on a shared table shows among all grants, by the table's name, or nowhere."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}
        lake = Lake(story.client("lakeformation", CONSUMER))
        with refused("AccessDeniedException", "requester is not authorized"):
            lake.rows(CatalogId=PRODUCER, Resource=target)
        story.accept()
        story.grant(target, "SELECT")
        story.box.world.store(Switches).positions = {"lakeformation.list-abroad": position}

        everything = [*lake.rows(), *lake.rows(CatalogId=PRODUCER)]
        if by_name == "refused":
            with refused("AccessDeniedException", "requester is not authorized"):
                lake.rows(CatalogId=PRODUCER, Resource=target)
        else:
            assert READER in _principals(lake.rows(CatalogId=PRODUCER, Resource=target))

        assert (READER in _principals(everything)) == (among_all == "shown")

    @pytest.mark.refuses("lakeformation.list.abroad")
    def test_asking_about_another_catalog_is_refused_where_the_switch_says_so(
        self, producer: Lake, story: Story
    ) -> None:
        """Neither the other account's catalog nor a table of it can be listed on; one's own can."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        lake = Lake(story.client("lakeformation", CONSUMER))
        story.box.world.store(Switches).positions = {"lakeformation.list-abroad": "refused"}

        for asked in ({}, {"Resource": {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}}):
            with refused("AccessDeniedException", "requester is not authorized"):
                lake.rows(CatalogId=PRODUCER, **asked)

        assert lake.rows()

    @pytest.mark.parametrize("by", ["columns", "filter"])
    def test_an_administrator_sees_the_columns_that_were_shared(
        self, client: ClientMaker, producer: Lake, story: Story, by: str
    ) -> None:
        """Of a table that was shared in part, by columns or through a data filter, it sees the columns that came."""
        name, shown = {"DatabaseName": "ruled", "Name": "t"}, COLUMNS[0]["Name"]
        filtered = {"TableCatalogId": PRODUCER, "DatabaseName": "ruled", "TableName": "t", "Name": "some"}
        parts: dict[str, dict[str, Any]] = {
            "columns": {"TableWithColumns": {**name, "ColumnNames": [shown]}},
            "filter": {"DataCellsFilter": filtered},
        }
        client("lakeformation", PRODUCER).create_data_cells_filter(
            TableData={**filtered, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": [shown]}
        )
        producer.grant(CONSUMER, parts[by], "SELECT")
        story.accept()

        glue = client("glue", CONSUMER)
        one = glue.get_table(CatalogId=PRODUCER, **name)["Table"]
        (listed,) = glue.get_tables(CatalogId=PRODUCER, DatabaseName="ruled")["TableList"]
        for table in (one, listed):
            assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == [shown]

        producer.grant(CONSUMER, TABLE, "SELECT")
        whole = glue.get_table(CatalogId=PRODUCER, **name)["Table"]
        assert whole["StorageDescriptor"]["Columns"] == COLUMNS

    def test_the_share_shows_on_the_producers_rows(self, producer: Lake, story: Story) -> None:
        """The producer's row names the share that carries the grant."""
        producer.grant(CONSUMER, TABLE, "DESCRIBE")

        (row,) = [row for row in producer.rows() if row["Principal"]["DataLakePrincipalIdentifier"] == CONSUMER]

        assert row["AdditionalDetails"]["ResourceShare"][0] in {
            each["resourceShareArn"] for each in story.invitations()
        }

    @pytest.mark.allows("lakeformation.grant.not-abroad", "lakeformation.grant.organisation-sharing")
    def test_from_version_three_the_first_grant_comes_as_two_invitations(self, producer: Lake, story: Story) -> None:
        """One share for databases and one for tables, which later grants join."""
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")

        names = [each["resourceShareName"] for each in story.invitations()]

        assert len(names) == 2
        assert all(name.startswith("LakeFormation-") for name in names)

    def test_version_one_makes_a_share_for_each_grant(self, producer: Lake, story: Story) -> None:
        """Under version 1 two granted things come as two invitations."""
        producer.put(f"arn:aws:iam::{PRODUCER}:user/administrator")

        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        assert len(story.invitations()) == 1
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")
        assert len(story.invitations()) == 2

    def test_revoking_from_an_account_cascades(self, producer: Lake, story: Story) -> None:
        """When the account's grant goes, so does what it passed on, and the share with the last thing on it."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        story.grant({"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}, "SELECT")
        consumer = Lake(story.client("lakeformation", CONSUMER))
        assert consumer.held(READER)

        producer.revoke(CONSUMER, TABLE, "SELECT")

        assert consumer.held(READER) == []
        assert story.client("ram", CONSUMER).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []

    @pytest.mark.refuses("lakeformation.grant.direct-version")
    @pytest.mark.allows("lakeformation.grant.direct-version")
    def test_granting_to_a_principal_of_another_account_takes_version_three(self, producer: Lake, story: Story) -> None:
        """Straight to a role of another account: refused below version 3, and hidden from its administrator above."""
        admin = f"arn:aws:iam::{PRODUCER}:user/administrator"
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "2"})
        with refused("InvalidInputException", "Invalid cross account grant request"):
            producer.grant(READER, TABLE, "SELECT")
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "3"})

        producer.grant(READER, TABLE, "SELECT")
        story.accept()

        glue = as_role(story.client, "glue", "reader")
        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        assert Lake(story.client("lakeformation", CONSUMER)).held(READER) == []
        assert producer.held(READER)

    def test_a_principal_of_another_account_lists_empty(self, producer: Lake, story: Story) -> None:
        """Listing with a foreign Principal shows nothing, though the grant is there."""
        producer.grant(READER, TABLE, "SELECT")

        assert producer.rows(Resource=TABLE, Principal={"DataLakePrincipalIdentifier": READER}) == []
        assert len(producer.rows(Resource=TABLE)) == 1

    def test_another_account_lists_what_it_was_granted(self, producer: Lake, story: Story) -> None:
        """Listing with an account as Principal shows its grants, to the owner and to its own administrators."""
        producer.grant(CONSUMER, TABLE, "DESCRIBE", options=("DESCRIBE",))
        story.accept()
        asked = {"Principal": {"DataLakePrincipalIdentifier": CONSUMER}}
        table = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}

        (row,) = producer.rows(Resource=TABLE, **asked)
        (received,) = Lake(story.client("lakeformation", CONSUMER)).rows(Resource=table, **asked)

        assert (row["Permissions"], row["PermissionsWithGrantOption"]) == (["DESCRIBE"], ["DESCRIBE"])
        assert received["Permissions"] == ["DESCRIBE"]

    @pytest.mark.refuses("lakeformation.grant.illegal-combination")
    @pytest.mark.allows("lakeformation.grant.illegal-combination")
    def test_what_is_left_to_iam_is_not_shared_below_version_four(self, producer: Lake, story: Story) -> None:
        """IAMAllowedPrincipals on the table makes a cross-account grant an illegal combination."""
        producer.grant(GROUP, TABLE, "ALL")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        admin = f"arn:aws:iam::{PRODUCER}:user/administrator"
        producer.put(admin, Parameters={"CROSS_ACCOUNT_VERSION": "3"})

        with refused("AccessDeniedException", "Illegal combination"):
            producer.grant(CONSUMER, TABLE, "SELECT")

    @pytest.mark.refuses("lakeformation.grant.not-abroad")
    @pytest.mark.parametrize("permission", ["ALL", "DROP"])
    def test_a_database_is_not_given_away(self, producer: Lake, story: Story, permission: str) -> None:
        """ALL and DROP on a database stay in its account."""
        with refused("InvalidInputException", "another account"):
            producer.grant(CONSUMER, DATABASE, permission)

    @pytest.mark.refuses("lakeformation.grant.own-principals")
    @pytest.mark.allows("lakeformation.grant.own-principals")
    @pytest.mark.parametrize("principal", ["333333333333", "arn:aws:iam::333333333333:role/any", GROUP])
    def test_a_consumer_passes_on_within_its_account_only(self, producer: Lake, story: Story, principal: str) -> None:
        """Not to a third account, and not to IAMAllowedPrincipals."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}

        with refused("AccessDeniedException", "Not authorized to grant permissions for the resource"):
            story.grant(target, "SELECT", to=principal)

    @pytest.mark.refuses("lakeformation.grant.identity-center-shared")
    @pytest.mark.allows("lakeformation.grant.identity-center-shared")
    def test_people_of_identity_center_are_granted_what_was_shared_or_not(
        self, producer: Lake, story: Story, box: Sandbox
    ) -> None:
        """By default a consumer passes a shared table on to them; with the switch only what its own account owns."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}
        person = "arn:aws:identitystore:::user/01234567-89ab-cdef-0123-456789abcdef"

        story.grant(target, "SELECT", to=person)
        box.world.store(Switches).positions = {"lakeformation.identity-center-on-shared": "own"}

        with refused("AccessDeniedException", "Not authorized to grant permissions for the resource"):
            story.grant(target, "SELECT", to=person)

    @pytest.mark.parametrize(
        "principal",
        [
            f"arn:aws:iam::{CONSUMER}:saml-provider/okta:group/analysts",
            f"arn:aws:quicksight:us-east-1:{CONSUMER}:group/default/analysts",
        ],
    )
    def test_people_of_the_account_are_granted_what_was_shared(
        self, producer: Lake, story: Story, principal: str
    ) -> None:
        """SAML and QuickSight users and groups are principals of the account that their ARN names."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}

        story.grant(target, "SELECT", to=principal)
        with refused("AccessDeniedException", "Not authorized to grant permissions for the resource"):
            story.grant(target, "SELECT", to=principal.replace(CONSUMER, "333333333333"))

    def test_a_database_link_reaches_what_was_shared(self, producer: Lake, story: Story) -> None:
        """The dangerous row: through a database link a consumer with DROP deletes the producer's real table."""
        glue = story.client("glue", CONSUMER)
        target = {"CatalogId": PRODUCER, "DatabaseName": "ruled"}
        glue.create_database(DatabaseInput={"Name": "theirs", "TargetDatabase": target})
        producer.grant(CONSUMER, TABLE, "DESCRIBE", "DROP", options=("DESCRIBE", "DROP"))
        story.client("glue", PRODUCER).create_table(DatabaseName="ruled", TableInput={"Name": "hidden"})
        assert glue.get_tables(DatabaseName="theirs")["TableList"] == []
        story.accept()

        (seen,) = glue.get_tables(DatabaseName="theirs")["TableList"]
        with refused("AccessDeniedException", "Required Drop on t"):
            glue.delete_table(DatabaseName="theirs", Name="t")
        story.grant({"Table": {**target, "Name": "t"}}, "DROP", to=ADMIN)
        glue.delete_table(DatabaseName="theirs", Name="t")

        assert (seen["DatabaseName"], seen["Name"], seen["CatalogId"]) == ("ruled", "t", PRODUCER)
        with refused("EntityNotFoundException"):
            story.client("glue", PRODUCER).get_table(DatabaseName="ruled", Name="t")

    def test_a_shared_table_that_its_owner_leaves_to_iam_is_read_and_not_changed(
        self, producer: Lake, story: Story
    ) -> None:
        """At version 4 IAMAllowedPrincipals may stay on a shared table: the consumer reads it by IAM alone."""
        producer.grant(GROUP, TABLE, "ALL")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        story.accept()
        glue = as_role(story.client, "glue", "reader")

        assert glue.get_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        with refused("AccessDeniedException", "Required Drop on t"):
            glue.delete_table(CatalogId=PRODUCER, DatabaseName="ruled", Name="t")

    def test_shared_things_list_when_asked_for(self, producer: Lake, story: Story) -> None:
        """GetDatabases and SearchTables show other accounts' things with ResourceShareType ALL or FOREIGN."""
        producer.grant(CONSUMER, DATABASE, "DESCRIBE")
        producer.grant(CONSUMER, TABLE, "DESCRIBE")
        story.accept()
        glue = story.client("glue", CONSUMER)

        assert glue.get_databases()["DatabaseList"] == []
        for kind in ("ALL", "FOREIGN"):
            (database,) = glue.get_databases(ResourceShareType=kind)["DatabaseList"]
            (table,) = glue.search_tables(ResourceShareType=kind)["TableList"]
            assert (database["CatalogId"], database["Name"], table["Name"]) == (PRODUCER, "ruled", "t")

    def test_deleting_what_is_shared_leaves_the_share_behind(self, producer: Lake, story: Story) -> None:
        """A table deleted before its grants are revoked leaves an orphan share; the consumer's grants are ghosts."""
        producer.grant(CONSUMER, TABLE, "SELECT", options=("SELECT",))
        story.accept()
        target = {"Table": {"CatalogId": PRODUCER, "DatabaseName": "ruled", "Name": "t"}}
        story.grant(target, "SELECT")

        story.client("glue", PRODUCER).delete_table(DatabaseName="ruled", Name="t")

        consumer = Lake(story.client("lakeformation", CONSUMER))
        assert len(consumer.held(READER)) == 1
        resources = story.client("ram", CONSUMER).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
        assert any(each["arn"].endswith("table/ruled/t") for each in resources)
        with refused("AccessDeniedException", "Resource does not exist"):
            story.grant(target, "SELECT")
        consumer.revoke(READER, target, "SELECT")
        assert consumer.held(READER) == []

    @pytest.mark.refuses("lakeformation.grant.organisation-sharing")
    def test_an_organisation_needs_sharing_within_it(self, producer: Lake) -> None:
        """An organisation that the owner is not in, or in which sharing is off, is not found."""
        with refused("InvalidInputException", "Organization o-abc not found"):
            producer.grant(f"arn:aws:organizations::{PRODUCER}:organization/o-abc", TABLE, "SELECT")

    def test_the_consumers_rows_carry_whose_catalog_they_are_of(self, story: Story) -> None:
        """Rows on links have the consumer's CatalogId, rows on targets the owner's; asking by CatalogId splits them."""
        story.seed()
        story.associate()
        story.accept()
        story.create_links()
        story.grant_on_link()
        story.grant_on_target()
        consumer = Lake(story.client("lakeformation", CONSUMER))
        link = {"Table": {"CatalogId": CONSUMER, "DatabaseName": LINKS, "Name": LINK}}
        target = {"TableWithColumns": {**TARGET, "ColumnWildcard": {}}}

        assert [resource for resource, _, _ in consumer.held(READER)] == [link, target]
        assert [resource for resource, _, _ in consumer.held(READER, CatalogId=CONSUMER)] == [link, target]
        assert [resource for resource, _, _ in consumer.held(READER, CatalogId=OWNER)] == [target]
