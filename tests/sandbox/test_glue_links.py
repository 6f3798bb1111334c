"""Every row of AWS's table of what operations do on resource links."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused
from tests.sandbox.sales import COLUMNS, link_to, sales_catalog, table_input, with_links


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog."""
    return sales_catalog(client)


@pytest.fixture
def linked(glue: Any) -> Any:
    """The same with a database link and a table link."""
    return with_links(glue)


class TestLinks:
    """The rows of AWS's table "how the Glue APIs handle resource links"."""

    def test_a_link_is_made_without_looking_at_its_target(self, glue: Any) -> None:
        """The target of a link need not exist."""
        glue.create_table(
            DatabaseName="sales", TableInput={"Name": "l", "TargetTable": link_to("t", account=PRODUCER, database="d")}
        )

        table = glue.get_table(DatabaseName="sales", Name="l")["Table"]

        assert table["TargetTable"] == link_to("t", account=PRODUCER, database="d")
        assert "StorageDescriptor" not in table

    @pytest.mark.refuses("glue.database.target-complete", "glue.link.target-complete")
    @pytest.mark.allows("glue.database.target-complete", "glue.link.target-complete")
    def test_a_target_without_its_names_is_refused(self, glue: Any) -> None:
        """An empty target names nothing."""
        with refused("InvalidInputException"):
            glue.create_table(DatabaseName="sales", TableInput={"Name": "l", "TargetTable": {}})
        with refused("InvalidInputException"):
            glue.create_database(DatabaseInput={"Name": "l", "TargetDatabase": {}})

    @pytest.mark.refuses("glue.link.no-storage")
    @pytest.mark.allows("glue.link.no-storage")
    def test_a_link_with_a_schema_of_its_own_is_refused(self, glue: Any) -> None:
        """A link carries a name and a target, and no storage."""
        with refused("InvalidInputException", "StorageDescriptor"):
            glue.create_table(DatabaseName="sales", TableInput=table_input("l", TargetTable=link_to("orders")))

    def test_a_table_link_reads_as_its_target_under_its_own_name(self, linked: Any) -> None:
        """GetTable on a link keeps the link's name, database and target and takes the target's schema."""
        table = linked.get_table(DatabaseName="local", Name="orders_link")["Table"]

        assert (table["Name"], table["DatabaseName"], table["TargetTable"]) == (
            "orders_link",
            "local",
            link_to("orders"),
        )
        assert table["StorageDescriptor"]["Columns"] == COLUMNS
        assert table["PartitionKeys"] == [{"Name": "year", "Type": "int"}]

    def test_a_link_to_a_link_is_not_chased(self, linked: Any) -> None:
        """Only the first hop is followed: behind it stands a link, without a schema."""
        linked.create_table(
            DatabaseName="local",
            TableInput={"Name": "twice", "TargetTable": link_to("orders_link", database="local")},
        )

        assert "StorageDescriptor" not in linked.get_table(DatabaseName="local", Name="twice")["Table"]

    def test_a_link_to_another_region_is_followed_there(self, linked: Any, client: ClientMaker) -> None:
        """The target's Region says whose catalog is meant."""
        far = client("glue", CONSUMER, "eu-west-2")
        far.create_database(DatabaseInput={"Name": "local"})
        far.create_table(
            DatabaseName="local",
            TableInput={"Name": "l", "TargetTable": {**link_to("orders"), "Region": REGION}},
        )

        assert far.get_table(DatabaseName="local", Name="l")["Table"]["StorageDescriptor"]["Columns"] == COLUMNS

    @pytest.mark.allows("glue.database.not-renamed")
    def test_get_database_on_a_link_has_the_targets_properties(self, linked: Any) -> None:
        """A database link reads with its own name and target and the target's properties."""
        linked.update_database(Name="sales", DatabaseInput={"Name": "sales", "Description": "the real one"})

        database = linked.get_database(Name="sales_link")["Database"]

        assert (database["Name"], database["Description"]) == ("sales_link", "the real one")
        assert database["TargetDatabase"] == {"CatalogId": CONSUMER, "DatabaseName": "sales"}

    def test_get_databases_lists_links(self, linked: Any) -> None:
        """Database links are among the databases."""
        found = linked.get_databases()["DatabaseList"]

        assert [each["Name"] for each in found] == ["local", "sales", "sales_link"]

    def test_update_database_through_a_link_changes_the_target(self, linked: Any) -> None:
        """UpdateDatabase follows a link."""
        linked.update_database(Name="sales_link", DatabaseInput={"Name": "sales_link", "Description": "changed"})

        assert linked.get_database(Name="sales")["Database"]["Description"] == "changed"
        assert "TargetDatabase" in linked.get_database(Name="sales_link")["Database"]

    def test_delete_database_on_a_link_leaves_the_target(self, linked: Any) -> None:
        """DeleteDatabase deletes the link alone."""
        linked.delete_database(Name="sales_link")

        assert linked.get_table(DatabaseName="sales", Name="orders")["Table"]["Name"] == "orders"
        with refused("EntityNotFoundException"):
            linked.get_database(Name="sales_link")

    def test_create_table_through_a_database_link_makes_it_in_the_target(self, linked: Any) -> None:
        """CreateTable follows a database link."""
        linked.create_table(DatabaseName="sales_link", TableInput=table_input("made"))

        assert linked.get_table(DatabaseName="sales", Name="made")["Table"]["DatabaseName"] == "sales"

    @pytest.mark.refuses("glue.link.unsupported-in-link")
    @pytest.mark.allows("glue.link.unsupported-in-link")
    def test_a_table_link_through_a_database_link_is_refused(self, linked: Any) -> None:
        """CreateTable with a target through a database link is not supported."""
        with refused("InvalidInputException", "inside a resource link"):
            linked.create_table(DatabaseName="sales_link", TableInput={"Name": "l", "TargetTable": link_to("orders")})

    @pytest.mark.parametrize("database", ["sales_link", "local"])
    def test_update_table_through_a_link_changes_the_target(self, linked: Any, database: str) -> None:
        """UpdateTable follows a database link, and follows a table link."""
        name = "orders" if database == "sales_link" else "orders_link"

        linked.update_table(DatabaseName=database, TableInput=table_input(name, Description="changed"))

        assert linked.get_table(DatabaseName="sales", Name="orders")["Table"]["Description"] == "changed"

    def test_update_table_through_both_links_fails(self, linked: Any) -> None:
        """A table link in the target of a database link cannot be updated."""
        linked.create_table(DatabaseName="sales", TableInput={"Name": "l", "TargetTable": link_to("orders")})

        with refused("InvalidInputException", "inside a resource link"):
            linked.update_table(DatabaseName="sales_link", TableInput=table_input("l"))

    def test_a_link_is_not_repointed(self, linked: Any) -> None:
        """UpdateTable does not change a link's target."""
        with refused("InvalidInputException", "delete the link and create it again"):
            linked.update_table(
                DatabaseName="local", TableInput={"Name": "orders_link", "TargetTable": link_to("other")}
            )

    def test_delete_table_on_a_link_leaves_the_target(self, linked: Any) -> None:
        """DeleteTable on a table link deletes the link alone."""
        linked.delete_table(DatabaseName="local", Name="orders_link")

        assert linked.get_table(DatabaseName="sales", Name="orders")["Table"]["Name"] == "orders"

    @pytest.mark.parametrize("operation", ["DeleteTable", "BatchDeleteTable"])
    def test_delete_table_through_a_database_link_deletes_the_real_table(self, linked: Any, operation: str) -> None:
        """The dangerous row: DeleteTable and BatchDeleteTable reach through a database link."""
        if operation == "BatchDeleteTable":
            linked.batch_delete_table(DatabaseName="sales_link", TablesToDelete=["orders"])
        else:
            linked.delete_table(DatabaseName="sales_link", Name="orders")

        with refused("EntityNotFoundException"):
            linked.get_table(DatabaseName="sales", Name="orders")

    def test_get_tables_through_a_database_link_shows_the_targets_database(self, linked: Any) -> None:
        """The tables of a database link say that they are in the target database."""
        found = linked.get_tables(DatabaseName="sales_link")["TableList"]

        assert [(each["DatabaseName"], each["Name"]) for each in found] == [("sales", "orders")]

    def test_get_tables_of_a_real_database_follows_table_links(self, linked: Any) -> None:
        """GetTables gives table links with their targets' schema."""
        (found,) = linked.get_tables(DatabaseName="local")["TableList"]

        assert found["StorageDescriptor"]["Columns"] == COLUMNS

    def test_get_table_through_a_database_link_takes_the_first_hop_only(self, linked: Any) -> None:
        """A table link in the target of a database link shows as a link."""
        linked.create_table(DatabaseName="sales", TableInput={"Name": "l", "TargetTable": link_to("orders")})

        table = linked.get_table(DatabaseName="sales_link", Name="l")["Table"]

        assert table["TargetTable"] == link_to("orders")
        assert "StorageDescriptor" not in table

    def test_versions_of_a_link_are_its_targets(self, linked: Any) -> None:
        """GetTableVersions follows a table link."""
        linked.update_table(DatabaseName="sales", TableInput=table_input("orders", Description="new"))

        versions = linked.get_table_versions(DatabaseName="local", TableName="orders_link")["TableVersions"]

        assert [each["VersionId"] for each in versions] == ["1", "0"]

    def test_search_does_not_follow_links(self, linked: Any) -> None:
        """SearchTables gives links by themselves."""
        (found,) = linked.search_tables(SearchText="link")["TableList"]

        assert found["TargetTable"] == link_to("orders")
        assert "StorageDescriptor" not in found

    def test_a_database_link_to_nothing_has_no_tables_to_list(self, linked: Any) -> None:
        """Its target is missing, and said to be."""
        linked.delete_database(Name="sales")

        assert linked.get_database(Name="sales_link")["Database"]["TargetDatabase"]["DatabaseName"] == "sales"
        with refused("EntityNotFoundException", "sales"):
            linked.get_tables(DatabaseName="sales_link")

    @pytest.mark.refuses("glue.link.no-storage")
    @pytest.mark.parametrize("own", [{"LocationUri": "s3://sales/"}, {"Parameters": {"a": "b"}}])
    def test_a_database_link_has_no_place_of_its_own(self, glue: Any, own: dict[str, Any]) -> None:
        """A name, a description, and where it leads."""
        target = {"CatalogId": CONSUMER, "DatabaseName": "sales"}

        with refused("InvalidInputException"):
            glue.create_database(DatabaseInput={"Name": "link", "TargetDatabase": target, **own})
        glue.create_database(DatabaseInput={"Name": "link", "TargetDatabase": target, "Description": "A link"})
