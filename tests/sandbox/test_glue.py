"""The Data Catalog: databases, tables, partitions, and every row of AWS's table of what operations do on links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, PRODUCER, REGION, as_role, refused

LEFT_TO_IAM = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]
COLUMNS = [{"Name": "id", "Type": "string"}, {"Name": "amount", "Type": "bigint"}]


def table_input(name: str, **members: Any) -> dict[str, Any]:
    """Describe a small partitioned table."""
    storage = {"Columns": COLUMNS, "Location": f"s3://sales/{name}/"}
    keys = [{"Name": "year", "Type": "int"}]
    given = {"Name": name, "StorageDescriptor": storage, "PartitionKeys": keys, "TableType": "EXTERNAL_TABLE"}
    return {**given, **members}


def link_to(table: str, *, account: str = CONSUMER, database: str = "sales") -> dict[str, str]:
    """Describe the target of a link."""
    return {"CatalogId": account, "DatabaseName": database, "Name": table}


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog: a database ``sales`` with the table ``orders``, left to IAM, and nothing else."""
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="sales", TableInput=table_input("orders"))
    return glue


@pytest.fixture
def linked(glue: Any) -> Any:
    """The same with a database link, and a database ``local`` with a table link, both to the consumer's own things."""
    glue.create_database(
        DatabaseInput={"Name": "sales_link", "TargetDatabase": {"CatalogId": CONSUMER, "DatabaseName": "sales"}}
    )
    glue.create_database(DatabaseInput={"Name": "local"})
    glue.create_table(DatabaseName="local", TableInput={"Name": "orders_link", "TargetTable": link_to("orders")})
    return glue


@pytest.fixture
def role(client: ClientMaker) -> Callable[[str], Any]:
    """Make Glue clients that act as a role of the consumer."""
    return lambda name: as_role(client, "glue", name)


def rule_in(client: ClientMaker, account: str = CONSUMER) -> None:
    """Put the account's new databases and tables under Lake Formation, with no administrator."""
    client("lakeformation", account).put_data_lake_settings(DataLakeSettings={})


