"""Partitions, also through links."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, refused
from tests.sandbox.sales import link_to, sales_catalog, table_input, with_links

ORDERS = {"DatabaseName": "sales", "TableName": "orders"}


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    """The consumer's catalog."""
    return sales_catalog(client)


@pytest.fixture
def linked(glue: Any) -> Any:
    """The same with a database link and a table link."""
    return with_links(glue)


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
        with refused("InvalidInputException", "Invalid partition expression"):
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

    @pytest.mark.allows("glue.partition.segment")
    def test_segments_are_disjoint_and_whole(self, glue: Any) -> None:
        """The segments together have each partition once."""
        inputs = [{"Values": [str(year)]} for year in range(2000, 2010)]
        glue.batch_create_partition(**ORDERS, PartitionInputList=inputs)

        segments = [
            glue.get_partitions(**ORDERS, Segment={"SegmentNumber": number, "TotalSegments": 3})["Partitions"]
            for number in range(3)
        ]

        found = sorted(each["Values"] for segment in segments for each in segment)
        assert found == [each["Values"] for each in inputs]
        assert all(segments)

    @pytest.mark.refuses("glue.partition.segment")
    def test_a_segment_is_one_of_as_many_as_there_are(self, glue: Any) -> None:
        """They count from 0."""
        with refused("InvalidInputException"):
            glue.get_partitions(**ORDERS, Segment={"SegmentNumber": 3, "TotalSegments": 3})

    def test_partitions_come_without_their_columns_when_asked_so(self, glue: Any) -> None:
        """ExcludeColumnSchema leaves the rest of the storage."""
        storage = {"Columns": [{"Name": "id", "Type": "string"}], "Location": "s3://sales/orders/2025/"}
        glue.create_partition(**ORDERS, PartitionInput={"Values": ["2025"], "StorageDescriptor": storage})

        (found,) = glue.get_partitions(**ORDERS, ExcludeColumnSchema=True)["Partitions"]

        assert found["StorageDescriptor"] == {"Location": "s3://sales/orders/2025/"}

    @pytest.mark.refuses("glue.partition.data-location")
    def test_a_partition_elsewhere_takes_the_right_on_its_place(self, glue: Any, client: ClientMaker) -> None:
        """At a registered place outside the table's own; so does moving one there."""
        client("lakeformation", CONSUMER).register_resource(ResourceArn="arn:aws:s3:::far", UseServiceLinkedRole=True)
        far = {"Values": ["2025"], "StorageDescriptor": {"Location": "s3://far/2025/"}}
        glue.create_partition(**ORDERS, PartitionInput={"Values": ["2024"]})
        words = "Insufficient Lake Formation permission"

        with refused("AccessDeniedException", words):
            glue.create_partition(**ORDERS, PartitionInput=far)
        with refused("AccessDeniedException", words):
            glue.update_partition(**ORDERS, PartitionValueList=["2024"], PartitionInput=far)
        (failed,) = glue.batch_create_partition(**ORDERS, PartitionInputList=[far])["Errors"]
        assert failed["ErrorDetail"]["ErrorCode"] == "AccessDeniedException"

    @pytest.mark.allows("glue.partition.data-location")
    def test_a_partition_in_its_tables_place_takes_no_more(self, glue: Any, client: ClientMaker) -> None:
        """Who may alter the table may add to it where it is."""
        client("lakeformation", CONSUMER).register_resource(ResourceArn="arn:aws:s3:::sales", UseServiceLinkedRole=True)
        here = {"Values": ["2025"], "StorageDescriptor": {"Location": "s3://sales/orders/2025/"}}

        glue.create_partition(**ORDERS, PartitionInput=here)

    def test_a_partition_keeps_as_many_values_as_there_are_keys(self, glue: Any) -> None:
        """Made or changed."""
        glue.create_partition(**ORDERS, PartitionInput={"Values": ["2025"]})
        words = "number of partition keys do not match"

        with refused("InvalidInputException", words):
            glue.create_partition(**ORDERS, PartitionInput={"Values": ["2026", "1"]})
        with refused("InvalidInputException", words):
            glue.update_partition(**ORDERS, PartitionValueList=["2025"], PartitionInput={"Values": ["2026", "1"]})


class TestIndexes:
    @pytest.mark.allows("glue.index.keys", "glue.index.exists")
    def test_indexes_come_and_go(self, linked: Any) -> None:
        """Made through a link, and ready at once."""
        index = {"IndexName": "by_year", "Keys": ["year"]}

        linked.create_partition_index(DatabaseName="local", TableName="orders_link", PartitionIndex=index)
        found = linked.get_partition_indexes(**ORDERS)["PartitionIndexDescriptorList"]
        linked.delete_partition_index(**ORDERS, IndexName="by_year")

        assert [(each["IndexName"], each["Keys"], each["IndexStatus"]) for each in found] == [
            ("by_year", [{"Name": "year", "Type": "int"}], "ACTIVE")
        ]
        assert linked.get_partition_indexes(**ORDERS)["PartitionIndexDescriptorList"] == []

    @pytest.mark.refuses("glue.index.keys", "glue.index.exists")
    def test_what_is_no_index(self, glue: Any) -> None:
        """Over another column, under a name that is taken, one too many; and one that is not there."""

        def make(name: str, key: str = "year") -> None:
            glue.create_partition_index(**ORDERS, PartitionIndex={"IndexName": name, "Keys": [key]})

        with refused("InvalidInputException"):
            make("other", "id")
        for name in ("a", "b", "c"):
            make(name)
        with refused("AlreadyExistsException"):
            make("a")
        with refused("ResourceNumberLimitExceededException"):
            make("d")
        with refused("EntityNotFoundException"):
            glue.delete_partition_index(**ORDERS, IndexName="d")
