"""The Data Catalog's databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, PRODUCER, REGION, refused
from tests.sandbox.sales import LEFT_TO_IAM, sales_catalog


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog."""
    return sales_catalog(client)


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