class TestDatabases:
    def test_a_fresh_account_leaves_a_new_database_and_its_tables_to_iam(self, glue: Any) -> None:
        """Without CreateTableDefaultPermissions a database takes the account's default, which is IAM's alone."""
        database = glue.get_database(Name="sales")["Database"]

        assert database["CreateTableDefaultPermissions"] == LEFT_TO_IAM
        assert database["CatalogId"] == CONSUMER
        assert database["CreateTime"].utcoffset() is not None

    def test_an_empty_list_stays_empty(self, glue: Any) -> None:
        """CreateTableDefaultPermissions [] leaves the tables to Lake Formation."""
        glue.create_database(DatabaseInput={"Name": "ruled", "CreateTableDefaultPermissions": []})

        assert glue.get_database(Name="ruled")["Database"]["CreateTableDefaultPermissions"] == []

    def test_names_fold_to_lower_case(self, glue: Any) -> None:
        """A name is stored in lower case and found in any."""
        glue.create_database(DatabaseInput={"Name": "Mixed"})

        assert glue.get_database(Name="MIXED")["Database"]["Name"] == "mixed"

    @pytest.mark.refuses("glue.database.once")
    @pytest.mark.allows("glue.database.once")
    def test_a_second_one_of_that_name_is_refused(self, glue: Any) -> None:
        """AlreadyExistsException, whether it is a database or a link."""
        with refused("AlreadyExistsException", "Database already exists"):
            glue.create_database(DatabaseInput={"Name": "SALES"})

    def test_there_is_no_default_database_until_somebody_makes_it(self, glue: Any) -> None:
        """The database ``default`` is absent from a fresh account."""
        with refused("EntityNotFoundException", r"Database default not found\."):
            glue.get_database(Name="default")

    def test_pages_hold_what_was_asked_for(self, glue: Any) -> None:
        """GetDatabases pages by MaxResults, sorted by name."""
        for number in range(4):
            glue.create_database(DatabaseInput={"Name": f"d{number}"})

        pages = list(glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 2}))

        assert [[each["Name"] for each in page["DatabaseList"]] for page in pages] == [
            ["d0", "d1"],
            ["d2", "d3"],
            ["sales"],
        ]

    def test_regions_do_not_mix(self, glue: Any, client: ClientMaker) -> None:
        """An account has one catalog in each Region."""
        with refused("EntityNotFoundException"):
            client("glue", CONSUMER, "eu-west-2").get_database(Name="sales")

    @pytest.mark.refuses("glue.database.not-renamed")
    def test_a_database_keeps_its_name(self, glue: Any) -> None:
        """UpdateDatabase does not rename."""
        with refused("InvalidInputException", "cannot be renamed"):
            glue.update_database(Name="sales", DatabaseInput={"Name": "other"})

    def test_deleting_takes_the_tables_along(self, glue: Any) -> None:
        """A deleted database is gone with its tables."""
        glue.delete_database(Name="sales")

        with refused("EntityNotFoundException"):
            glue.get_table(DatabaseName="sales", Name="orders")

    def test_databases_carry_tags(self, glue: Any) -> None:
        """Tags are given at creation, added and taken away by ARN."""
        glue.create_database(DatabaseInput={"Name": "tagged"}, Tags={"team": "cc"})
        arn = f"arn:aws:glue:{REGION}:{CONSUMER}:database/tagged"
        glue.tag_resource(ResourceArn=arn, TagsToAdd={"cost": "42"})
        glue.untag_resource(ResourceArn=arn, TagsToRemove=["team"])

        assert glue.get_tags(ResourceArn=arn)["Tags"] == {"cost": "42"}

    @pytest.mark.refuses("glue.tag.database")
    @pytest.mark.allows("glue.tag.database")
    def test_tables_and_other_accounts_databases_carry_no_tags(self, glue: Any) -> None:
        """What is not a database of one's own catalog is not tagged."""
        place = f"arn:aws:glue:{REGION}"
        glue.tag_resource(ResourceArn=f"{place}:{CONSUMER}:database/sales", TagsToAdd={"a": "b"})

        for arn in (f"{place}:{CONSUMER}:table/sales/orders", f"{place}:{PRODUCER}:database/sales"):
            with refused("InvalidInputException", "Cannot tag"):
                glue.tag_resource(ResourceArn=arn, TagsToAdd={"a": "b"})

    @pytest.mark.refuses("glue.list.token")
    @pytest.mark.allows("glue.list.token")
    def test_a_page_goes_on_from_a_token_that_was_given(self, glue: Any) -> None:
        """The token of one page begins the next; any other is refused."""
        glue.create_database(DatabaseInput={"Name": "second"})
        first = glue.get_databases(MaxResults=1)

        rest = glue.get_databases(NextToken=first["NextToken"])["DatabaseList"]
        with refused("InvalidInputException", "NextToken"):
            glue.get_databases(NextToken="of no page")

        assert [each["Name"] for each in (*first["DatabaseList"], *rest)] == ["sales", "second"]


class TestTables:
    def test_a_table_comes_back_as_it_was_made(self, glue: Any) -> None:
        """GetTable answers with what was put in, and when, by whom and in which version."""
        table = glue.get_table(DatabaseName="sales", Name="ORDERS")["Table"]

        assert table["StorageDescriptor"]["Columns"] == COLUMNS
        assert (table["DatabaseName"], table["CatalogId"], table["VersionId"]) == ("sales", CONSUMER, "0")
        assert table["CreatedBy"] == ADMIN
        assert table["IsRegisteredWithLakeFormation"] is False

    def test_an_update_makes_a_version(self, glue: Any) -> None:
        """UpdateTable keeps the former definition as a version of its own."""
        glue.update_table(DatabaseName="sales", TableInput=table_input("orders", Description="new"))

        versions = glue.get_table_versions(DatabaseName="sales", TableName="orders")["TableVersions"]

        assert [(each["VersionId"], each["Table"].get("Description")) for each in versions] == [
            ("1", "new"),
            ("0", None),
        ]

    @pytest.mark.refuses("glue.table.current-version")
    @pytest.mark.allows("glue.table.current-version")
    def test_an_update_of_a_former_version_is_refused(self, glue: Any) -> None:
        """An update that names a version which is no longer current has lost a race."""
        glue.update_table(DatabaseName="sales", TableInput=table_input("orders"))

        with refused("ConcurrentModificationException"):
            glue.update_table(DatabaseName="sales", TableInput=table_input("orders"), VersionId="0")

    def test_missing_things_are_named(self, glue: Any) -> None:
        """A table or a database that is not there is said to be missing."""
        with refused("EntityNotFoundException", "Table nothing not found"):
            glue.get_table(DatabaseName="sales", Name="nothing")
        with refused("EntityNotFoundException", r"Database nowhere not found\."):
            glue.get_tables(DatabaseName="nowhere")

    @pytest.mark.refuses("glue.table.once")
    @pytest.mark.allows("glue.table.once")
    def test_a_second_one_of_that_name_is_refused(self, glue: Any) -> None:
        """AlreadyExistsException, whether it is a table or a link."""
        with refused("AlreadyExistsException", "Table already exists"):
            glue.create_table(DatabaseName="sales", TableInput={"Name": "Orders", "TargetTable": link_to("x")})

    def test_get_tables_takes_an_expression_and_pages(self, glue: Any) -> None:
        """GetTables matches names with a regular expression, and pages."""
        for number in range(3):
            glue.create_table(DatabaseName="sales", TableInput=table_input(f"t{number}"))

        pages = glue.get_paginator("get_tables").paginate(
            DatabaseName="sales", Expression="t.*", PaginationConfig={"PageSize": 2}
        )

        assert [[each["Name"] for each in page["TableList"]] for page in pages] == [["t0", "t1"], ["t2"]]

    def test_a_batch_of_deletions_tells_what_it_could_not_delete(self, glue: Any) -> None:
        """BatchDeleteTable deletes what it can and names the rest in its answer."""
        answer = glue.batch_delete_table(DatabaseName="sales", TablesToDelete=["orders", "nothing"])

        assert [(each["TableName"], each["ErrorDetail"]["ErrorCode"]) for each in answer["Errors"]] == [
            ("nothing", "EntityNotFoundException")
        ]
        assert glue.get_tables(DatabaseName="sales")["TableList"] == []

    def test_search_finds_by_a_part_of_the_name(self, glue: Any) -> None:
        """SearchTables looks through all databases of the catalog."""
        glue.create_database(DatabaseInput={"Name": "more"})
        glue.create_table(DatabaseName="more", TableInput=table_input("reorders"))

        found = glue.search_tables(SearchText="order")["TableList"]

        assert sorted(each["Name"] for each in found) == ["orders", "reorders"]


