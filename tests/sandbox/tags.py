"""What tests of LF-tags have in common: an account with tagged databases and tables, and those who ask in it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, as_role
from tests.sandbox.queries import Query, finish, start

ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"
CALLS = "queue,agent,seconds\nsales,ann,10\nbilling,bob,20\n"
COLUMNS = [{"Name": "queue", "Type": "string"}, {"Name": "agent", "Type": "string"}, {"Name": "seconds", "Type": "int"}]
SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters": {"separatorChar": ","}}

DATABASE = {"Database": {"Name": "lake"}}
TABLE = {"Table": {"DatabaseName": "lake", "Name": "calls"}}


def columns(*names: str) -> dict[str, Any]:
    """Return columns of the table as a Resource names them."""
    return {"TableWithColumns": {"DatabaseName": "lake", "Name": "calls", "ColumnNames": list(names)}}


def expression(**values: Sequence[str] | str) -> list[dict[str, Any]]:
    """Return ``module=["sales"]`` as an expression; a plain string is one value."""
    return [
        {"TagKey": key, "TagValues": [each] if isinstance(each, str) else list(each)} for key, each in values.items()
    ]


def policy(kind: str, **values: Sequence[str] | str) -> dict[str, Any]:
    """Return whatever of *kind* carries these tags as a Resource names it."""
    return {"LFTagPolicy": {"ResourceType": kind, "Expression": expression(**values)}}


def tag(key: str, *values: str) -> dict[str, Any]:
    """Return values of an LF-tag, all of them by default, as a Resource names them."""
    return {"LFTag": {"TagKey": key, "TagValues": list(values) or ["*"]}}


def set_switch(box: Sandbox, name: str, position: str) -> None:
    """Set one switch, over the control interface."""
    url, body = f"{box.endpoint_url}/_sandbox/switches", json.dumps({name: position}).encode()
    request = urllib.request.Request(url, body, method="PUT")  # noqa: S310 - our own loopback URL
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        assert answer.status == 200


class TaggedLake:
    """One account with an administrator, and a table ``lake.calls`` of two calls, three columns each."""

    def __init__(self, client: ClientMaker, account: str = CONSUMER) -> None:
        self.client, self.account = client, account
        self.formation, self.glue = client("lakeformation", account), client("glue", account)
        admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/administrator"}
        self.formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})
        self.make_database("lake")
        s3 = client("s3", account, region="us-east-1")
        s3.create_bucket(Bucket=f"calls-{account}")
        s3.put_object(Bucket=f"calls-{account}", Key="calls/a.csv", Body=CALLS.encode())
        self.formation.register_resource(ResourceArn=f"arn:aws:s3:::calls-{account}", UseServiceLinkedRole=True)
        self.make_table("calls")

    def make_database(self, name: str) -> None:
        """Make a database that Lake Formation rules, and whose tables it will."""
        self.glue.create_database(DatabaseInput={"Name": name, "CreateTableDefaultPermissions": []})

    def make_table(self, name: str, database: str = "lake") -> None:
        """Make another table over the same calls."""
        storage = {"Columns": COLUMNS, "Location": f"s3://calls-{self.account}/calls/", "SerdeInfo": SERDE}
        given = {"Name": name, "StorageDescriptor": storage, "Parameters": {"skip.header.line.count": "1"}}
        self.glue.create_table(DatabaseName=database, TableInput=given)

    def make_tags(self, **values: Sequence[str]) -> None:
        """Make LF-tags with those values."""
        for key, each in values.items():
            self.formation.create_lf_tag(TagKey=key, TagValues=list(each))

    def assign(self, resource: dict[str, Any], **values: str) -> None:
        """Give a thing those tags; every one must succeed."""
        answer = self.formation.add_lf_tags_to_resource(Resource=resource, LFTags=expression(**values))
        assert answer["Failures"] == []

    def grant(self, to: str, resource: dict[str, Any], *permissions: str, option: bool = False) -> None:
        """Grant, as the administrator."""
        self.formation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(permissions) if option else [],
        )

    def revoke(self, to: str, resource: dict[str, Any], *permissions: str) -> None:
        """Revoke, as the administrator."""
        self.formation.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=resource, Permissions=list(permissions)
        )

    def as_role(self, service: str, name: str = "analyst") -> Any:
        """Return a client that acts as a role of the account, which IAM lets do everything."""
        return as_role(self.client, service, name, self.account)

    def rows(self, **asked: Any) -> list[dict[str, Any]]:
        """Return what ListPermissions answers to the administrator."""
        found: list[dict[str, Any]] = self.formation.list_permissions(**asked)["PrincipalResourcePermissions"]
        return found

    def ask(self, sql: str, role: str = "analyst") -> Query:
        """Ask Athena, as a role."""
        self.client("s3", self.account, region="us-east-1").create_bucket(Bucket="results-bucket")
        athena = self.as_role("athena", role)
        return finish(athena, start(athena, sql, database="lake"))


def pairs(**values: str) -> list[dict[str, Any]]:
    """Return tags with one value each as answers have them."""
    return [{"CatalogId": CONSUMER, "TagKey": key, "TagValues": [value]} for key, value in values.items()]


@pytest.fixture
def lake(client: ClientMaker) -> TaggedLake:
    """An account with tagged databases and tables, with a role that asks in it."""
    lake = TaggedLake(client)
    lake.as_role("glue")
    return lake
