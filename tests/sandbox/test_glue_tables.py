"""The Data Catalog's tables and their versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, refused
from tests.sandbox.sales import COLUMNS, link_to, sales_catalog, table_input


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog."""
    return sales_catalog(client)


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

    def test_an_update_need_not_be_archived(self, glue: Any) -> None:
        """With SkipArchive the version counts on, and the former definition is gone."""
        glue.update_table(DatabaseName="sales", TableInput=table_input("orders"), SkipArchive=True)

        versions = glue.get_table_versions(DatabaseName="sales", TableName="orders")["TableVersions"]

        assert [each["VersionId"] for each in versions] == ["1"]

    def test_a_pattern_matches_whatever_the_case(self, glue: Any) -> None:
        """Names are folded, and so is what they are compared with."""
        assert [each["Name"] for each in glue.get_tables(DatabaseName="sales", Expression="ORD.*")["TableList"]] == [
            "orders"
        ]


class TestAttributes:
    """What a listing is asked to be about."""

    @pytest.mark.allows("glue.list.attributes")
    def test_a_listing_answers_with_the_attributes_asked_for(self, glue: Any) -> None:
        """Names alone, names and types, or everything."""

        def members(*attributes: str) -> set[str]:
            (table,) = glue.get_tables(DatabaseName="sales", AttributesToGet=list(attributes))["TableList"]
            return set(table)

        assert members("NAME") == {"Name", "DatabaseName", "CatalogId"}
        assert members("NAME", "TABLE_TYPE") == {"Name", "TableType", "DatabaseName", "CatalogId"}
        assert members("DEFAULT") >= {"StorageDescriptor", "VersionId"}
        (database,) = glue.get_databases(AttributesToGet=["NAME"])["DatabaseList"]
        assert set(database) == {"Name", "CatalogId"}

    @pytest.mark.refuses("glue.list.attributes")
    def test_the_name_is_among_them(self, glue: Any) -> None:
        """Neither nothing nor something else alone."""
        with refused("InvalidInputException"):
            glue.get_tables(DatabaseName="sales", AttributesToGet=["TABLE_TYPE"])
        with refused("InvalidInputException"):
            glue.get_databases(AttributesToGet=[])


class TestInput:
    """What a table is described with."""

    @pytest.mark.refuses("glue.table.input")
    def test_a_table_has_an_input(self, glue: Any) -> None:
        """The service model does not ask for it any more."""
        with refused("InvalidInputException"):
            glue.create_table(DatabaseName="sales")

    @pytest.mark.allows("glue.table.input")
    def test_a_name_is_enough(self, glue: Any) -> None:
        """The rest may follow."""
        glue.create_table(DatabaseName="sales", TableInput={"Name": "bare"})

    @pytest.mark.parametrize("name", ["two\nlines", "a\x00b", "x" * 256])
    def test_a_name_is_one_line_of_letters_that_can_be_seen(self, glue: Any, name: str) -> None:
        """As the service model's pattern and length say."""
        with refused("ValidationException", "failed to satisfy constraint"):
            glue.create_table(DatabaseName="sales", TableInput={"Name": name})

    @pytest.mark.parametrize("name", ["with-dash", "with space", "größe", "1st", "x" * 255])
    def test_many_names_are_taken(self, glue: Any, name: str) -> None:
        """More than Athena will take."""
        glue.create_table(DatabaseName="sales", TableInput={"Name": name})

        assert glue.get_table(DatabaseName="sales", Name=name.capitalize())["Table"]["Name"] == name