class TestVersionsAndPatterns:
    """What is found by a number or by a pattern."""

    @pytest.mark.refuses("glue.table.version-exists")
    @pytest.mark.allows("glue.table.version-exists")
    def test_a_former_version_can_be_deleted(self, glue: Any) -> None:
        """A deleted version is gone for good, the others keep their numbers, and the current one is not deleted."""
        named = {"DatabaseName": "sales", "TableName": "orders"}
        for description in ("one", "two", "three"):
            glue.update_table(DatabaseName="sales", TableInput=table_input("orders", Description=description))

        glue.delete_table_version(**named, VersionId="1")
        failed = glue.batch_delete_table_version(**named, VersionIds=["0", "1", "3"])["Errors"]

        assert [each["VersionId"] for each in glue.get_table_versions(**named)["TableVersions"]] == ["3", "2"]
        assert [(each["VersionId"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
            ("1", "EntityNotFoundException"),
            ("3", "EntityNotFoundException"),
        ]
        with refused("EntityNotFoundException", "Version not found"):
            glue.get_table_version(**named, VersionId="1")
        with refused("InvalidInputException"):
            glue.get_table_version(**named, VersionId="first")

    @pytest.mark.refuses("glue.table.expression")
    @pytest.mark.allows("glue.table.expression")
    def test_an_expression_is_a_pattern_in_which_a_star_may_stand_alone(self, glue: Any) -> None:
        """A star that repeats nothing stands for anything; other stars repeat; what is no pattern is refused."""
        for name in ("orders_2024", "orders_2025", "returns"):
            glue.create_table(DatabaseName="sales", TableInput=table_input(name))

        def found(expression: str) -> list[str]:
            tables = glue.get_tables(DatabaseName="sales", Expression=expression)["TableList"]
            return [each["Name"] for each in tables]

        assert found("*") == ["orders", "orders_2024", "orders_2025", "returns"]
        assert found("orders_*") == found("*ders_*") == found(r"orders_\d*") == ["orders_2024", "orders_2025"]
        assert found(".*turn.") == ["returns"]
        with refused("InvalidInputException", "Invalid expression"):
            found("orders_(")


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


class TestPartitions:
    @pytest.mark.parametrize(
        ("database", "table"), [("sales", "orders"), ("sales_link", "orders"), ("local", "orders_link")]
    )
    def test_partitions_are_written_and_read_through_one_link(self, linked: Any, database: str, table: str) -> None:
        """Partition operations follow a database link, and follow a table link."""
        where = {"DatabaseName": database, "TableName": table}
        linked.create_partition(**where, PartitionInput={"Values": ["2025"]})
        linked.batch_create_partition(**where, PartitionInputList=[{"Values": ["2026"]}, {"Values": ["2027"]}])
        linked.delete_partition(**where, PartitionValues=["2027"])

        found = linked.get_partitions(DatabaseName="sales", TableName="orders")["Partitions"]

        assert [each["Values"] for each in found] == [["2025"], ["2026"]]
        assert linked.get_partition(**where, PartitionValues=["2026"])["Partition"]["TableName"] == "orders"

    def test_through_both_links_there_are_none_and_none_can_be_made(self, linked: Any) -> None:
        """Of a table link in a database link the partitions read as an empty set; writing them is refused."""
        linked.create_table(DatabaseName="sales", TableInput={"Name": "l", "TargetTable": link_to("orders")})
        linked.create_partition(DatabaseName="sales", TableName="orders", PartitionInput={"Values": ["2026"]})

        assert linked.get_partitions(DatabaseName="sales_link", TableName="l")["Partitions"] == []
        with refused("InvalidInputException", "inside a resource link"):
            linked.create_partition(DatabaseName="sales_link", TableName="l", PartitionInput={"Values": ["2026"]})

    @pytest.mark.refuses("glue.partition.expression")
    @pytest.mark.allows("glue.partition.expression")
    def test_an_expression_chooses_by_the_keys(self, glue: Any) -> None:
        """GetPartitions compares keys by their types."""
        for year in ("2024", "2025", "2026"):
            glue.create_partition(DatabaseName="sales", TableName="orders", PartitionInput={"Values": [year]})

        found = glue.get_partitions(DatabaseName="sales", TableName="orders", Expression="year > 2024 AND year <> 2026")

        assert [each["Values"] for each in found["Partitions"]] == [["2025"]]
        with refused("InvalidInputException", "Unsupported expression"):
            glue.get_partitions(DatabaseName="sales", TableName="orders", Expression="month = 1")

    @pytest.mark.refuses("glue.partition.exists", "glue.partition.once")
    @pytest.mark.allows("glue.partition.exists", "glue.partition.once")
    def test_a_batch_tells_what_it_could_not_do(self, glue: Any) -> None:
        """A batch makes or deletes what it can and names the rest in its answer."""
        where = {"DatabaseName": "sales", "TableName": "orders"}
        glue.create_partition(**where, PartitionInput={"Values": ["2025"]})

        made = glue.batch_create_partition(**where, PartitionInputList=[{"Values": ["2025"]}, {"Values": ["2026"]}])
        gone = glue.batch_delete_partition(**where, PartitionsToDelete=[{"Values": ["2026"]}, {"Values": ["1999"]}])

        assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in made["Errors"]] == [
            (["2025"], "AlreadyExistsException")
        ]
        assert [each["PartitionValues"] for each in gone["Errors"]] == [["1999"]]

    def test_indexes_are_those_the_table_was_made_with(self, glue: Any) -> None:
        """GetPartitionIndexes tells the PartitionIndexes of CreateTable."""
        glue.create_table(
            DatabaseName="sales",
            TableInput=table_input("indexed"),
            PartitionIndexes=[{"IndexName": "by_year", "Keys": ["year"]}],
        )

        def names(table: str) -> list[str]:
            answer = glue.get_partition_indexes(DatabaseName="sales", TableName=table)
            return [each["IndexName"] for each in answer["PartitionIndexDescriptorList"]]

        assert (names("indexed"), names("orders")) == (["by_year"], [])

    def test_a_batch_changes_what_is_there(self, glue: Any) -> None:
        """BatchUpdatePartition gives partitions other values and tells which were not there."""
        named = {"DatabaseName": "sales", "TableName": "orders"}
        glue.create_partition(**named, PartitionInput={"Values": ["2024"]})
        entries = [
            {"PartitionValueList": [before], "PartitionInput": {"Values": [after]}}
            for before, after in (("2024", "2025"), ("1999", "2000"))
        ]

        (failed,) = glue.batch_update_partition(**named, Entries=entries)["Errors"]

        assert failed["PartitionValueList"] == ["1999"]
        assert failed["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
        assert [each["Values"] for each in glue.get_partitions(**named)["Partitions"]] == [["2025"]]

    def test_values_match_the_keys_in_number(self, glue: Any) -> None:
        """A partition has one value for each partition key."""
        with refused("InvalidInputException", "partition keys do not match"):
            glue.create_partition(DatabaseName="sales", TableName="orders", PartitionInput={"Values": ["2025", "1"]})


class TestWithoutLeave:
    """Where Lake Formation rules, Glue refuses what it has not granted."""

    def test_nobody_creates_databases_once_that_is_revoked_from_iam(self, client: ClientMaker) -> None:
        """A fresh account lets any IAM principal create databases; revoked, it takes a grant or an administrator."""
        lake_formation = client("lakeformation", CONSUMER)
        lake_formation.put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )
        lake_formation.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            Resource={"Catalog": {}},
            Permissions=["CREATE_DATABASE"],
        )
        client("glue", CONSUMER).create_database(DatabaseInput={"Name": "by_admin"})
        lake_formation.put_data_lake_settings(DataLakeSettings={})

        with refused("AccessDeniedException", "Required Create Database on Catalog"):
            client("glue", CONSUMER).create_database(DatabaseInput={"Name": "by_nobody"})

    def test_the_maker_of_a_database_uses_it_and_others_do_not_see_it(self, client: ClientMaker, role: Any) -> None:
        """A database under Lake Formation shows to its maker alone; others' lists leave it out and gets are refused."""
        rule_in(client)
        role("maker").create_database(DatabaseInput={"Name": "ruled"})
        role("maker").create_table(DatabaseName="ruled", TableInput=table_input("t"))
        other = role("other")

        assert [each["Name"] for each in role("maker").get_databases()["DatabaseList"]] == ["ruled"]
        assert other.get_databases()["DatabaseList"] == []
        assert other.get_tables(DatabaseName="ruled")["TableList"] == []
        with refused(
            "AccessDeniedException", r"Insufficient Lake Formation permission\(s\): Required Describe on ruled"
        ):
            other.get_database(Name="ruled")
        with refused("AccessDeniedException", "Required Describe on t"):
            other.get_table(DatabaseName="ruled", Name="t")
        with refused("AccessDeniedException", "Required Create Table on ruled"):
            other.create_table(DatabaseName="ruled", TableInput=table_input("mine"))

    def test_an_administrator_sees_a_link_and_cannot_drop_it_before_granting_itself_drop(
        self, client: ClientMaker, role: Any
    ) -> None:
        """An administrator drops another principal's link only after a grant of DROP to itself."""
        rule_in(client)
        maker = role("maker")
        maker.create_database(DatabaseInput={"Name": "ruled"})
        maker.create_table(DatabaseName="ruled", TableInput={"Name": "l", "TargetTable": link_to("t")})
        lake_formation, glue = client("lakeformation", CONSUMER), client("glue", CONSUMER)
        lake_formation.put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )

        assert glue.get_table(DatabaseName="ruled", Name="l")["Table"]["Name"] == "l"
        with refused("AccessDeniedException", "Required Drop on l"):
            glue.delete_table(DatabaseName="ruled", Name="l")
        lake_formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ADMIN},
            Resource={"Table": {"DatabaseName": "ruled", "Name": "l"}},
            Permissions=["DROP"],
        )
        glue.delete_table(DatabaseName="ruled", Name="l")

    def test_another_accounts_catalog_is_closed(self, glue: Any, client: ClientMaker) -> None:
        """CatalogId of another account works under a share and grants only, and does not tell what is there."""
        producer = client("glue", PRODUCER)

        with refused("AccessDeniedException", "no resource-based policy allows the glue:GetTable action"):
            producer.get_table(CatalogId=CONSUMER, DatabaseName="sales", Name="orders")
        with refused("AccessDeniedException", "Required Describe on sales"):
            producer.get_database(CatalogId=CONSUMER, Name="sales")
        with refused("AccessDeniedException", "Required Describe on nowhere"):
            producer.get_database(CatalogId=CONSUMER, Name="nowhere")
        with refused("AccessDeniedException", "Required Describe on sales"):
            producer.create_table(CatalogId=CONSUMER, DatabaseName="sales", TableInput=table_input("mine"))

    def test_a_reader_of_some_columns_sees_those(self, client: ClientMaker, role: Any) -> None:
        """GetTable shows the columns on which the caller holds SELECT, when it holds nothing else."""
        rule_in(client)
        maker = role("maker")
        maker.create_database(DatabaseInput={"Name": "ruled"})
        maker.create_table(DatabaseName="ruled", TableInput=table_input("t"))
        client("lakeformation", CONSUMER).put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
        )
        reader = role("reader")
        client("lakeformation", CONSUMER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/reader"},
            Resource={"TableWithColumns": {"DatabaseName": "ruled", "Name": "t", "ColumnNames": ["id"]}},
            Permissions=["SELECT"],
        )

        table = reader.get_table(DatabaseName="ruled", Name="t")["Table"]

        assert [each["Name"] for each in table["StorageDescriptor"]["Columns"]] == ["id"]
