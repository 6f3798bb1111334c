"""A catalog left to IAM: the database ``sales`` with the table ``orders``, and links to both."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER

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


def sales_catalog(client: ClientMaker) -> Any:
    """Make the consumer's catalog: a database ``sales`` with the table ``orders``, left to IAM, and nothing else."""
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="sales", TableInput=table_input("orders"))
    return glue


def with_links(glue: Any) -> Any:
    """Add a database link, and a database ``local`` with a table link, both to the consumer's own things."""
    glue.create_database(
        DatabaseInput={"Name": "sales_link", "TargetDatabase": {"CatalogId": CONSUMER, "DatabaseName": "sales"}}
    )
    glue.create_database(DatabaseInput={"Name": "local"})
    glue.create_table(DatabaseName="local", TableInput={"Name": "orders_link", "TargetTable": link_to("orders")})
    return glue


def rule_in(client: ClientMaker, account: str = CONSUMER) -> None:
    """Put the account's new databases and tables under Lake Formation, with no administrator."""
    client("lakeformation", account).put_data_lake_settings(DataLakeSettings={})
