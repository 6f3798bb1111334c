"""A producer with a database of its own, and a spec that shares it."""

from __future__ import annotations

from typing import Any

from tests.functional.accounts import PRODUCER, Accounts

DATABASE = "connect_analytics_producer"
COLUMNS = [{"Name": "contact_id", "Type": "string"}, {"Name": "customer_number", "Type": "string"}]
CSV = b"c-1,+61000000001\nc-2,+61000000002\n"


def make_own_tables(accounts: Accounts) -> None:
    """Give the producer a database with two tables, ruled by Lake Formation, over CSV files."""
    s3, glue = accounts.client("s3", PRODUCER), accounts.client("glue", PRODUCER)
    s3.create_bucket(Bucket="producer-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    for name in ("contacts", "queues"):
        s3.put_object(Bucket="producer-bucket", Key=f"{name}/part-0.csv", Body=CSV)
        glue.create_table(DatabaseName=DATABASE, TableInput=table_input(name))
    accounts.client("lakeformation", PRODUCER).register_resource(
        ResourceArn="arn:aws:s3:::producer-bucket", UseServiceLinkedRole=True
    )


def table_input(name: str) -> dict[str, Any]:
    """Return a table as Glue takes it."""
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv"},
        "StorageDescriptor": {
            "Columns": COLUMNS,
            "Location": f"s3://producer-bucket/{name}/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ","},
            },
        },
    }


def share(accounts: Accounts, **changes: Any) -> dict[str, Any]:
    """Return a share of the producer's own tables as a user writes it."""
    source = {"account": "producer", "catalog": {"database": DATABASE, "tables": "all"}}
    return accounts.share(**{"from": source, **changes})


def open_to_iam(accounts: Accounts, *tables: str) -> None:
    """Leave *tables* to IAM alone, as whoever made them may; ``*`` is all of them by one grant."""
    for name in tables:
        which: dict[str, Any] = {"TableWildcard": {}} if name == "*" else {"Name": name}
        accounts.client("lakeformation", PRODUCER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            Resource={"Table": {"DatabaseName": DATABASE, **which}},
            Permissions=["ALL"],
        )
