"""What tests of the lake have in common: Connect's lake, two accounts, a reader, and the steps that share a table."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshare.sandbox import Sandbox
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.services.connect.lake import Instances, lake_owner
from lakeshare.sandbox.services.glue.catalog import Catalogs
from lakeshare.sandbox.services.lakeformation.access import OpenTable, open_table
from tests.sandbox.conftest import ClientMaker

PRODUCER = "111111111111"
CONSUMER = "222222222222"
REGION = "ap-southeast-2"
OWNER = lake_owner(REGION)
ADMIN = f"arn:aws:iam::{CONSUMER}:user/administrator"
READER = f"arn:aws:iam::{CONSUMER}:role/reader"
LINKS = "connect_analytics_consumer"
LINK = "contact_record_link"
TARGET = {"CatalogId": OWNER, "DatabaseName": "connect_datalake", "Name": "contact_record"}
COLUMNS = [("contact_id", "string"), ("instance_id", "string"), ("customer_number", "string")]


@contextmanager
def refused(code: str, words: str | None = None) -> Iterator[None]:
    """Expect a refusal with that code, and with those words where they matter."""
    with pytest.raises(ClientError, match=words) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def as_role(client: ClientMaker, service: str, name: str, account: str = CONSUMER) -> Any:
    """Return a client that acts as a role of the account, which is made when missing; IAM lets it do everything."""
    iam = client("iam", account)
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    if name not in [each["RoleName"] for each in iam.list_roles()["Roles"]]:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted))
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=everything)
    arn = f"arn:aws:iam::{account}:role/{name}"
    keys = client("sts", account).assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return client(service, keys)


def keys_of_role(client: ClientMaker, account: str, name: str, *actions: str) -> Any:
    """Make a role that may do *actions* on everything, and nothing else; return keys of a session of it."""
    trusted = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    iam = client("iam", account)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted))["Role"]["Arn"]
    allowed = document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=allowed)
    return client("sts", account).assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]


def document(statement: dict[str, Any]) -> str:
    """Return a policy document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True, slots=True)
class Story:
    """Every step of sharing one table of Connect's lake with one reader, to be taken in order, or left out."""

    box: Sandbox
    client: ClientMaker

    def seed(self) -> str:
        """Make the lake, its owner's tables and the producer's instance; return the instance's id."""
        catalogs = self.box.world.store(Catalogs)
        catalogs.create_database(OWNER, REGION, {"Name": "connect_datalake"}, creator=f"arn:aws:iam::{OWNER}:root")
        for name in ("contact_record", "agent_metrics"):
            columns = [{"Name": column, "Type": type_} for column, type_ in COLUMNS]
            storage = {"Columns": columns, "Location": f"s3://lake/connect_datalake/{name}/"}
            given = {"Name": name, "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
            catalogs.create_table(OWNER, REGION, "connect_datalake", given, creator=f"arn:aws:iam::{OWNER}:root")
        data_sets = {"contact_record": "Contact record", "agent_metrics": "Agent metrics"}
        return self.box.world.store(Instances).add(PRODUCER, REGION, data_sets)

    def associate(self, *data_sets: str) -> list[dict[str, Any]]:
        """Share data sets with the consumer; return what was created."""
        connect = self.client("connect", PRODUCER)
        instance = connect.list_instances()["InstanceSummaryList"][0]["Id"]
        answer = connect.batch_associate_analytics_data_set(
            InstanceId=instance, DataSetIds=list(data_sets or ["contact_record"]), TargetAccountId=CONSUMER
        )
        created: list[dict[str, Any]] = answer["Created"]
        return created

    def invitations(self) -> list[dict[str, Any]]:
        """Return what the consumer was invited to."""
        answer = self.client("ram", CONSUMER).get_resource_share_invitations()
        found: list[dict[str, Any]] = answer["resourceShareInvitations"]
        return found

    def accept(self) -> None:
        """Accept every invitation."""
        for invitation in self.invitations():
            arn = invitation["resourceShareInvitationArn"]
            self.client("ram", CONSUMER).accept_resource_share_invitation(resourceShareInvitationArn=arn)

    def become_admin(self, account: str = CONSUMER, **settings: Any) -> None:
        """Make the account's administrator a data lake administrator, and new databases Lake Formation's to rule."""
        admin = f"arn:aws:iam::{account}:user/administrator"
        given = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": admin}], **settings}
        self.client("lakeformation", account).put_data_lake_settings(DataLakeSettings=given)

    def create_reader(self) -> None:
        """Make the reader's role."""
        trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        self.client("iam", CONSUMER).create_role(RoleName="reader", AssumeRolePolicyDocument=document(trusted))

    def create_links(self) -> None:
        """Make the consumer's database and the link in it."""
        glue = self.client("glue", CONSUMER)
        glue.create_database(DatabaseInput={"Name": LINKS, "CreateTableDefaultPermissions": []})
        glue.create_table(DatabaseName=LINKS, TableInput={"Name": LINK, "TargetTable": TARGET})

    def grant(self, resource: dict[str, Any], *permissions: str, account: str = CONSUMER, to: str = READER) -> None:
        """Grant, as the account's administrator."""
        self.client("lakeformation", account).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": to}, Resource=resource, Permissions=list(permissions)
        )

    def grant_on_database(self) -> None:
        """Let the reader see the consumer's database."""
        self.grant({"Database": {"Name": LINKS}}, "DESCRIBE")

    def grant_on_link(self) -> None:
        """Let the reader see the link."""
        self.grant({"Table": {"DatabaseName": LINKS, "Name": LINK}}, "DESCRIBE")

    def grant_on_target(self) -> None:
        """Let the reader read the target: the owner's catalog, named in the resource."""
        self.grant({"TableWithColumns": {**TARGET, "ColumnWildcard": {}}}, "SELECT")

    def tell(self, *, without: str = "") -> None:
        """Take every step but the one named *without*."""
        self.seed()
        for step in (
            self.associate,
            self.accept,
            self.become_admin,
            self.create_reader,
            self.create_links,
            self.grant_on_database,
            self.grant_on_link,
            self.grant_on_target,
        ):
            if step.__name__ != without:
                step()

    def read(self, database: str = LINKS, name: str = LINK) -> OpenTable:
        """Open the table as the reader would; ServiceError where it may not."""
        session = f"arn:aws:sts::{CONSUMER}:assumed-role/reader/test"
        caller = Caller(CONSUMER, session, READER, "role")
        return open_table(self.box.world, caller, REGION, CONSUMER, database, name)

    def set_delays(self, **seconds: float) -> None:
        """Set the sandbox's propagation delays, over its control interface."""
        url, body = f"{self.box.endpoint_url}/_sandbox/delays", json.dumps(seconds).encode()
        request = urllib.request.Request(url, body, method="PUT")  # noqa: S310 - our own loopback URL
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            assert answer.status == 200
