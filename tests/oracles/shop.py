"""A shop's lake in the producer's account, written by awswrangler, and the consumer that reads it through its links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest

from tests.functional.accounts import CONSUMER, PRODUCER, REGION, Accounts
from tests.oracles.shell import make_reader, make_role, session

BUCKET, RESULTS = "shop-lake", "s3://shop-results/"
SHOP, LINKS, DATABASE_LINK = "shop", "shop_links", "shop_link"
TABLES = ("orders", "prices", "events")
ALL_TABLES = {"DatabaseName": SHOP, "TableWildcard": {}}

# Athena's timestamps have no zone.
MADE, MIDNIGHT = datetime(2026, 1, 2, 3, 4, 5, 678000), datetime(2026, 1, 3)  # noqa: DTZ001
ORDERS = [
    (1, "ann", Decimal("12.50"), True, date(2026, 1, 2), MADE, 0.5, ["a", "b"], "mon"),
    (2, None, None, None, None, None, None, None, "mon"),
    (3, "bob, the 2nd", Decimal("-0.01"), False, date(2026, 1, 3), MIDNIGHT, -1.5, [], "tue"),
]
COLUMNS = ["id", "customer", "amount", "paid", "due", "made", "ratio", "tags", "day"]
TYPES = {"id": "bigint", "amount": "decimal(10,2)", "due": "date", "tags": "array<string>", "made": "timestamp"}


@dataclass(frozen=True, slots=True)
class Shop:
    """Both accounts after the lake was shared, with roles of the consumer's that may and may not read it."""

    accounts: Accounts
    reader: boto3.Session
    denied: boto3.Session


def signed(**keys: str) -> boto3.Session:
    """Return a session in the Region of the tests, from a shell's keys."""
    return boto3.Session(region_name=REGION, **{name.lower(): value for name, value in keys.items()})


@contextmanager
def shop(accounts: Accounts, wr: Any, pandas: Any) -> Iterator[Shop]:
    """Write the lake, share it, link to it, and let every client that is made meanwhile take the sandbox for AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", accounts.box.endpoint_url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        _write(accounts, wr, pandas)
        _share(accounts)
        reader, denied = (signed(**session(accounts, arn)) for arn in _consume(accounts))
        yield Shop(accounts, reader, denied)


def _write(accounts: Accounts, wr: Any, pandas: Any) -> None:
    """Make the lake as its owner: Parquet by day, CSV and JSON, in a place that Lake Formation vends."""
    where = {"LocationConstraint": REGION}
    accounts.client("s3", PRODUCER).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    administrators = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{PRODUCER}:user/administrator"}]
    lake = accounts.client("lakeformation", PRODUCER)
    lake.put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": administrators, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
    )
    lake.register_resource(ResourceArn=f"arn:aws:s3:::{BUCKET}/", RoleArn=_registrar(accounts))
    owner = signed(AWS_ACCESS_KEY_ID=PRODUCER, AWS_SECRET_ACCESS_KEY="x")
    glue = accounts.client("glue", PRODUCER)
    glue.create_database(DatabaseInput={"Name": SHOP, "CreateTableDefaultPermissions": []})
    orders = pandas.DataFrame(ORDERS, columns=COLUMNS)
    given: dict[str, Any] = {"dataset": True, "database": SHOP, "boto3_session": owner, "index": False}
    wr.s3.to_parquet(
        orders, path=f"s3://{BUCKET}/orders/", table="orders", partition_cols=["day"], dtype=TYPES, **given
    )
    prices = pandas.DataFrame({"sku": ["a", None, "c"], "price": [1.5, None, 3.25], "stock": [1, 2, None]})
    wr.s3.to_csv(
        prices,
        path=f"s3://{BUCKET}/prices/",
        table="prices",
        dtype={"sku": "string", "price": "double", "stock": "bigint"},
        header=False,
        **given,
    )
    events = pandas.DataFrame({"kind": ["seen", "sold"], "count": [3, None], "note": [None, 'with "quotes", and more']})
    events["count"] = events["count"].astype("Int64")
    wr.s3.to_json(
        events, path=f"s3://{BUCKET}/events/", table="events", orient="records", lines=True, **given | {"index": None}
    )


def _registrar(accounts: Accounts) -> str:
    """Make the role with whose rights Lake Formation lets readers at the bucket."""
    iam = accounts.client("iam", PRODUCER)
    trust = {"Effect": "Allow", "Principal": {"Service": "lakeformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn: str = iam.create_role(RoleName="registrar", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))[
        "Role"
    ]["Arn"]
    reads = {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}
    iam.put_role_policy(
        RoleName="registrar",
        PolicyName="lake",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [reads]}),
    )
    return arn


def _share(accounts: Accounts) -> None:
    """Let the consumer's administrators pass on all of the shop's tables."""
    lake = accounts.client("lakeformation", PRODUCER)
    for resource, permissions in (
        ({"Database": {"Name": SHOP}}, ["DESCRIBE"]),
        ({"Table": ALL_TABLES}, ["SELECT", "DESCRIBE"]),
    ):
        lake.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": CONSUMER},
            Resource=resource,
            Permissions=permissions,
            PermissionsWithGrantOption=permissions,
        )
    ram = accounts.client("ram")
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])


def _consume(accounts: Accounts) -> tuple[str, str]:
    """Make links, results and two roles as the consumer, and grant one of them what reading takes; return both."""
    make_reader(accounts)
    where = {"LocationConstraint": REGION}
    accounts.client("s3").create_bucket(Bucket="shop-results", CreateBucketConfiguration=where)
    glue = accounts.client("glue")
    glue.create_database(DatabaseInput={"Name": LINKS, "CreateTableDefaultPermissions": []})
    for table in TABLES:
        target = {"CatalogId": PRODUCER, "DatabaseName": SHOP, "Name": table}
        glue.create_table(DatabaseName=LINKS, TableInput={"Name": table, "TargetTable": target})
    target = {"CatalogId": PRODUCER, "DatabaseName": SHOP}
    glue.create_database(DatabaseInput={"Name": DATABASE_LINK, "TargetDatabase": target})
    reader = f"arn:aws:iam::{CONSUMER}:role/reader"
    _grant(accounts, reader)
    return reader, make_role(accounts, "denied")


def _grant(accounts: Accounts, reader: str) -> None:
    links = [{"Table": {"DatabaseName": LINKS, "Name": table}} for table in TABLES]
    databases = [{"Name": LINKS}, {"Name": DATABASE_LINK}, {"Name": SHOP, "CatalogId": PRODUCER}]
    seen = [*links, *({"Database": database} for database in databases)]
    for resource, permission in [
        *((each, "DESCRIBE") for each in seen),
        ({"Table": {"CatalogId": PRODUCER, **ALL_TABLES}}, "SELECT"),
    ]:
        accounts.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": reader}, Resource=resource, Permissions=[permission]
        )
