"""What tests of Athena have in common: a consumer of Connect's lake, its reader, and running a query to its end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker

PRODUCER, CONSUMER = "111111111111", "222222222222"
REGION = "ap-southeast-2"
ADMIN = f"arn:aws:iam::{CONSUMER}:user/administrator"
READER = f"arn:aws:iam::{CONSUMER}:role/reader"
SHARED = ["contact_record", "users", "contact_statistic_record"]
RESULTS = "s3://results-bucket/queries/"

READER_POLICY: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": "athena:*", "Resource": "*"},
    {"Effect": "Allow", "Action": ["glue:GetDatabase*", "glue:GetTable*", "glue:GetPartition*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "lakeformation:GetDataAccess", "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::results-bucket", "arn:aws:s3:::results-bucket/*"]},
]


@dataclass(frozen=True, slots=True)
class Query:
    """A finished query: what GetQueryExecution says, and its rows as text, the header among them."""

    execution: dict[str, Any]
    rows: list[list[str | None]]

    @property
    def state(self) -> str:
        return str(self.execution["Status"]["State"])

    @property
    def reason(self) -> str:
        return str(self.execution["Status"].get("StateChangeReason", ""))


@dataclass(frozen=True, slots=True)
class Consumer:
    """The consumer's account: links to the producer's part of Connect's lake, a reader, a results bucket."""

    box: Sandbox
    client: ClientMaker
    owner: str

    def grant(self, *permissions: str, to: str = READER, **resource: Any) -> None:
        """Grant, as the consumer's administrator."""
        self.client("lakeformation", CONSUMER).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=resource, Permissions=list(permissions)
        )

    def target(self, table: str, **columns: Any) -> dict[str, Any]:
        """Return the target of the link to *table*, as grants name it."""
        named = {"CatalogId": self.owner, "DatabaseName": "connect_datalake", "Name": table}
        return {"TableWithColumns": named | (columns or {"ColumnWildcard": {}})}

    def let_read(self, table: str, to: str = READER, **columns: Any) -> None:
        """Grant what reading *table* through its link takes: DESCRIBE on database and link, SELECT on the target."""
        self.grant("DESCRIBE", to=to, Database={"Name": "links"})
        self.grant("DESCRIBE", to=to, Table={"DatabaseName": "links", "Name": table})
        self.grant("SELECT", to=to, **self.target(table, **columns))

    def reader(self, statements: list[dict[str, Any]] = READER_POLICY) -> Any:
        """Return an Athena client as the reader, whose role is made when it is missing, with these statements."""
        iam = self.client("iam", CONSUMER)
        trust = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": "sts:AssumeRole"}
        if not any(role["RoleName"] == "reader" for role in iam.list_roles()["Roles"]):
            iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(document([trust])))
        iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=json.dumps(document(statements)))
        keys = self.client("sts", CONSUMER).assume_role(RoleArn=READER, RoleSessionName="test")["Credentials"]
        return self.client("athena", keys)

    def admin(self) -> Any:
        """Return an Athena client as the administrator, who is a Lake Formation administrator too."""
        return self.client("athena", CONSUMER)


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def start(athena: Any, sql: str, *, database: str = "links", **asked: Any) -> str:
    usual = {"ResultConfiguration": {"OutputLocation": RESULTS}, "QueryExecutionContext": {"Database": database}}
    started = athena.start_query_execution(QueryString=sql, **(usual | asked))
    return str(started["QueryExecutionId"])


def finish(athena: Any, identifier: str) -> Query:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        execution = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.02)
    if execution["Status"]["State"] != "SUCCEEDED":
        return Query(execution, [])
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=identifier)
    rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
    return Query(execution, [[datum.get("VarCharValue") for datum in row] for row in rows])


def run(athena: Any, sql: str, **asked: Any) -> Query:
    return finish(athena, start(athena, sql, **asked))


def value(athena: Any, sql: str, **asked: Any) -> str | None:
    """Return the one value that *sql* answers."""
    found = run(athena, sql, **asked)
    assert found.state == "SUCCEEDED", found.reason
    (_, (only,)) = found.rows
    return only


def share(account: Consumer, names: list[str], rows: int) -> str:
    """Seed a lake, share it with the consumer and link each table; return the lake's owner."""
    client = account.client
    seeded = account.box.seed(instance_account=PRODUCER, region=REGION, tables=names, rows=rows)
    client("connect", PRODUCER).batch_associate_analytics_data_set(
        InstanceId=seeded["instance_id"], DataSetIds=names, TargetAccountId=CONSUMER
    )
    ram = client("ram", CONSUMER)
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    client("lakeformation", CONSUMER).put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": [{"DataLakePrincipalIdentifier": ADMIN}]}
    )
    glue = client("glue", CONSUMER)
    glue.create_database(DatabaseInput={"Name": "links", "CreateTableDefaultPermissions": []})
    for name in names:
        target = {"CatalogId": seeded["lake_account"], "DatabaseName": "connect_datalake", "Name": name}
        glue.create_table(DatabaseName="links", TableInput={"Name": name, "TargetTable": target})
    return str(seeded["lake_account"])


def open_account(box: Sandbox, client: ClientMaker) -> Consumer:
    """Return an account with a results bucket and nothing shared with it."""
    where = {"LocationConstraint": REGION}
    client("s3", CONSUMER).create_bucket(Bucket="results-bucket", CreateBucketConfiguration=where)
    return Consumer(box, client, owner="")


def refusal(call: Any, **params: Any) -> dict[str, Any]:
    """Return the error that *call* is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**params)
    response: dict[str, Any] = dict(refused.value.response)
    return response


def message(call: Any, **params: Any) -> str:
    """Return what *call* is refused with, in words."""
    return str(refusal(call, **params)["Error"]["Message"])
