"""ListPermissions: how grants come back, and what filters change."""

from __future__ import annotations

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, READER, Story, as_role, refused
from tests.sandbox.ruled import DATABASE, GROUP, TABLE, Lake, on_columns, ruled_lake


@pytest.fixture
def lake(client: ClientMaker) -> Lake:
    """The consumer's lake."""
    return ruled_lake(client)


class TestListing:
    def test_select_comes_back_by_itself(self, lake: Lake) -> None:
        """A grant on a table lists as two rows: all but SELECT on the Table, SELECT on its columns."""
        lake.grant(READER, TABLE, "ALL", options=("ALL",))

        table = {"CatalogId": CONSUMER, "DatabaseName": "ruled", "Name": "t"}
        others = ["ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT"]
        assert lake.held(READER) == [
            ({"Table": table}, others, others),
            ({"TableWithColumns": {**table, "ColumnWildcard": {}}}, ["SELECT"], ["SELECT"]),
        ]

    def test_a_wildcard_comes_back_as_all_tables(self, lake: Lake) -> None:
        """A grant on every table lists under the name ALL_TABLES."""
        lake.grant(READER, {"Table": {"DatabaseName": "ruled", "TableWildcard": {}}}, "SELECT", "DESCRIBE")

        table = {"CatalogId": CONSUMER, "DatabaseName": "ruled", "Name": "ALL_TABLES"}
        assert lake.held(READER) == [
            ({"Table": {**table, "TableWildcard": {}}}, ["DESCRIBE"], []),
            ({"TableWithColumns": {**table, "ColumnWildcard": {}}}, ["SELECT"], []),
        ]

    def test_exceptions_come_back_as_they_were(self, lake: Lake) -> None:
        """Excluded columns list under the ColumnWildcard."""
        lake.grant(READER, on_columns(excluded=("note", "amount")), "SELECT")

        ((resource, _, _),) = lake.held(READER)

        excluded = resource["TableWithColumns"]["ColumnWildcard"]["ExcludedColumnNames"]
        assert sorted(excluded) == ["amount", "note"]

    def test_the_iam_group_holds_all_and_lists_so(self, lake: Lake, client: ClientMaker) -> None:
        """What a fresh account gives to IAM lists as ALL, and CREATE_DATABASE on the catalog."""
        fresh = Lake(client("lakeformation", PRODUCER))
        client("glue", PRODUCER).create_database(DatabaseInput={"Name": "d"})
        fresh.put(f"arn:aws:iam::{PRODUCER}:user/administrator")

        assert fresh.held(GROUP) == [
            ({"Catalog": {"Id": PRODUCER}}, ["CREATE_DATABASE"], []),
            ({"Database": {"CatalogId": PRODUCER, "Name": "d"}}, ["ALL"], []),
        ]

    @pytest.mark.refuses("lakeformation.list.token")
    @pytest.mark.allows("lakeformation.list.token")
    def test_pages_hold_what_was_asked_for(self, lake: Lake) -> None:
        """Listing pages by MaxResults, and all pages together are everything."""
        lake.grant(READER, TABLE, "ALL")
        lake.grant(READER, DATABASE, "DESCRIBE")

        first = lake.client.list_permissions(MaxResults=2)

        assert len(first["PrincipalResourcePermissions"]) == 2
        assert len(lake.rows(MaxResults=2)) == len(lake.rows()) == 4
        with refused("InvalidInputException"):
            lake.client.list_permissions(NextToken="nonsense")

    @pytest.mark.refuses("lakeformation.list.resource-mandatory")
    def test_a_principal_takes_a_resource(self, lake: Lake) -> None:
        """Listing by Principal alone is refused."""
        with refused("InvalidInputException", "Resource is mandatory if Principal is set in the input."):
            lake.rows(Principal={"DataLakePrincipalIdentifier": READER})

    @pytest.mark.refuses("lakeformation.list.no-columns-filter")
    @pytest.mark.allows("lakeformation.list.no-columns-filter")
    def test_columns_are_no_filter(self, lake: Lake) -> None:
        """One lists by Table and gets the rows on columns too."""
        lake.grant(READER, on_columns("id"), "SELECT")

        with refused("InvalidInputException"):
            lake.rows(Resource=on_columns("id"))
        assert len(lake.rows(Resource=TABLE)) == 1

    def test_a_resource_that_names_nothing_is_no_filter(self, lake: Lake) -> None:
        """An empty Resource is not the same as none."""
        with refused("InvalidInputException", "exactly one"):
            lake.rows(Resource={})

    @pytest.mark.refuses("lakeformation.list.database-link")
    def test_tables_of_a_database_link_do_not_list(self, lake: Lake) -> None:
        """A Table filter in a database link is refused, though a grant there succeeds."""
        wildcard = {"Table": {"DatabaseName": "ruled_link", "TableWildcard": {}}}
        lake.grant(READER, wildcard, "DESCRIBE")

        with refused("InvalidInputException", "Database cannot be a link for this operation when called on a table."):
            lake.rows(Resource=wildcard)

    @pytest.mark.allows("lakeformation.list.database-link", "lakeformation.list.resource-mandatory")
    def test_with_a_principal_it_lists_what_that_one_can_do(self, lake: Lake) -> None:
        """With Resource and Principal the implicit rights show, which nobody granted."""
        maker = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/maker"}

        rows = lake.rows(Resource=TABLE, Principal=maker)

        assert lake.rows(Resource=TABLE) == []
        assert sorted({permission for row in rows for permission in row["Permissions"]}) == [
            "ALL",
            "ALTER",
            "DELETE",
            "DESCRIBE",
            "DROP",
            "INSERT",
            "SELECT",
        ]

    def test_others_list_their_own(self, lake: Lake, client: ClientMaker) -> None:
        """Administrators, read-only ones too, see every row; everybody else its own."""
        lake.grant(READER, TABLE, "DESCRIBE")
        lake.grant(f"arn:aws:iam::{CONSUMER}:role/maker", TABLE, "INSERT")
        reader = Lake(as_role(client, "lakeformation", "reader"))

        assert {row["Principal"]["DataLakePrincipalIdentifier"] for row in reader.rows()} == {READER}
        lake.put(ADMIN, ReadOnlyAdmins=[{"DataLakePrincipalIdentifier": READER}])
        assert len(reader.rows()) == len(lake.rows())

    def test_a_grant_takes_its_time_to_show(self, lake: Lake, client: ClientMaker, box: Sandbox) -> None:
        """With lf_list_s set a grant holds at once and lists later."""
        Story(box, client).set_delays(lf_list_s=10)
        lake.grant(READER, TABLE, "DESCRIBE")

        assert lake.held(READER) == []
        assert as_role(client, "glue", "reader").get_table(DatabaseName="ruled", Name="t")["Table"]["Name"] == "t"
        box.clock.advance(11)
        assert lake.held(READER)

    def test_one_type_of_resource_lists_by_itself(self, lake: Lake) -> None:
        """ResourceType leaves out the other types."""
        lake.grant(READER, TABLE, "DESCRIBE")
        lake.grant(READER, DATABASE, "DESCRIBE")

        (row,) = lake.rows(ResourceType="DATABASE")

        assert "Database" in row["Resource"]

    def test_what_an_identity_center_group_holds_does_not_come_with_a_principal(self, lake: Lake) -> None:
        """Such a group lists empty by itself; the grant is there all the same."""
        group = "arn:aws:identitystore:::group/12345678-abc"
        lake.grant(group, TABLE, "DESCRIBE")

        assert lake.rows(Principal={"DataLakePrincipalIdentifier": group}, Resource=TABLE) == []
        assert lake.held(group, Resource=TABLE)

    def test_who_is_no_administrator_sees_who_else_has_what_it_has(self, lake: Lake, client: ClientMaker) -> None:
        """A holder of ALTER sees the others' ALTER and nothing else of theirs; who holds nothing sees nothing."""
        other = f"arn:aws:iam::{CONSUMER}:role/other"
        others = Lake(as_role(client, "lakeformation", "other"))
        lake.grant(READER, TABLE, "ALTER", "INSERT", "SELECT")
        before = others.held(READER)

        lake.grant(other, TABLE, "ALTER")

        assert before == []
        assert [permissions for _, permissions, _ in others.held(READER)] == [["ALTER"]]

    def test_the_maker_of_a_table_sees_who_has_what_on_it(self, lake: Lake, client: ClientMaker) -> None:
        """It has everything itself."""
        lake.grant(READER, TABLE, "INSERT", "SELECT")

        seen = Lake(as_role(client, "lakeformation", "maker")).held(READER)

        assert [permissions for _, permissions, _ in seen] == [["INSERT"], ["SELECT"]]
