"""Column statistics of tables and partitions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import ADMIN, CONSUMER, as_role, refused
from tests.sandbox.sales import sales_catalog, table_input, with_links


@pytest.fixture
def linked(client: ClientMaker) -> Any:
    """The consumer's catalog, with links."""
    return with_links(sales_catalog(client))


TABLE = {"DatabaseName": "sales", "TableName": "orders"}


def about(column: str, distinct: int = 3) -> dict[str, Any]:
    """Describe the values of one column."""
    numbers = {"NumberOfNulls": 0, "NumberOfDistinctValues": distinct}
    statistics = {"Type": "LONG", "LongColumnStatisticsData": numbers}
    return {"ColumnName": column, "ColumnType": "bigint", "AnalyzedTime": 1700000000, "StatisticsData": statistics}


@pytest.mark.allows("glue.statistics.column")
@pytest.mark.parametrize(
    ("database", "table"), [("sales", "orders"), ("sales_link", "orders"), ("local", "orders_link")]
)
def test_statistics_of_a_table_are_kept_by_column(linked: Any, database: str, table: str) -> None:
    """Replaced by the next update, gone when deleted, through links as well."""
    where = {"DatabaseName": database, "TableName": table}
    for distinct in (3, 4):
        answer = linked.update_column_statistics_for_table(**where, ColumnStatisticsList=[about("amount", distinct)])
        assert answer["Errors"] == []

    found = linked.get_column_statistics_for_table(**TABLE, ColumnNames=["AMOUNT", "id"])
    linked.delete_column_statistics_for_table(**where, ColumnName="amount")
    after = linked.get_column_statistics_for_table(**where, ColumnNames=["amount"])

    (statistics,) = found["ColumnStatisticsList"]
    assert statistics["StatisticsData"]["LongColumnStatisticsData"]["NumberOfDistinctValues"] == 4
    assert [(each["ColumnName"], each["Error"]["ErrorCode"]) for each in found["Errors"]] == [
        ("id", "EntityNotFoundException")
    ]
    assert after["ColumnStatisticsList"] == []


def test_statistics_of_a_partition_are_its_own(linked: Any) -> None:
    """The table's stay apart."""
    linked.create_partition(**TABLE, PartitionInput={"Values": ["2025"]})
    linked.update_column_statistics_for_partition(
        **TABLE, PartitionValues=["2025"], ColumnStatisticsList=[about("amount")]
    )

    of_partition = linked.get_column_statistics_for_partition(**TABLE, PartitionValues=["2025"], ColumnNames=["amount"])
    of_table = linked.get_column_statistics_for_table(**TABLE, ColumnNames=["amount"])

    assert len(of_partition["ColumnStatisticsList"]) == 1
    assert of_table["ColumnStatisticsList"] == []
    linked.delete_column_statistics_for_partition(**TABLE, PartitionValues=["2025"], ColumnName="amount")


@pytest.mark.refuses("glue.statistics.column")
def test_columns_without_statistics(linked: Any) -> None:
    """A column that the table has not comes back among the errors; there is nothing to delete of one without any."""
    (failed,) = linked.update_column_statistics_for_table(**TABLE, ColumnStatisticsList=[about("colour")])["Errors"]

    assert failed["Error"]["ErrorCode"] == "EntityNotFoundException"
    assert failed["ColumnStatistics"]["ColumnName"] == "colour"
    with refused("EntityNotFoundException"):
        linked.delete_column_statistics_for_table(**TABLE, ColumnName="amount")


def test_a_reader_of_some_columns_reads_the_statistics_of_those(linked: Any, client: ClientMaker) -> None:
    """What GetTable does not show, statistics do not either."""
    formation = client("lakeformation", CONSUMER)
    admin = [{"DataLakePrincipalIdentifier": ADMIN}]
    formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": admin})
    linked.create_database(DatabaseInput={"Name": "ruled"})
    linked.create_table(DatabaseName="ruled", TableInput=table_input("t"))
    where = {"DatabaseName": "ruled", "TableName": "t"}
    linked.update_column_statistics_for_table(**where, ColumnStatisticsList=[about("amount"), about("id")])
    reader = as_role(client, "glue", "reader")
    formation.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/reader"},
        Resource={"TableWithColumns": {"DatabaseName": "ruled", "Name": "t", "ColumnNames": ["id"]}},
        Permissions=["SELECT"],
    )

    found = reader.get_column_statistics_for_table(**where, ColumnNames=["amount", "id"])

    assert [each["ColumnName"] for each in found["ColumnStatisticsList"]] == ["id"]
    with refused("AccessDeniedException", "Required Alter on t"):
        reader.update_column_statistics_for_table(**where, ColumnStatisticsList=[about("id")])
